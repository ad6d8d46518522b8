// SPDX-License-Identifier: Apache-2.0
#include "cli/forward_options.hpp"

#include <CLI/CLI.hpp>

namespace nigh::cli {

void add_forward_options(CLI::App& app, Forwards& forwards) {
  auto add = [&](const char* name, std::vector<std::string>& into, const char* says,
                 const char* value) {
    app.add_option(name, into, says)->type_name(value)->allow_extra_args(false);
  };
  add("-L", forwards.local,
      "Listen here; who comes is led to a target that the host reaches. [BIND:]PORT:HOST:PORT, a "
      "/SOCKET on either side, ranges as 8000-8010, and udp: before it. May be repeated.",
      "SPEC");
  add("-R", forwards.remote,
      "Listen on the host; who comes is led to a target that is reached from here. As -L, but for "
      "UDP.",
      "SPEC");
  add("-D", forwards.dynamic,
      "Listen here as a proxy: who comes says where to, in SOCKS or with HTTP CONNECT, and the "
      "host resolves the names. [BIND:]PORT or /SOCKET.",
      "SPEC");
}

}  // namespace nigh::cli
