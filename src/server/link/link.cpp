// SPDX-License-Identifier: Apache-2.0
#include "server/link/link.hpp"

#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <memory>

namespace nigh::server {
namespace {

struct ControlBuffer {
  alignas(cmsghdr) char bytes[CMSG_SPACE(sizeof(int) * kMaxDescriptors)]{};
};

void attach(msghdr& message, ControlBuffer& control, const std::vector<UniqueFd>& descriptors) {
  if (descriptors.empty()) return;
  message.msg_control = control.bytes;
  message.msg_controllen = CMSG_SPACE(sizeof(int) * descriptors.size());
  auto* header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof(int) * descriptors.size());
  auto* out = CMSG_DATA(header);
  for (const auto& descriptor : descriptors) {
    int fd = descriptor.get();
    std::memcpy(out, &fd, sizeof fd);
    out += sizeof fd;
  }
}

std::vector<UniqueFd> detach(msghdr& message) {
  std::vector<UniqueFd> descriptors;
  for (auto* header = CMSG_FIRSTHDR(&message); header != nullptr;
       header = CMSG_NXTHDR(&message, header)) {
    if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
    auto count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; ++i) {
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(header) + i * sizeof fd, sizeof fd);
      descriptors.emplace_back(fd);
    }
  }
  return descriptors;
}

std::size_t memory_of(const Packet& packet) { return sizeof packet + packet.bytes.size(); }

// 0 or an errno.
int send_packet(int socket, const Packet& packet) {
  ControlBuffer control;
  iovec data{const_cast<char*>(packet.bytes.data()), packet.bytes.size()};
  msghdr message{};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  attach(message, control, packet.descriptors);
  while (::sendmsg(socket, &message, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
    if (errno != EINTR) return errno;
  return 0;
}

}  // namespace

Result<std::pair<UniqueFd, UniqueFd>> Link::make_pair() {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
    return fail_errno("cannot make a socket pair", errno);
  return std::pair(UniqueFd(ends[0]), UniqueFd(ends[1]));
}

void Link::send(std::string bytes, std::vector<UniqueFd> descriptors) {
  expect(bytes.size() <= kMaxPacket && descriptors.size() <= kMaxDescriptors, "packet too large");
  queue_.push_back({std::move(bytes), std::move(descriptors)});
  queued_ += memory_of(queue_.back());
  (void)flush();  // a link that is gone shows in receive()
}

Result<void> Link::flush() {
  while (!queue_.empty()) {
    int error = send_packet(socket_.get(), queue_.front());
    if (error == EAGAIN || error == EWOULDBLOCK) return {};
    if (error != 0) {
      queue_.clear();
      queued_ = 0;
      return fail(Errc::closed, "a process of the server has gone");
    }
    queued_ -= memory_of(queue_.front());
    queue_.pop_front();
  }
  return {};
}

Result<std::optional<Packet>> Link::receive() {
  // One buffer a thread, never zeroed: its pages are memory only when a packet needs them, and each
  // session has a process with one.
  thread_local auto buffer = std::make_unique_for_overwrite<char[]>(kMaxPacket);
  ControlBuffer control;
  iovec data{buffer.get(), kMaxPacket};
  msghdr message{};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  message.msg_control = control.bytes;
  message.msg_controllen = sizeof control.bytes;
  ssize_t size;
  do {
    size = ::recvmsg(socket_.get(), &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  } while (size < 0 && errno == EINTR);
  if (size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return std::nullopt;
  if (size <= 0) return fail(Errc::closed, "a process of the server has gone");
  Packet packet{std::string(buffer.get(), static_cast<std::size_t>(size)), detach(message)};
  if ((message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0)
    return fail(Errc::malformed, "a packet between processes is too large");
  return packet;
}

}  // namespace nigh::server
