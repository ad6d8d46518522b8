// SPDX-License-Identifier: Apache-2.0
#include "server/worker/worker.hpp"

namespace nigh::server {

template <class Message>
void Worker::about_sessions(FrontPosition front, const GrantId& id, const Message& message,
                            void (Sessions::*handle)(Sessions::Owner, const Message&, const Grant&,
                                                     Sessions::Answer)) {
  auto grant = granted(id);
  if (!grant) return refuse_unless(front, message.request, std::unexpected(grant.error()));
  (*sessions_.*handle)(&*front, message, **grant,
                       [front](WorkerToFront answer, std::vector<UniqueFd> descriptors) {
                         front->link->send(answer, std::move(descriptors));
                       });
}

void Worker::on(FrontPosition front, const StartSession& message) {
  if (auto grant = granted_all(message.command.grant); !grant)
    return refuse_unless(front, message.request, std::unexpected(grant.error()));
  if (auto room = has_room(); !room) return refuse_unless(front, message.request, room);
  about_sessions(front, message.command.grant, message, &Sessions::start);
}

void Worker::on(FrontPosition front, const AttachSession& message) {
  about_sessions(front, message.grant, message, &Sessions::attach);
}

void Worker::on(FrontPosition front, const AskSessions& message) {
  about_sessions(front, message.grant, message, &Sessions::ask);
}

void Worker::on(FrontPosition front, const SignalSession& message) {
  about_sessions(front, message.grant, message, &Sessions::signal);
}

}  // namespace nigh::server
