// SPDX-License-Identifier: Apache-2.0
#include "emulator.hpp"

#include <errno.h>
#include <fmt/format.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

#include <algorithm>

namespace nigh::emulator {
namespace {

constexpr int kBatch = 128;  // packets from one side before the other gets its turn
constexpr std::size_t kLongestCommand = 256;

timespec until(Time due) {
  using namespace std::chrono;
  auto left = std::max(due - steady_clock::now(), steady_clock::duration::zero());
  auto ns = duration_cast<nanoseconds>(left).count();
  return {.tv_sec = ns / 1'000'000'000, .tv_nsec = ns % 1'000'000'000};
}

}  // namespace

Emulator::Emulator(TunDevice a, TunDevice b, const Conditions& conditions)
    : a_(std::move(a)),
      b_(std::move(b)),
      directions_{{a_, b_, Path(conditions)}, {b_, a_, Path(conditions)}},
      buffer_(TunDevice::kLargestPacket) {
  conditions_ = conditions;
}

Result<void> Emulator::run(int commands, int stop) {
  if (auto r = apply(conditions_); !r) return r;
  while (!stopped_) {
    if (auto r = wait(commands, stop); !r) return r;
    Time now = std::chrono::steady_clock::now();
    for (auto& direction : directions_) collect(direction, now);
    for (auto& direction : directions_) deliver(direction, now);
    if (!commands_ready_) continue;
    auto more = obey(commands);
    if (!more) return std::unexpected(more.error());
    if (!*more) return {};
  }
  return {};
}

Result<void> Emulator::wait(int commands, int stop) {
  pollfd polled[] = {
      {a_.fd(), POLLIN, 0}, {b_.fd(), POLLIN, 0}, {commands, POLLIN, 0}, {stop, POLLIN, 0}};
  std::optional<Time> next = directions_[0].path.next_due();
  if (auto other = directions_[1].path.next_due(); other && (!next || *other < *next)) next = other;
  timespec timeout = next ? until(*next) : timespec();
  int n = ppoll(polled, std::size(polled), next ? &timeout : nullptr, nullptr);
  if (n < 0 && errno != EINTR) return fail_errno("cannot wait for packets", errno);
  commands_ready_ = n > 0 && polled[2].revents != 0;
  stopped_ = n > 0 && polled[3].revents != 0;
  return {};
}

void Emulator::collect(Direction& direction, Time now) {
  for (int i = 0; i < kBatch; ++i) {
    auto packet = direction.from.read_packet(buffer_.data());
    if (packet.empty()) return;
    direction.path.offer(std::string(packet), wire_bytes(packet), now);
  }
}

void Emulator::deliver(Direction& direction, Time now) {
  while (auto packet = direction.path.take(now)) direction.to.write_packet(*packet);
}

// False at the end of the commands.
Result<bool> Emulator::obey(int commands) {
  char chunk[kLongestCommand];
  ssize_t n = read(commands, chunk, sizeof chunk);
  if (n < 0) return fail_errno("cannot read commands", errno);
  if (n == 0) return false;
  unfinished_.append(chunk, static_cast<std::size_t>(n));
  for (std::size_t end; (end = unfinished_.find('\n')) != std::string::npos;) {
    fmt::print("{}\n", answer(std::string_view(unfinished_).substr(0, end)));
    fflush(stdout);
    unfinished_.erase(0, end + 1);
  }
  if (unfinished_.size() > kLongestCommand) return fail(Errc::too_large, "a command is too long");
  return true;
}

std::string Emulator::answer(std::string_view line) {
  if (line == "stats") return stats();
  Conditions changed = conditions_;
  auto done = apply_command(line, changed);
  if (done) done = apply(changed);
  return done ? "ok" : "error: " + done.error().message;
}

std::string Emulator::stats() const {
  std::string text;
  for (const auto& [from, to, path] : directions_) {
    const PathStats& s = path.stats();
    text += fmt::format(
        "{}{{\"delivered\": {}, \"bytes\": {}, \"lost\": {}, \"overflowed\": {}, "
        "\"cut\": {}}}",
        text.empty() ? "" : ", ", s.delivered, s.bytes, s.lost, s.overflowed, s.cut);
  }
  return "[" + text + "]";
}

Result<void> Emulator::apply(const Conditions& conditions) {
  // Chance decides about packets as they are on the wire, so they must come one by one.
  for (TunDevice* device : {&a_, &b_}) {
    if (auto r = device->set_segmentation_offload(conditions.loss == 0); !r) return r;
  }
  for (auto& direction : directions_) direction.path.change(conditions);
  conditions_ = conditions;
  return {};
}

}  // namespace nigh::emulator
