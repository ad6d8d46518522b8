// SPDX-License-Identifier: Apache-2.0
#include "server/front/files_head.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "wire/reader.hpp"

namespace nigh::server {
namespace {

constexpr std::string_view kRequestFields[] = {
    "accept",    "content-length", "content-range", "content-type",      "destination",
    "if-match",  "if-none-match",  "if-range",      "if-modified-since", "if-unmodified-since",
    "overwrite", "range"};
constexpr std::string_view kResponseFields[] = {
    "accept-ranges", "allow", "cache-control", "content-length", "content-range",
    "content-type",  "etag",  "last-modified", "location",       "retry-after"};

constexpr std::size_t kLengthBytes = 4;

template <std::size_t N>
bool passes(std::string_view name, const std::string_view (&listed)[N]) {
  return name.starts_with("nigh-") || std::ranges::find(listed, name) != std::end(listed);
}

std::string value_of(const http2::Fields& fields, std::string_view name) {
  const auto* value = http2::find(fields, name);
  return value != nullptr ? *value : "";
}

// RFC 9113, section 8.2.1: nothing that could become another field further on.
bool is_field_name(std::string_view name) {
  return std::ranges::all_of(
      name, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; });
}
bool is_field_value(std::string_view value) {
  return std::ranges::all_of(value, [](char c) {
    return c == '\t' || (static_cast<unsigned char>(c) >= ' ' && c != '\x7f');
  });
}

}  // namespace

resource::RequestHead request_head(const http2::Fields& fields) {
  resource::RequestHead head;
  head.method = value_of(fields, ":method");
  head.protocol = value_of(fields, ":protocol");
  head.path = value_of(fields, ":path");
  // "nigh-user" belongs to the login.
  for (const auto& field : fields)
    if (passes(field.name, kRequestFields) && field.name != "nigh-user")
      head.headers.push_back({field.name, field.value});
  return head;
}

Result<http2::Fields> response_fields(const resource::ResponseHead& head) {
  if (head.status < 200 || head.status > 599)
    return fail(Errc::malformed, fmt::format("{} is no status", head.status));
  http2::Fields fields{{":status", fmt::format("{}", head.status)}};
  for (const auto& [name, value] : head.headers) {
    if (!passes(name, kResponseFields)) continue;
    if (!is_field_name(name) || !is_field_value(value))
      return fail(Errc::malformed, "a header field has bytes that HTTP does not allow");
    fields.push_back({name, value});
  }
  if (http2::find(fields, "content-length") != nullptr && !content_length(fields))
    return fail(Errc::malformed, "content-length is no number");
  if (http2::find(fields, "cache-control") == nullptr)
    fields.push_back({"cache-control", "no-store"});
  return fields;
}

std::optional<std::uint64_t> content_length(const http2::Fields& fields) {
  const auto* text = http2::find(fields, "content-length");
  if (text == nullptr) return std::nullopt;
  std::uint64_t length = 0;
  auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), length);
  if (error != std::errc() || end != text->data() + text->size()) return std::nullopt;
  return length;
}

// Until its length is known, that.
Result<std::size_t> ResponseHeadReader::missing() const {
  if (bytes_.size() < kLengthBytes) return kLengthBytes - bytes_.size();
  auto length = wire::Reader(bytes_).u32();
  if (length > resource::kMaxHead)
    return fail(Errc::too_large, "the head of a response is too large");
  return kLengthBytes + length - bytes_.size();
}

Result<std::optional<resource::ResponseHead>> ResponseHeadReader::read(io::FdSource& from) {
  for (;;) {
    auto rest = missing();
    if (!rest) return std::unexpected(rest.error());
    if (*rest == 0) break;
    auto before = bytes_.size();
    bytes_.resize(before + *rest);
    auto got = from.read(std::span(bytes_).subspan(before));
    bytes_.resize(before + got.size);
    if (got.ended) return fail(Errc::closed, "the process ended before it answered");
    if (got.size == 0) return std::nullopt;
  }
  auto head = resource::decode_response(std::string_view(bytes_).substr(kLengthBytes));
  if (!head) return std::unexpected(head.error());
  return *std::move(head);
}

}  // namespace nigh::server
