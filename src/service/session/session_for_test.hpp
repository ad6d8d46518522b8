// SPDX-License-Identifier: Apache-2.0
// A process and a client for tests of sessions: they do what they are told and note what they see.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "service/run/messages.hpp"
#include "service/session/client_session.hpp"
#include "service/session/holder_session.hpp"

namespace nigh::session::for_test {

using run::Frame;
using Frames = std::vector<std::pair<Frame, std::string>>;

// A process of which nothing runs.
struct FakeHost : SessionHost {
  std::vector<int> signals;
  int hang_ups = 0;
  std::vector<WindowSize> sizes;
  std::vector<Channel> closed;
  std::vector<std::pair<ConnectionId, AttachmentId>> attachments;
  std::vector<AttachmentId> forgotten_attachments;
  std::string screen = "screen";

  void signal(int number) override { signals.push_back(number); }
  void hang_up() override { ++hang_ups; }
  void resize(const WindowSize& size) override { sizes.push_back(size); }
  void close_output(Channel output) override { closed.push_back(output); }
  std::string repaint(std::uint32_t lines, Repaint why) override {
    return fmt::format("{} {} {}", screen, lines, why == Repaint::attached ? "attached" : "lost");
  }
  void attached(ConnectionId connection, AttachmentId attachment) override {
    attachments.emplace_back(connection, attachment);
  }
  void forgotten(AttachmentId attachment) override { forgotten_attachments.push_back(attachment); }
};

// Notes what a client gets.
struct FakeTaker : SessionTaker {
  int started = 0;
  std::string out, err, screen;
  std::uint64_t lost_out = 0, lost_err = 0;
  std::vector<Notice> notices;

  void on_started() override { ++started; }
  void on_output(Channel output, std::string_view piece) override {
    (output == Channel::out ? out : err) += piece;
  }
  void on_screen(std::string_view piece) override { screen += piece; }
  void on_lost(Channel output, std::uint64_t bytes) override {
    (output == Channel::out ? lost_out : lost_err) += bytes;
  }
  void on_notice(const Notice& notice) override { notices.push_back(notice); }
};

// Frames that follow one another, pieces of one type joined.
inline Frames frames_of(std::string_view bytes) {
  Frames out;
  while (bytes.size() >= run::kFrameHeader) {
    auto type = static_cast<Frame>(bytes[0]);
    std::size_t length = 0;
    for (std::size_t i = 1; i < run::kFrameHeader; ++i)
      length = (length << 8) | static_cast<std::uint8_t>(bytes[i]);
    auto payload = bytes.substr(run::kFrameHeader, length);
    const bool data = type == Frame::stdout_data || type == Frame::stderr_data ||
                      type == Frame::stdin_data || (type == Frame::screen && length > 0);
    if (data && !out.empty() && out.back().first == type)
      out.back().second += payload;
    else
      out.emplace_back(type, payload);
    bytes.remove_prefix(run::kFrameHeader + payload.size());
  }
  return out;
}

// All that an end has to send now.
template <class Fill>
std::string drained(Fill fill, std::size_t step) {
  std::string out, buffer(step, '\0');
  while (auto count = fill(std::span<char>(buffer)))
    out += std::string_view(buffer).substr(0, count);
  return out;
}
inline std::string drained(HolderSession& session, ConnectionId id, std::size_t step = 1000) {
  return drained([&](std::span<char> into) { return session.fill(id, into); }, step);
}
inline std::string drained(ClientSession& session, std::size_t step = 1000) {
  return drained([&](std::span<char> into) { return session.fill(into); }, step);
}

// A command prints this; as much as there is room for, which it says.
inline std::size_t print(HolderSession& session, Channel output, std::string_view bytes,
                         TimePoint now) {
  std::size_t written = 0;
  while (written < bytes.size()) {
    auto room = session.output_room(output);
    if (room.empty()) break;
    auto count = bytes.copy(room.data(), room.size(), written);
    session.output(output, count, now);
    written += count;
  }
  return written;
}

// A command reads all that there is.
inline std::string read_input(HolderSession& session) {
  std::string out;
  while (!session.input().empty()) {
    auto piece = session.input();
    out += piece;
    session.input_written(piece.size());
  }
  return out;
}

}  // namespace nigh::session::for_test
