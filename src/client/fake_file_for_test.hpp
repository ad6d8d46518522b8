// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "wire/reader.hpp"

namespace nigh::client {

inline std::string file_frame(std::uint8_t type, std::string_view payload) {
  wire::Writer writer;
  writer.u8(type).u32(static_cast<std::uint32_t>(payload.size()));
  return std::move(writer.bytes(payload)).str();
}

// A file in memory behind the frames.
struct FakeFile {
  std::string content;
  std::string unread{};
  std::vector<int> asked{};  // types of the requests
  std::string all_answer{};  // instead of what is right

  std::string answer(std::string_view bytes) {
    unread += bytes;
    std::string answers;
    for (;;) {
      wire::Reader reader(unread);
      auto type = reader.u8();
      auto payload = reader.string();
      if (!reader.ok()) return answers;
      asked.push_back(type);
      answers += all_answer.empty() ? perform(type, wire::Reader(payload)) : all_answer;
      unread.erase(0, 5 + payload.size());
    }
  }
  std::string perform(int type, wire::Reader payload) {
    auto offset = payload.u64();
    if (type == 1) {
      auto from = std::min<std::uint64_t>(offset, content.size());
      return file_frame(65, std::string_view(content).substr(from, payload.u32()));
    }
    if (type == 2) {
      auto bytes = payload.rest();
      content.resize(std::max<std::size_t>(content.size(), offset + bytes.size()));
      content.replace(offset, bytes.size(), bytes);
      return file_frame(64, wire::Writer().u32(static_cast<std::uint32_t>(bytes.size())).str());
    }
    if (type == 3)
      return file_frame(66, wire::Writer().u64(content.size()).u64(7).u32(8).u32(0600).str());
    if (type == 4) content.resize(offset);
    return file_frame(64, wire::Writer().u32(0).str());
  }
};

}  // namespace nigh::client
