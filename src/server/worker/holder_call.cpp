// SPDX-License-Identifier: Apache-2.0
#include "server/worker/holder_call.hpp"

namespace nigh::server {

HolderCall::HolderCall(const asio::any_io_executor& executor, UniqueFd link, OnAnswer on_answer)
    : on_answer_(std::move(on_answer)),
      link_(executor, std::move(link),
            {[this](FromHolder answer, std::vector<UniqueFd>) { end(std::move(answer)); },
             [this](const Error& error) { end(std::unexpected(error)); }}),
      limit_(executor) {}

void HolderCall::limit(std::chrono::seconds time) {
  limit_.expires_after(time);
  // The wait may have succeeded just before the call was destroyed.
  limit_.async_wait([this, alive = std::weak_ptr(alive_)](boost::system::error_code cancelled) {
    if (!cancelled && !alive.expired()) end(fail(Errc::timeout, "it does not answer"));
  });
}

void HolderCall::end(Result<FromHolder> answer) {
  limit_.cancel();
  if (auto on_answer = std::exchange(on_answer_, nullptr)) on_answer(std::move(answer));
}

}  // namespace nigh::server
