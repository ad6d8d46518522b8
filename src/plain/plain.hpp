// SPDX-License-Identifier: Apache-2.0
// Sockets for programs that know nothing else: bytes between standard input and output and a TCP,
// UDP or unix socket, here, without any server of nigh. Bytes are all that goes through: none is
// ever taken for a command.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "io/asio.hpp"

namespace nigh::plain {

struct Tls {
  bool on = false;
  // Who listens: files in PEM.
  std::string certificate;
  std::string key;  // empty: in the same file
  // Who connects.
  std::string authorities;  // empty: those that this system trusts
  std::string name;         // in the certificate; empty: the host's
  bool check = true;
};

struct Options {
  enum class Kind { tcp, udp, unix_stream };
  Kind kind = Kind::tcp;
  std::string host;        // who listens: one of this machine; empty: loopback
  std::uint16_t port = 0;  // who listens: 0 is any that is free
  std::string path;        // of a unix socket
  Tls tls;
  bool keep_open = false;                     // who listens: to all who come
  bool print = false;                         // `Received data: TEXT` instead of the bytes
  std::chrono::milliseconds timeout{15'000};  // for a connection to come about
  // UDP has no end of its own: after the input's, what comes later than this after the last is not
  // waited for. nullopt: until somebody interrupts.
  std::optional<std::chrono::milliseconds> wait;
  std::function<void(std::string_view line)> tell;  // what a person wants to know
};

// Ends what runs, from outside.
class Stop {
 public:
  void now(int status) {
    status_ = status;
    if (wake_) wake_();
  }
  const std::optional<int>& status() const { return status_; }

 private:
  friend class Stopping;
  std::optional<int> status_;
  std::function<void()> wake_;
};

// Both return 0 when both directions have ended, 141 when nobody reads our output any more, or
// what Stop says; they throw what went wrong.
awaitable<int> listen(Options options, Stop& stop);
awaitable<int> connect(Options options, Stop& stop);

}  // namespace nigh::plain
