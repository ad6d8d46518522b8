// SPDX-License-Identifier: Apache-2.0
#include "server/worker/worker.hpp"

namespace nigh::server {

// As files: no option of OpenSSH's allows it, so a key that is restricted in any way may not.
void Worker::on(FrontPosition front, const OpenChannels& message) {
  auto grant = granted_all(message.grant);
  if (!grant) return refuse_unless(front, message.request, std::unexpected(grant.error()));
  const auto& options = (*grant)->options;
  if (options.restricted || options.command)
    return refuse_unless(
        front, message.request,
        refuse(Trouble::not_permitted, "this key is restricted and may not use channels"));
  channels_->open(&*front, message.request,
                  [front](WorkerToFront answer, std::vector<UniqueFd> descriptors) {
                    front->link->send(answer, std::move(descriptors));
                  });
}

}  // namespace nigh::server
