// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "service/resource/resource.hpp"
#include "wire/message.hpp"

namespace nigh::resource {
namespace {

template <class Head>
std::string framed(const Head& head) {
  wire::Writer body;
  wire::detail::put(body, head);
  wire::Writer out;
  out.string(body.str());
  return std::move(out).str();
}

template <class Head>
Result<Head> decoded(std::string_view bytes, std::string_view what) {
  wire::Reader in(bytes);
  Head head;
  if (!wire::detail::get(in, head)) return fail(Errc::malformed, fmt::format("{} is bad", what));
  if (auto whole = in.finish(what); !whole) return std::unexpected(whole.error());
  return head;
}

void read_exactly(Channel& channel, std::span<char> into) {
  while (!into.empty()) {
    auto size = channel.read(into);
    if (size == 0) throw Failure(Errc::closed, "the request ended before its head was complete");
    into = into.subspan(size);
  }
}

}  // namespace

std::string encode(const RequestHead& head) { return framed(head); }
std::string encode(const ResponseHead& head) { return framed(head); }
Result<RequestHead> decode_request(std::string_view bytes) {
  return decoded<RequestHead>(bytes, "the head of a request");
}
Result<ResponseHead> decode_response(std::string_view bytes) {
  return decoded<ResponseHead>(bytes, "the head of a response");
}

RequestHead read_request(Channel& channel) {
  char length_bytes[4];
  read_exactly(channel, length_bytes);
  auto length = wire::Reader({length_bytes, 4}).u32();
  if (length > kMaxHead) throw Failure(Errc::too_large, "the head of a request is too large");
  std::string bytes(length, '\0');
  read_exactly(channel, bytes);
  return unwrap(decode_request(bytes));
}

}  // namespace nigh::resource
