// SPDX-License-Identifier: Apache-2.0
// A forwarder's datagrams: one tunnel for each address that sends some.
#include <chrono>
#include <map>
#include <utility>
#include <vector>

#include "client/forwarder.hpp"
#include "client/forwarder_parts.hpp"
#include "client/udp_flow.hpp"

namespace nigh::client {
namespace {

using namespace std::chrono_literals;

// RFC 4787, section 4.3, has two minutes for a NAT; those who ask and are answered need less.
constexpr auto kIdle = 60s;
constexpr std::size_t kMaxFlows = 1024;

}  // namespace

struct Forwarder::Flows {
  std::shared_ptr<UdpListener> listener;
  tunnel::Address target;
  std::map<UdpListener::Endpoint, std::shared_ptr<UdpFlow>> by_sender;
};

awaitable<void> Forwarder::start_udp(tunnel::Forward forward) {
  auto flows = std::make_shared<Flows>();
  flows->listener = co_await UdpListener::open(forward.listen);
  flows->target = forward.target;
  auto description = describe(forward, flows->listener->address());
  listening_.push_back(description);
  tasks_.begin(serve_udp(shared_from_this(), std::move(flows), std::move(description)));
}

awaitable<void> Forwarder::serve_udp(Self self, std::shared_ptr<Flows> flows, Listening by) {
  std::vector<char> buffer(1 << 16);
  for (;;) {
    auto datagram = co_await flows->listener->receive(buffer);
    auto& known = flows->by_sender;
    auto found = known.find(datagram.from);
    auto flow = found == known.end() ? nullptr : found->second;
    if (!flow) {
      if (known.size() >= kMaxFlows) continue;
      flow = std::make_shared<UdpFlow>(flows->listener, datagram.from);
      known.emplace(datagram.from, flow);
      self->tasks_.begin(
          carry_udp(self, flows, datagram.from, self->visit(by, text_of_peer(datagram.from))));
    }
    flow->push({buffer.data(), datagram.size});
  }
}

awaitable<void> Forwarder::carry_udp(Self self, std::shared_ptr<Flows> flows,
                                     UdpListener::Endpoint sender, Visit visit) {
  struct Remove {
    Flows& flows;
    UdpListener::Endpoint sender;
    ~Remove() { flows.by_sender.erase(sender); }
  } remove{*flows, sender};
  auto flow = flows->by_sender.at(sender);
  try {
    auto stream = co_await self->open(flows->target, true);
    if (self->events_.on_opened) self->events_.on_opened(visit.connection);
    co_await flow->run(*stream, kIdle);
    visit.connection.sent = stream->sent();
    visit.connection.received = stream->received();
    if (self->events_.on_closed) self->events_.on_closed(visit.connection);
  } catch (const std::exception&) {
    self->tell_failed(visit, std::current_exception());
  }
}

}  // namespace nigh::client
