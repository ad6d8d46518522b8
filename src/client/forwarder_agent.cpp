// SPDX-License-Identifier: Apache-2.0
// A Forwarder's listener for who looks for an ssh-agent on the host.
#include "client/agent_talk.hpp"
#include "client/forwarder.hpp"
#include "client/forwarder_parts.hpp"
#include "client/tunnel_pipe.hpp"

namespace nigh::client {

awaitable<void> Forwarder::Inward::open(std::shared_ptr<Connection> connection) {
  listener = std::make_unique<InwardListener>(std::move(connection));
  if (agent.empty()) co_return co_await listener->open(forward.listen);
  co_await listener->open_for_agent(folder);
  folder = listener->folder();
}

awaitable<void> Forwarder::start_agent() {
  auto connection = co_await line_.connection();
  auto inward = std::make_shared<Inward>();
  inward->agent = connection->endpoint().agent_to_forward;
  co_await check_agent(inward->agent);
  co_await inward->open(connection);
  inward->description = {.kind = ForwardKind::agent,
                         .udp = false,
                         .address = inward->listener->address().path,
                         .target = inward->agent};
  listening_.push_back(inward->description);
  tasks_.begin(serve_there(shared_from_this(), std::move(inward)));
}

awaitable<void> Forwarder::serve_agent(Self self, std::shared_ptr<Connection> connection,
                                       InwardListener::Accepted who, std::string socket,
                                       std::string binding, Visit visit) {
  try {
    auto stream = std::make_unique<TunnelStream>(connection);
    co_await stream->open(tunnel_accepted(*connection, who.id));
    struct Leave {
      std::shared_ptr<TunnelPipe> pipe;
      ~Leave() { pipe->leave(); }
    } program{std::make_shared<TunnelPipe>(std::move(stream))};
    co_await client::serve_agent(*program.pipe, std::move(socket), std::move(binding));
  } catch (const std::exception&) {
    self->tell_failed(visit, std::current_exception());
  }
}

}  // namespace nigh::client
