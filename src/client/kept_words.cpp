// SPDX-License-Identifier: Apache-2.0
#include "client/kept_words.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <cerrno>

#include "base/error.hpp"
#include "client/kept_messages.hpp"

namespace nigh::client {
namespace {

constexpr std::size_t kHeader = 4;
constexpr std::size_t kMaxPacket = 1 << 20;

[[noreturn]] void fail_closed() {
  throw Failure(Errc::closed, "the process at the other end of a socket is gone");
}

}  // namespace

tcp::socket dressed(const asio::any_io_executor& executor, UniqueFd fd) {
  tcp::socket socket(executor);
  socket.assign(tcp::v4(), fd.get());
  (void)fd.release();
  return socket;
}

awaitable<void> send_word(tcp::socket& socket, std::string_view word) {
  wire::Writer out;
  out.string(word);
  auto bytes = std::move(out).str();
  boost::system::error_code failed;
  co_await asio::async_write(socket, asio::buffer(bytes),
                             asio::redirect_error(asio::use_awaitable, failed));
  if (failed) fail_closed();
}

awaitable<std::string> receive_word(tcp::socket& socket) {
  boost::system::error_code failed;
  std::string header(kHeader, '\0');
  co_await asio::async_read(socket, asio::buffer(header),
                            asio::redirect_error(asio::use_awaitable, failed));
  if (failed) fail_closed();
  auto size = wire::Reader(header).u32();
  if (size > kMaxKeptWord) throw Failure(Errc::malformed, "a word is longer than any is");
  std::string word(size, '\0');
  co_await asio::async_read(socket, asio::buffer(word),
                            asio::redirect_error(asio::use_awaitable, failed));
  if (failed) fail_closed();
  co_return word;
}

awaitable<std::string> receive_packet(asio::posix::stream_descriptor& link) {
  std::string packet(kMaxPacket, '\0');
  for (;;) {
    auto n = ::recv(link.native_handle(), packet.data(), packet.size(), MSG_DONTWAIT);
    if (n < 0 && errno == EAGAIN) {
      co_await link.async_wait(asio::posix::stream_descriptor::wait_read, asio::use_awaitable);
      continue;
    }
    if (n < 0 && errno == EINTR) continue;
    packet.resize(n > 0 ? static_cast<std::size_t>(n) : 0);
    co_return packet;
  }
}

bool send_packet(int link, std::string_view packet) {
  for (;;) {
    if (::send(link, packet.data(), packet.size(), MSG_NOSIGNAL) >= 0) return true;
    if (errno == EAGAIN) {
      pollfd writable{link, POLLOUT, 0};
      ::poll(&writable, 1, -1);
    } else if (errno != EINTR) {
      return false;
    }
  }
}

}  // namespace nigh::client
