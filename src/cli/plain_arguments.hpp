// SPDX-License-Identifier: Apache-2.0
// `nigh listen` and `nigh connect` as typed: sockets without a server of nigh.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "cli/arguments.hpp"

namespace nigh::cli {

struct PlainArguments {
  bool help = false;
  std::string host;  // listen: may be empty
  std::uint16_t port = 0;
  std::string path;  // of a unix socket; else empty
  bool udp = false;
  bool tls = false;
  std::string certificate;  // listen
  std::string key;          // listen
  std::string authorities;  // connect
  std::string name;         // connect
  bool no_check = false;    // connect
  bool keep_open = false;   // listen
  bool print = false;
  bool quiet = false;    // listen
  bool verbose = false;  // connect
  std::optional<std::chrono::milliseconds> timeout;
  std::optional<std::chrono::milliseconds> wait;
};

Result<PlainArguments> parse_listen(const Arguments& arguments);
Result<PlainArguments> parse_connect(const Arguments& arguments);

}  // namespace nigh::cli
