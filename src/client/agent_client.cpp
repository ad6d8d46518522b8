// SPDX-License-Identifier: Apache-2.0
#include "client/agent_client.hpp"

#include <fmt/format.h>
#include <sys/un.h>

#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include "base/text.hpp"
#include "io/runtime.hpp"

namespace nigh::client {
namespace {

using namespace std::chrono_literals;

constexpr auto kListLimit = 5s;
constexpr auto kSignLimit = 60s;

awaitable<std::string> exchange(std::string path, std::string request) {
  auto socket = co_await connect_to_agent(path);
  co_await asio::async_write(socket, asio::buffer(request), asio::use_awaitable);
  std::string header(ssh::kAgentHeader, '\0');
  co_await asio::async_read(socket, asio::buffer(header), asio::use_awaitable);
  std::string reply(unwrap(ssh::agent_frame_length(header)), '\0');
  co_await asio::async_read(socket, asio::buffer(reply), asio::use_awaitable);
  co_return reply;
}

awaitable<std::string> ask(std::string path, std::string request, io::Duration limit) {
  auto message = fmt::format("the ssh-agent at {} does not answer", printable(path));
  try {
    auto task = exchange(path, std::move(request));
    co_return co_await io::with_timeout(std::move(task), limit, message);
  } catch (const boost::system::system_error& e) {
    if (e.code() == asio::error::operation_aborted) throw;
    throw Failure(Errc::unavailable,
                  fmt::format("the ssh-agent at {} closed the connection", printable(path)));
  }
}

}  // namespace

awaitable<AgentSocket> connect_to_agent(std::string path) {
  if (path.size() >= sizeof(sockaddr_un::sun_path))
    throw Failure(Errc::usage,
                  fmt::format("the agent's socket path is too long: {}", printable(path)));
  AgentSocket socket(co_await asio::this_coro::executor);
  boost::system::error_code failed;
  co_await socket.async_connect(path, asio::redirect_error(asio::use_awaitable, failed));
  if (failed)
    throw Failure(Errc::unavailable, fmt::format("cannot reach the ssh-agent at {}: {}",
                                                 printable(path), failed.message()));
  co_return socket;
}

awaitable<std::vector<ssh::AgentKey>> list_agent_keys(std::string socket_path) {
  auto reply = co_await ask(std::move(socket_path), ssh::request_identities(), kListLimit);
  co_return unwrap(ssh::parse_identities(reply));
}

awaitable<std::string> sign_with_agent(std::string socket_path, ssh::PublicKey key,
                                       std::string data) {
  auto request = unwrap(ssh::sign_request(key, data));
  auto reply = co_await ask(std::move(socket_path), std::move(request), kSignLimit);
  co_return unwrap(ssh::parse_sign_reply(reply));
}

}  // namespace nigh::client
