// SPDX-License-Identifier: Apache-2.0
#include "client/handles_tunnels.hpp"

#include <fmt/format.h>

#include <iterator>

#include "base/text.hpp"

namespace nigh::async::detail {
namespace {

using tunnel::Address;
using tunnel::Direction;

void check_kind(std::string_view kind, std::string_view address) {
  if (kind != "tcp" && kind != "unix")
    throw Failure(Errc::usage,
                  fmt::format("'{}' is no kind of address: tcp or unix", printable(kind)));
  if ((kind == "unix") != address.starts_with('/'))
    throw Failure(Errc::usage, fmt::format("'{}' is no {} address", printable(address), kind));
}

Address target_of(std::string_view kind, const std::string& text) {
  check_kind(kind, text);
  if (kind == "unix") return {.host = "", .port = 0, .path = text};
  auto target = tunnel::parse_host_port(text);
  if (!target) throw Failure(Errc::usage, target.error().message);
  return {.host = target->host, .port = target->port, .path = ""};
}

// What -D takes is an address to listen at, and nothing else.
Address listening_of(std::string_view kind, const std::string& text) {
  check_kind(kind, text);
  auto parsed = unwrap(tunnel::parse_forward(Direction::dynamic, text));
  if (parsed.size() != 1) throw Failure(Errc::usage, "one port can be listened at, not a range");
  return parsed[0].listen;
}

std::vector<tunnel::Forward> parse(const Forwards& forwards) {
  std::vector<tunnel::Forward> all;
  auto add = [&](Direction direction, const std::vector<std::string>& texts) {
    for (const auto& text : texts)
      std::ranges::move(unwrap(tunnel::parse_forward(direction, text)), std::back_inserter(all));
  };
  add(Direction::local, forwards.local);
  add(Direction::remote, forwards.remote);
  add(Direction::dynamic, forwards.dynamic);
  return all;
}

}  // namespace

}  // namespace nigh::async::detail

namespace nigh {

void check(const Forwards& forwards) { (void)async::detail::parse(forwards); }

}  // namespace nigh

namespace nigh::async::detail {

awaitable<TunnelHandle> dial(ConnectionHandle connection, std::string kind, std::string address) {
  auto target = target_of(kind, address);
  auto stream = std::make_unique<client::TunnelStream>(connection->get());
  co_await stream->open(client::tunnel_to(*connection->get(), target));
  co_return std::make_shared<OpenTunnel>(std::move(connection), std::move(stream));
}

awaitable<ListenerHandle> listen(ConnectionHandle connection, std::string kind,
                                 std::string address) {
  auto where = listening_of(kind, address);
  auto listener = std::make_shared<OpenListener>(connection);
  co_await listener->inward.open(std::move(where));
  listener->address = to_text(listener->inward.address());
  co_return listener;
}

awaitable<TunnelHandle> accept(ListenerHandle listener) {
  const auto& connection = listener->connection;
  for (;;) {
    auto who = co_await listener->inward.next();
    auto stream = std::make_unique<client::TunnelStream>(connection->get());
    try {
      co_await stream->open(client::tunnel_accepted(*connection->get(), who.id));
      co_return std::make_shared<OpenTunnel>(connection, std::move(stream));
    } catch (const client::TunnelRefused&) {
      // It was gone before it was fetched.
    }
  }
}

awaitable<ForwardingHandle> forward(ConnectionHandle connection, Forwards forwards,
                                    ForwardEvents events) {
  auto parsed = parse(forwards);
  auto shared = connection->get();
  auto handle = std::make_shared<OpenForwarding>(std::make_shared<client::Forwarder>(
      std::move(shared), std::move(connection), std::move(events)));
  co_await handle->get()->start(std::move(parsed), forwards.agent);
  co_return handle;
}

awaitable<std::size_t> read(TunnelHandle tunnel, std::span<char> into) {
  co_return co_await tunnel->get()->read(into);
}

awaitable<void> write(TunnelHandle tunnel, std::string_view bytes) {
  co_await tunnel->get()->write(bytes);
}

awaitable<void> wait(ForwardingHandle forwarding) { co_await forwarding->get()->wait(); }

}  // namespace nigh::async::detail
