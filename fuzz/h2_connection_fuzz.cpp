// SPDX-License-Identifier: Apache-2.0
// A whole connection of a front: TLS over the loopback interface, then any bytes as HTTP/2, from a
// stranger whom the keeper lets in (an odd number of bytes) or not. There is no worker.
#include <cstdint>
#include <ctime>

#include "io/loopback_for_test.hpp"
#include "server/front/connection.hpp"
#include "server/front/kept_tunnels.hpp"
#include "ssh/host_chain.hpp"

using namespace nigh;

static io::TlsContext server_tls() {
  auto key = unwrap(ssh::PrivateKey::generate_ed25519());
  auto chain = unwrap(ssh::make_host_chain(key, ::time(nullptr), std::chrono::hours(100)));
  return unwrap(
      io::TlsContext::server(chain.leaf_key_der.expose(), chain.leaf_der, chain.host_der));
}

static awaitable<void> talk(io::TlsStream& client, std::string_view bytes) {
  co_await client.handshake();
  co_await client.send(bytes);
  client.socket().shutdown(tcp::socket::shutdown_send);
  while (co_await client.receive([](std::string_view) {})) {
  }
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto tls = server_tls(), client_tls = io::TlsContext::client();
  asio::io_context context(1);
  auto [ours, theirs] = io::for_test::connected_pair(context);
  server::WorkerClient worker(context.get_executor());
  server::KeptTunnels tunnels(context.get_executor());
  std::optional<server::Connection> connection;
  auto ask = [&](server::RequestId id, server::Credentials) {
    asio::post(context, [&, id] { connection->verdict(id, size % 2 == 1, {}); });
  };
  connection.emplace(std::move(theirs), tls, worker, tunnels, server::ConnectionSettings(), "x 1",
                     ask);
  io::TlsStream client(std::move(ours), client_tls);
  asio::co_spawn(context, connection->run(), [](std::exception_ptr) {});
  asio::co_spawn(context, talk(client, {reinterpret_cast<const char*>(data), size}),
                 [](std::exception_ptr) {});
  context.run();
  return 0;
}
