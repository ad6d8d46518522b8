// SPDX-License-Identifier: Apache-2.0
// Network namespaces and the TUN devices in them. Everything here needs root.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/unique_fd.hpp"

namespace nigh::emulator {

// A network namespace as `ip netns` makes it, removed at the end. One that is there already is
// refused: only what this program made is ever used or removed.
class Namespace {
 public:
  static Result<Namespace> create(const std::string& name);
  Namespace(Namespace&& other) noexcept : name_(std::exchange(other.name_, {})) {}
  Namespace& operator=(Namespace&&) = delete;
  ~Namespace();

  const std::string& name() const { return name_; }

 private:
  explicit Namespace(std::string name) : name_(std::move(name)) {}
  std::string name_;
};

// The device `nigh0` inside a namespace: a full-duplex source and sink of IP packets, each with
// the kernel's virtio_net_hdr in front of it, which travels with the packet to the other side.
class TunDevice {
 public:
  static constexpr std::size_t kLargestPacket = 64 * 1024 + 512;

  // Opens the device in `place`, gives it `address`/24 and brings it (and `lo`) up.
  static Result<TunDevice> open(const Namespace& place, const std::string& address);

  int fd() const { return fd_.get(); }

  // Whether the kernel may hand over TCP segments of one flow as one packet of up to 64 KiB. It
  // is what makes high rates cheap; without it each packet is one as on the wire.
  Result<void> set_segmentation_offload(bool on);

  // Reads one packet into `buffer` of kLargestPacket bytes; empty if there is none now.
  std::string_view read_packet(char* buffer);

  // A packet that the kernel does not take is lost, as on any link.
  void write_packet(std::string_view packet);

 private:
  explicit TunDevice(UniqueFd fd) : fd_(std::move(fd)) {}
  UniqueFd fd_;
};

// The bytes that `packet`, as read from a TunDevice, is on the wire once it is cut into segments.
std::size_t wire_bytes(std::string_view packet);

}  // namespace nigh::emulator
