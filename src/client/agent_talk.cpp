// SPDX-License-Identifier: Apache-2.0
#include "client/agent_talk.hpp"

#include <fmt/format.h>

#include <boost/asio/write.hpp>

#include "base/text.hpp"
#include "client/agent_client.hpp"
#include "ssh/agent_filter.hpp"

namespace nigh::client {
namespace {

constexpr std::size_t kPiece = 16 * 1024;

}  // namespace

awaitable<void> check_agent(std::string socket_path) {
  if (socket_path.empty())
    throw Failure(Errc::unavailable,
                  "there is no ssh-agent here: SSH_AUTH_SOCK is not set (eval $(ssh-agent) starts "
                  "one, ssh-add gives it keys)");
  co_await connect_to_agent(std::move(socket_path));
}

awaitable<void> serve_agent(TunnelPipe& program, std::string socket_path, std::string binding) {
  auto agent = co_await connect_to_agent(socket_path);
  ssh::AgentFilter filter(std::move(binding));
  std::string piece(kPiece, '\0');
  for (;;) {
    boost::system::error_code broken;
    auto outcome = asio::redirect_error(asio::use_awaitable, broken);
    if (auto request = filter.to_agent(); !request.empty())
      co_await asio::async_write(agent, asio::buffer(request), outcome);
    if (auto answer = filter.to_program(); !answer.empty()) co_await program.write(answer);
    if (filter.waits_for_agent()) {
      std::size_t size = 0;
      if (!broken) size = co_await agent.async_read_some(asio::buffer(piece), outcome);
      if (broken == asio::error::operation_aborted) throw Failure(Errc::cancelled, "cancelled");
      if (broken)
        throw Failure(Errc::unavailable, fmt::format("the ssh-agent at {} closed the connection",
                                                     printable(socket_path)));
      unwrap(filter.from_agent(std::string_view(piece).substr(0, size)));
    } else {
      auto size = co_await program.read(piece);
      if (size == 0) co_return program.close_output();
      unwrap(filter.from_program(std::string_view(piece).substr(0, size)));
    }
  }
}

}  // namespace nigh::client
