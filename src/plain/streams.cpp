// SPDX-License-Identifier: Apache-2.0
#include "plain/streams.hpp"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/tcp_options.hpp"
#include "base/text.hpp"
#include "client/dial.hpp"
#include "client/kept_words.hpp"
#include "client/target.hpp"
#include "io/lookup.hpp"
#include "plain/gathering.hpp"
#include "plain/peer.hpp"

namespace nigh::plain {
namespace {

Output::Form form_of(const Options& options) {
  return options.print ? Output::Form::lines : Output::Form::bytes;
}

awaitable<tcp::socket> connect_to_path(std::string path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path)
    throw Failure(Errc::usage, fmt::format("the path of a socket has {} characters at most",
                                           sizeof address.sun_path - 1));
  std::memcpy(address.sun_path, path.data(), path.size());
  UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  auto shown = printable(path);
  // It waits for nothing but room in the listener's queue.
  if (!fd.valid() ||
      ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    if (errno == ECONNREFUSED)
      throw Failure(Errc::unavailable, fmt::format("nothing listens on {}", shown));
    throw Failure(errno_error("cannot connect to " + shown, errno));
  }
  co_return client::dressed(co_await asio::this_coro::executor, std::move(fd));
}

Error explain(const Options& options, const std::vector<io::FailedAttempt>& attempts) {
  auto where = client::address_text(options.host, options.port);
  bool refused = std::ranges::all_of(attempts, [](const auto& attempt) {
    return attempt.reason == asio::error::connection_refused;
  });
  if (refused) return {Errc::unavailable, fmt::format("nothing listens on {}", where)};
  return client::explain_failed_dial(where, attempts, options.timeout);
}

awaitable<tcp::socket> connect_socket(const Options& options) {
  if (options.kind == Options::Kind::unix_stream) co_return co_await connect_to_path(options.path);
  auto lookup = io::look_up_host(options.host, options.port);
  auto addresses = co_await io::with_timeout(
      std::move(lookup), options.timeout,
      fmt::format("the name service did not answer about {} in time", options.host));
  io::DialOptions dialing;
  dialing.limit = options.timeout;
  auto raced = co_await io::race(std::move(addresses), dialing);
  if (!raced) throw Failure(explain(options, raced.error()));
  tune_guest(raced->native_handle());
  co_return *std::move(raced);
}

awaitable<void> shake_hands(io::TlsStream& stream, const Options& options) {
  auto name = options.tls.name.empty() ? options.host : options.tls.name;
  stream.engine().expect_peer(name, options.tls.check);
  try {
    auto task = stream.handshake();
    co_await io::with_timeout(std::move(task), options.timeout,
                              fmt::format("{} does not answer in TLS", options.host));
  } catch (const Failure& failure) {
    auto why = stream.engine().why_not_trusted();
    if (why.empty()) throw;
    throw Failure(Errc::refused,
                  fmt::format("the certificate of {} is not trusted: {}", name, why));
  }
  co_await stream.flush();
}

}  // namespace

awaitable<void> connect_to_stream(Options options) {
  auto executor = co_await asio::this_coro::executor;
  MaybeTls tls;
  if (options.tls.on) tls = unwrap(io::TlsContext::plain_client(options.tls.authorities));
  auto socket = co_await connect_socket(options);
  options.tell(fmt::format("Connected to {}", name_of_peer(socket.native_handle())));
  auto stream = clothe(std::move(socket), tls);
  if (tls) co_await shake_hands(*stream, options);
  Input input(executor);
  Output output(executor, form_of(options));
  co_await talk(*stream, input, output);
}

awaitable<void> listen_to_stream(Options options, Listening listening) {
  auto executor = co_await asio::this_coro::executor;
  MaybeTls tls;
  if (options.tls.on)
    tls = unwrap(io::TlsContext::plain_server(options.tls.certificate, options.tls.key));
  std::optional<Acceptor> acceptor(std::in_place, executor, std::move(listening));
  options.tell("Waiting for a connection...");
  if (options.keep_open) {
    auto gathering = std::make_shared<Gathering>(executor, options, std::move(tls));
    co_return co_await gathering->run(*acceptor);
  }
  auto socket = co_await acceptor->next();
  acceptor.reset();  // who comes later is refused
  auto name = name_of_peer(socket.native_handle());
  auto stream = clothe(std::move(socket), tls);
  co_await welcome(*stream, options.timeout);
  options.tell(fmt::format("Connected to {}", name));
  Input input(executor);
  Output output(executor, form_of(options));
  co_await talk(*stream, input, output);
}

}  // namespace nigh::plain
