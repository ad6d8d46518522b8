// SPDX-License-Identifier: Apache-2.0
// What a host says about files: lines of JSON, and the answers of an open file. Cut anywhere, the
// outcome is the same; and no name leads out of the folder that was listed.
#include <algorithm>
#include <cstdint>

#include "client/remote_file_frames.hpp"
#include "client/remote_files_tree.hpp"

using namespace nigh::client;

static std::string frames(std::string_view bytes, std::size_t piece) {
  std::string seen;
  FileAnswers answers({[&](std::string_view data) {
                         seen += data;
                         return nigh::Result<void>();
                       },
                       [&](FileFrame type, std::string_view payload) {
                         (void)decode_written(payload), (void)decode_status(payload);  // no crash
                         (void)decode_error(payload);
                         seen += std::to_string(static_cast<int>(type)) + std::string(payload);
                         return nigh::Result<void>();
                       }});
  for (; !bytes.empty(); bytes.remove_prefix(std::min(piece, bytes.size())))
    if (auto fed = answers.feed(bytes.substr(0, piece)); !fed) return seen + fed.error().message;
  return seen;
}

static void look(std::string_view line) {
  (void)parse_tree_size(line), (void)parse_entry(line, Names::matches);  // no crash
  for (auto names : {Names::children, Names::tree}) {
    auto entry = parse_entry(line, names);
    if (!entry || !std::holds_alternative<nigh::FileInfo>(*entry)) continue;
    auto path = "/" + std::get<nigh::FileInfo>(*entry).path + "/";
    nigh::expect(path.find("/../") == path.npos && path.find("//") == path.npos, "a way out");
  }
}

static std::string lines(std::string_view bytes, std::size_t piece) {
  std::string seen;
  LineReader reader;
  for (; !bytes.empty(); bytes.remove_prefix(std::min(piece, bytes.size()))) {
    reader.feed(bytes.substr(0, piece));
    for (;;) {
      auto line = reader.next();
      if (!line) return seen + line.error().message;
      if (!*line) break;
      look(**line);
      seen += std::string(**line) + '\n';
    }
  }
  return seen + (reader.finish() ? "" : "cut");
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  std::string_view bytes(reinterpret_cast<const char*>(data + 1), size - 1);
  std::size_t piece = 1 + data[0];
  nigh::expect(frames(bytes, SIZE_MAX) == frames(bytes, piece), "a cut changes the answers");
  nigh::expect(lines(bytes, SIZE_MAX) == lines(bytes, piece), "a cut changes the lines");
  return 0;
}
