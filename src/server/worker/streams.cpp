// SPDX-License-Identifier: Apache-2.0
#include "server/worker/streams.hpp"

#include <algorithm>

#include "io/process.hpp"
#include "io/pty.hpp"

namespace nigh::server {
namespace {

constexpr std::size_t kPipeCapacity = 1 << 20;
constexpr std::size_t kErrorCapacity = 64 * 1024;

Result<void> add_pipe(Streams& streams, io::OurEnd our_end, std::size_t capacity) {
  auto pipe = io::make_pipe(our_end, capacity);
  if (!pipe) return std::unexpected(pipe.error());
  const bool read = our_end == io::OurEnd::reader;
  streams.ours.push_back(std::move(read ? pipe->reader : pipe->writer));
  streams.childs.push_back(std::move(read ? pipe->writer : pipe->reader));
  return {};
}

}  // namespace

void Streams::give_to(SpawnSpec& spec) const {
  for (std::size_t i = 0; i < childs.size(); ++i) spec.descriptors[i] = childs[i].get();
}

Result<Streams> open_file_pipes() {
  Streams streams;
  for (auto our_end : {io::OurEnd::writer, io::OurEnd::reader})
    if (auto added = add_pipe(streams, our_end, kPipeCapacity); !added)
      return std::unexpected(added.error());
  return streams;
}

Result<Streams> open_pipes() {
  auto streams = open_file_pipes();
  if (!streams) return streams;
  if (auto added = add_pipe(*streams, io::OurEnd::reader, kErrorCapacity); !added)
    return std::unexpected(added.error());
  return streams;
}

Result<Streams> open_terminal(const Terminal& terminal) {
  auto clamp = [](std::uint32_t n) { return static_cast<std::uint16_t>(std::min(n, 0xFFFFu)); };
  auto pty = io::open_pty({clamp(terminal.columns), clamp(terminal.rows), clamp(terminal.width),
                           clamp(terminal.height)});
  if (!pty) return std::unexpected(pty.error());
  Streams streams;
  streams.ours.push_back(std::move(pty->ours));
  streams.terminal = std::move(pty->path);
  return streams;
}

}  // namespace nigh::server
