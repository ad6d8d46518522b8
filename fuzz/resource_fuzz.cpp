// SPDX-License-Identifier: Apache-2.0
// What requests about files carry: heads, paths, queries, dates, ranges, conditions, frames.
#include <cstdint>

#include "service/resource/attributes.hpp"
#include "service/resource/http_date.hpp"
#include "service/resource/random_frames.hpp"
#include "service/resource/range.hpp"

using namespace nigh;

namespace {

std::size_t count_frames(std::string_view stream, std::size_t piece) {
  resource::FileRequestDecoder decoder;
  std::size_t count = 0;
  for (; !stream.empty(); stream.remove_prefix(std::min(piece, stream.size()))) {
    decoder.feed(stream.substr(0, piece));
    for (;; ++count) {
      auto request = decoder.next();
      if (!request) return count;
      if (!*request) break;
    }
  }
  return count;
}

void try_fields(std::string_view text) {
  if (auto date = resource::parse_http_date(text))
    expect(resource::parse_http_date(resource::http_date(*date)) == *date, "a date changes");
  auto range = resource::parse_range(text, 1000).span;
  expect(range.offset + range.length <= 1000, "a range goes beyond the file");
  if (auto piece = resource::parse_content_range(text))
    expect(piece->length() <= piece->total, "a piece is longer than the whole");
  if (auto mode = resource::parse_mode(text)) expect(*mode <= 07777, "a mode has other bits");
  if (auto time = resource::parse_time(text))
    expect(resource::parse_time(resource::time_text(*time)) == *time, "a time changes");
  std::string field(text);
  resource::Validators now{true, "\"a\"", 784111777};
  (void)resource::evaluate({field, field, field, field}, now, true);
  (void)resource::evaluate({{}, field, {}, field}, now, false);
  (void)resource::allows_range(field, now);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  if (auto head = resource::decode_request(text)) {
    auto again = resource::decode_request(resource::encode(*head).substr(4));
    expect(again && again->path == head->path && again->headers.size() == head->headers.size(),
           "the head of a request does not survive its encoding");
  }
  (void)resource::decode_response(text);
  if (auto place = resource::parse_place(text, "/home/ada"))
    expect(place->path.starts_with('/') && place->path.find('\0') == std::string::npos,
           "a place is no path");
  (void)resource::parse_query(text);
  try_fields(text);
  expect(count_frames(text, 1) == count_frames(text, size), "pieces make a difference");
  return 0;
}
