// SPDX-License-Identifier: Apache-2.0
// For tests: a client and a server Session joined by strings, and events that are remembered.
#pragma once

#include <algorithm>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <random>
#include <stdexcept>
#include <string>

#include "http2/session.hpp"

namespace nigh::http2::testing {

struct Seen {
  Fields headers;
  std::string body;
  int headers_count = 0;
  bool ended = false;
  std::optional<std::uint32_t> closed;
  std::size_t owed = 0;  // received and not yet consumed
};

class Recorder : public Events {
 public:
  void on_headers(StreamId id, Fields fields, bool) override {
    streams[id].headers = std::move(fields);
    ++streams[id].headers_count;
    if (when_headers) when_headers(id);
  }
  void on_data(StreamId id, std::string_view bytes) override {
    streams[id].body += bytes;
    if (when_data) when_data(id);
    if (reading)
      session->consume(id, bytes.size());
    else
      streams[id].owed += bytes.size();
  }
  void on_end(StreamId id) override {
    streams[id].ended = true;
    if (when_end) when_end(id);
  }
  void on_close(StreamId id, std::uint32_t error_code) override { streams[id].closed = error_code; }
  void on_settings() override { ++settings; }
  void on_goaway(StreamId last, std::uint32_t error_code) override {
    goaways.emplace_back(last, error_code);
  }
  void on_pong(std::uint64_t opaque) override { pongs.push_back(opaque); }

  // Consumes all that was received while not reading.
  void catch_up() {
    for (auto& [id, seen] : streams) session->consume(id, std::exchange(seen.owed, 0));
  }

  Session* session = nullptr;
  bool reading = true;
  std::function<void(StreamId)> when_headers, when_data, when_end;
  std::map<StreamId, Seen> streams;
  std::vector<std::pair<StreamId, std::uint32_t>> goaways;
  std::vector<std::uint64_t> pongs;
  int settings = 0;
};

// Sends `text`, `step` bytes a read; waits when `text` is used up unless `complete`.
class Text : public BodySource {
 public:
  explicit Text(std::string bytes, bool whole = true, std::size_t most = SIZE_MAX)
      : text(std::move(bytes)), complete(whole), step(most) {}
  Chunk read(std::span<char> into) override {
    ++reads;
    auto size = std::min({into.size(), text.size() - sent, step});
    std::copy_n(text.data() + sent, size, into.data());
    sent += size;
    if (sent < text.size()) return {size, Next::more};
    return {size, complete ? Next::end : Next::wait};
  }
  std::string text;
  bool complete;
  std::size_t step;
  std::size_t sent = 0;
  int reads = 0;
};

// Sends `left` bytes without storing them.
class Zeros : public BodySource {
 public:
  explicit Zeros(std::uint64_t count) : left(count) {}
  Chunk read(std::span<char> into) override {
    auto size = static_cast<std::size_t>(std::min<std::uint64_t>(into.size(), left));
    std::fill_n(into.data(), size, '\0');
    left -= size;
    return {size, left == 0 ? Next::end : Next::more};
  }
  std::uint64_t left;
};

inline Fields get(std::string path) {
  return {
      {":method", "GET"}, {":scheme", "https"}, {":authority", "h"}, {":path", std::move(path)}};
}
inline Fields post(std::string path) {
  auto fields = get(std::move(path));
  fields[0].value = "POST";
  return fields;
}
inline Fields ok() { return {{":status", "200"}}; }

class Pair {
 public:
  explicit Pair(const Limits& of_client = {}, const Limits& of_server = {})
      : client(Role::client, of_client, at_client), server(Role::server, of_server, at_server) {
    at_client.session = &client;
    at_server.session = &server;
  }

  // Moves bytes both ways until neither side has any. False: a session failed.
  bool pump() {
    for (bool moved = true; moved;) {
      moved = move(client, server, to_server);
      moved = move(server, client, to_client) || moved;
    }
    return client.failure() == nullptr && server.failure() == nullptr;
  }

  Recorder at_client, at_server;
  Session client, server;
  std::size_t buffer_size = OutBuffer::kDefaultCapacity;
  std::function<std::size_t()> piece = [] { return SIZE_MAX; };  // bytes a receive()
  std::uint64_t to_server = 0, to_client = 0;                    // bytes moved
 private:
  bool move(Session& from, Session& to, std::uint64_t& count) {
    OutBuffer out(buffer_size);
    from.produce(out);
    count += out.view().size();
    for (auto rest = out.view(); !rest.empty();) {
      auto bytes = std::string(rest.substr(0, piece()));  // a copy of its own: ASan sees its ends
      rest.remove_prefix(bytes.size());
      if (!to.receive(bytes)) break;
    }
    return !out.empty();
  }
};

// ---- frames by hand, for what no honest peer sends -------------------------------------------

inline std::string number(std::uint32_t value, int bytes) {
  std::string out;
  while (bytes-- > 0) out.push_back(static_cast<char>(value >> (8 * bytes)));
  return out;
}
inline std::string frame(std::uint8_t type, std::uint8_t flags, StreamId id,
                         const std::string& payload) {
  return number(static_cast<std::uint32_t>(payload.size()), 3) + number(type, 1) +
         number(flags, 1) + number(static_cast<std::uint32_t>(id), 4) + payload;
}
inline constexpr std::uint8_t kData = 0, kHeaders = 1, kPriority = 2, kReset = 3, kSettings = 4,
                              kPing = 6, kGoaway = 7, kWindowUpdate = 8, kContinuation = 9;
inline constexpr std::uint8_t kEndStream = 1, kEndHeaders = 4, kPadded = 8;

inline std::string preface() {
  return "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(kSettings, 0, 0, "");
}
// HPACK without compression (RFC 7541, section 6.2.2); both lengths below 127.
inline std::string literal(const std::string& name, const std::string& value) {
  return std::string(1, '\0') + number(static_cast<std::uint32_t>(name.size()), 1) + name +
         number(static_cast<std::uint32_t>(value.size()), 1) + value;
}
inline std::string get_block() {
  return literal(":method", "GET") + literal(":scheme", "https") + literal(":authority", "h") +
         literal(":path", "/");
}
inline std::string get_frame(StreamId id, std::uint8_t flags = kEndStream) {
  return frame(kHeaders, flags | kEndHeaders, id, get_block());
}

}  // namespace nigh::http2::testing
