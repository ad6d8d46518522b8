// SPDX-License-Identifier: Apache-2.0
#include "tun_device.hpp"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <sched.h>
#include <spawn.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <algorithm>
#include <vector>

namespace nigh::emulator {
namespace {

constexpr const char* kDeviceName = "nigh0";
constexpr int kMtu = 1500;
constexpr int kTransmitQueue = 10'000;  // packets; the default of 500 overflows in a burst

Result<void> run_ip(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "ip");
  std::vector<char*> argv;
  for (auto& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  pid_t pid = -1;
  if (int error = posix_spawnp(&pid, "ip", nullptr, nullptr, argv.data(), environ)) {
    return fail_errno("cannot run ip (package iproute2)", error);
  }
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) continue;
  if (status == 0) return {};
  return fail(Errc::system,
              fmt::format("'{}' failed: its message is above", fmt::join(arguments, " ")));
}

// Puts the calling thread into a namespace for as long as this object lives.
class Visit {
 public:
  static Result<Visit> enter(const std::string& name) {
    UniqueFd home(::open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC));
    if (!home.valid()) return fail_errno("cannot open /proc/thread-self/ns/net", errno);
    std::string path = "/run/netns/" + name;
    UniqueFd there(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!there.valid()) return fail_errno("cannot open " + path, errno);
    if (setns(there.get(), CLONE_NEWNET) < 0) return fail_errno("cannot enter " + path, errno);
    return Visit(std::move(home));
  }
  Visit(Visit&&) = default;
  Visit& operator=(Visit&&) = delete;
  ~Visit() {
    if (home_.valid() && setns(home_.get(), CLONE_NEWNET) < 0) bug("cannot leave a namespace");
  }

 private:
  explicit Visit(UniqueFd home) : home_(std::move(home)) {}
  UniqueFd home_;
};

ifreq request_for(const char* device) {
  ifreq request = {};
  strncpy(request.ifr_name, device, IFNAMSIZ - 1);
  return request;
}

ifreq request_for_address(const in_addr& address) {
  ifreq request = request_for(kDeviceName);
  sockaddr_in value = {};
  value.sin_family = AF_INET;
  value.sin_addr = address;
  memcpy(&request.ifr_addr, &value, sizeof value);
  return request;
}

ifreq request_up(const char* device) {
  ifreq request = request_for(device);
  request.ifr_flags = IFF_UP | IFF_RUNNING;
  return request;
}

struct Setting {
  unsigned long operation;
  ifreq request;
  const char* what;
};

Result<std::vector<Setting>> settings_for(const std::string& address) {
  in_addr own = {};
  if (inet_pton(AF_INET, address.c_str(), &own) != 1) {
    return fail(Errc::usage, fmt::format("'{}' is no IPv4 address", address));
  }
  ifreq mtu = request_for(kDeviceName);
  mtu.ifr_mtu = kMtu;
  ifreq queue = request_for(kDeviceName);
  queue.ifr_qlen = kTransmitQueue;
  return std::vector<Setting>{
      {SIOCSIFMTU, mtu, "MTU"},
      {SIOCSIFTXQLEN, queue, "queue length"},
      {SIOCSIFADDR, request_for_address(own), "address"},
      {SIOCSIFNETMASK, request_for_address({.s_addr = htonl(0xffffff00)}), "network mask"},
      {SIOCSIFFLAGS, request_up(kDeviceName), "state"},
      {SIOCSIFFLAGS, request_up("lo"), "state"},
  };
}

Result<void> configure_device(const std::string& address) {
  auto settings = settings_for(address);
  if (!settings) return std::unexpected(settings.error());
  UniqueFd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!socket.valid()) return fail_errno("cannot make a socket", errno);
  for (auto& [operation, request, what] : *settings) {
    if (ioctl(socket.get(), operation, &request) < 0) {
      return fail_errno(fmt::format("cannot set the {} of {}", what, request.ifr_name), errno);
    }
  }
  return {};
}

// What TUN puts before each packet (VIRTIO 1.2, 5.1.6); <linux/virtio_net.h> is not for C++.
struct PacketHeader {
  std::uint8_t flags;
  std::uint8_t segmentation;  // 0: a packet as on the wire
  std::uint16_t header_size;  // only a hint
  std::uint16_t segment_size;
  std::uint16_t checksum_start;  // which is where TCP starts
  std::uint16_t checksum_offset;
};

// IP and TCP headers, given where TCP starts.
std::size_t header_bytes(std::string_view packet, std::size_t tcp) {
  constexpr std::size_t kDataOffset = 12;
  if (tcp + kDataOffset >= packet.size()) return packet.size();
  std::size_t words = static_cast<unsigned char>(packet[tcp + kDataOffset]) >> 4;
  return std::min(tcp + 4 * words, packet.size());
}

}  // namespace

Result<Namespace> Namespace::create(const std::string& name) {
  if (auto r = run_ip({"netns", "add", name}); !r) return std::unexpected(r.error());
  return Namespace(name);
}

Namespace::~Namespace() {
  if (name_.empty()) return;
  if (auto r = run_ip({"netns", "delete", name_}); !r)
    fmt::print(stderr, "{}\n", r.error().message);
}

Result<TunDevice> TunDevice::open(const Namespace& place, const std::string& address) {
  auto visit = Visit::enter(place.name());
  if (!visit) return std::unexpected(visit.error());
  UniqueFd fd(::open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC));
  if (!fd.valid()) return fail_errno("cannot open /dev/net/tun", errno);
  ifreq request = request_for(kDeviceName);
  request.ifr_flags = IFF_TUN | IFF_NO_PI | IFF_VNET_HDR;
  if (ioctl(fd.get(), TUNSETIFF, &request) < 0) {
    return fail_errno(fmt::format("cannot make {} in {}", kDeviceName, place.name()), errno);
  }
  TunDevice device(std::move(fd));
  if (auto r = device.set_segmentation_offload(true); !r) return std::unexpected(r.error());
  if (auto r = configure_device(address); !r) return std::unexpected(r.error());
  return device;
}

Result<void> TunDevice::set_segmentation_offload(bool on) {
  unsigned long offload = TUN_F_CSUM;
  if (on) offload |= TUN_F_TSO4 | TUN_F_TSO6;
  if (ioctl(fd_.get(), TUNSETOFFLOAD, offload) == 0) return {};
  return fail_errno("cannot set the offloads of a TUN device", errno);
}

std::string_view TunDevice::read_packet(char* buffer) {
  ssize_t n = ::read(fd_.get(), buffer, kLargestPacket);
  return {buffer, static_cast<std::size_t>(std::max<ssize_t>(n, 0))};
}

void TunDevice::write_packet(std::string_view packet) {
  [[maybe_unused]] ssize_t taken = ::write(fd_.get(), packet.data(), packet.size());
}

std::size_t wire_bytes(std::string_view packet) {
  PacketHeader header;
  if (packet.size() < sizeof header) return 0;
  memcpy(&header, packet.data(), sizeof header);
  packet.remove_prefix(sizeof header);
  if (header.segmentation == 0 || header.segment_size == 0) return packet.size();
  std::size_t headers = header_bytes(packet, header.checksum_start);
  std::size_t segments = (packet.size() - headers + header.segment_size - 1) / header.segment_size;
  return packet.size() + headers * (std::max<std::size_t>(segments, 1) - 1);
}

}  // namespace nigh::emulator
