// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "files/new_file.hpp"
#include "service/resource/attributes.hpp"
#include "service/resource/handlers.hpp"
#include "service/resource/location.hpp"
#include "service/resource/problem.hpp"
#include "service/resource/range.hpp"

namespace nigh::resource {
namespace {

constexpr std::size_t kBuffer = 1 << 20;

RangeAnswer asked_range(const Request& request, const files::Entry& file) {
  auto range = request.head.method == "GET" ? request.header("range") : std::nullopt;
  if (!range) return {};
  auto if_range = request.header("if-range");
  if (if_range && !allows_range(*if_range, validators_of(file))) return {};
  auto answer = parse_range(*range, file.size);
  if (answer.kind == RangeKind::unsatisfiable)
    throw Refused(Problem{416,
                          fmt::format("{} has {} bytes: nothing in it is {}",
                                      printable(request.place.asked), file.size, printable(*range)),
                          {{"content-range", fmt::format("bytes */{}", file.size)}}});
  return answer;
}

// A file that became shorter ends the answer short of its content-length, which the client notices;
// one that grew is given as long as it was.
void send_bytes(Exchange& exchange, const OpenFile& file, Span span) {
  const auto& path = exchange.request().place.path;
  std::string buffer(static_cast<std::size_t>(std::min<std::uint64_t>(span.length, kBuffer)), '\0');
  while (span.length > 0) {
    auto piece = std::span(buffer).first(std::min<std::uint64_t>(span.length, buffer.size()));
    auto size = unwrap(files::read_full(file.fd.get(), piece, span.offset, path));
    exchange.send({piece.data(), size});
    if (size < piece.size())
      throw Failure(Errc::closed,
                    fmt::format("{} became shorter while it was read; ask again", printable(path)));
    span.offset += size;
    span.length -= size;
  }
}

}  // namespace

void get_file(Exchange& exchange) {
  const auto& request = exchange.request();
  auto file = open_regular(request.place.path, O_RDONLY);
  auto headers = attribute_headers(file.entry);
  auto verdict = take(evaluate(conditions_of(request), validators_of(file.entry), true));
  if (verdict == Verdict::not_modified) return exchange.answer(304, headers);
  if (verdict == Verdict::failed) check_conditions(request, file.entry);
  auto range = asked_range(request, file.entry);
  const bool part = range.kind == RangeKind::part;
  auto span = part ? range.span : Span{0, file.entry.size};
  headers.push_back({"accept-ranges", "bytes"});
  headers.push_back({"content-type", "application/octet-stream"});
  headers.push_back({"content-length", fmt::format("{}", span.length)});
  if (part)
    headers.push_back(
        {"content-range", fmt::format("bytes {}-{}/{}", span.offset, span.offset + span.length - 1,
                                      file.entry.size)});
  exchange.begin(part ? 206 : 200, headers);
  if (request.head.method != "HEAD") send_bytes(exchange, file, span);
}

}  // namespace nigh::resource
