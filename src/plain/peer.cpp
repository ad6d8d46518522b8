// SPDX-License-Identifier: Apache-2.0
#include "plain/peer.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <sys/socket.h>

#include <array>
#include <optional>

namespace nigh::plain {
namespace {

std::string name_of_process(int socket) {
  ucred peer{};
  socklen_t size = sizeof peer;
  if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return "a process";
  return fmt::format("process {} of account {}", peer.pid, peer.uid);
}

struct Sending {
  std::optional<Error> failure;
};

// That it fails is told last: what the peer has sent before it left is worth having.
awaitable<void> send_all(io::TlsStream& stream, Input& input, Sending& sending) {
  try {
    for (auto piece = co_await input.next(); !piece.empty(); piece = co_await input.next())
      co_await stream.send(piece);
    co_await stream.end_sending();
  } catch (const Failure& failure) {
    if (failure.code() == Errc::cancelled) throw;
    sending.failure = failure.error();
  }
}

awaitable<void> receive_and_end(io::TlsStream& stream, Input& input, Output& output) {
  co_await receive_all(stream, output);
  if (input.is_terminal()) input.end();
}

}  // namespace

std::string name_of(const sockaddr* address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (address->sa_family == AF_INET) {
    const auto* in = reinterpret_cast<const sockaddr_in*>(address);
    ::inet_ntop(AF_INET, &in->sin_addr, text.data(), text.size());
    return fmt::format("('{}', {})", text.data(), ntohs(in->sin_port));
  }
  const auto* in6 = reinterpret_cast<const sockaddr_in6*>(address);
  ::inet_ntop(AF_INET6, &in6->sin6_addr, text.data(), text.size());
  return fmt::format("('{}', {}, {}, {})", text.data(), ntohs(in6->sin6_port),
                     ntohl(in6->sin6_flowinfo), in6->sin6_scope_id);
}

std::string name_of_peer(int socket) {
  sockaddr_storage peer{};
  socklen_t size = sizeof peer;
  auto* address = reinterpret_cast<sockaddr*>(&peer);
  if (::getpeername(socket, address, &size) != 0) return "somebody who has left";
  return peer.ss_family == AF_UNIX ? name_of_process(socket) : name_of(address);
}

awaitable<void> receive_all(io::TlsStream& stream, Output& output) {
  auto use = [&output](std::string_view bytes) { output.write(bytes); };
  bool more = true;
  while (more) {
    more = co_await stream.receive(use);
    co_await output.drained();
  }
}

awaitable<void> talk(io::TlsStream& stream, Input& input, Output& output) {
  Sending sending;
  std::vector<awaitable<void>> both;
  both.push_back(receive_and_end(stream, input, output));
  both.push_back(send_all(stream, input, sending));
  co_await io::all_or_none(std::move(both));
  if (sending.failure)
    throw Failure(sending.failure->code,
                  fmt::format("not all of the input was sent: {}", sending.failure->message));
}

}  // namespace nigh::plain
