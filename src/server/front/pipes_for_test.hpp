// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "io/process.hpp"

namespace nigh::server::for_test {

// What a worker hands to a front for a process, and the process's own ends.
struct Pipes {
  Pipes() {
    auto in = unwrap(io::make_pipe(io::OurEnd::writer, 64 * 1024));
    auto out = unwrap(io::make_pipe(io::OurEnd::reader, 1 << 20));
    auto err = unwrap(io::make_pipe(io::OurEnd::reader, 1 << 20));
    for (auto* end : {&in.writer, &out.reader, &err.reader}) handed.push_back(std::move(*end));
    stdin_end = std::move(in.reader);
    stdout_end = std::move(out.writer);
    stderr_end = std::move(err.writer);
    for (const auto* end : {&stdin_end, &stdout_end, &stderr_end})
      ::fcntl(end->get(), F_SETFL, ::fcntl(end->get(), F_GETFL) | O_NONBLOCK);
  }
  void close() {
    stdin_end.reset();
    stdout_end.reset();
    stderr_end.reset();
  }

  std::vector<UniqueFd> handed;
  UniqueFd stdin_end, stdout_end, stderr_end;
};

// As much as there is room for.
inline std::size_t put(const UniqueFd& fd, std::string_view text) {
  auto n = ::write(fd.get(), text.data(), text.size());
  return n < 0 ? 0 : static_cast<std::size_t>(n);
}
// Appends all that is there; false once that was the end.
inline bool take(const UniqueFd& fd, std::string& into) {
  char chunk[64 * 1024];
  for (;;) {
    auto n = ::read(fd.get(), chunk, sizeof chunk);
    if (n <= 0) return n != 0;
    into.append(chunk, static_cast<std::size_t>(n));
  }
}

}  // namespace nigh::server::for_test
