// SPDX-License-Identifier: Apache-2.0
#include "service/resource/attributes.hpp"

#include <fmt/format.h>

#include <charconv>

#include "base/text.hpp"
#include "service/resource/http_date.hpp"
#include "service/resource/problem.hpp"

namespace nigh::resource {

std::string etag(const files::Entry& file) {
  // Modulo 2^64: all that matters is that another time gives another number.
  auto nanoseconds =
      static_cast<std::uint64_t>(file.mtime.seconds) * 1'000'000'000 + file.mtime.nanoseconds;
  return fmt::format("\"{:x}-{:x}-{:x}\"", file.inode, file.size, nanoseconds);
}

std::string mode_text(std::uint32_t mode) { return fmt::format("{:04o}", mode & 07777); }

std::string time_text(const files::Time& time) {
  return fmt::format("{}.{:09}", time.seconds, time.nanoseconds);
}

Result<std::uint32_t> parse_mode(std::string_view text) {
  std::uint32_t mode = 0;
  auto [stop, problem] = std::from_chars(text.data(), text.data() + text.size(), mode, 8);
  if (problem != std::errc() || stop != text.data() + text.size() || mode > 07777)
    return fail(
        Errc::malformed,
        fmt::format("request: nigh-mode \"{}\" is no octal mode such as 0644", printable(text)));
  return mode;
}

Result<files::Time> parse_time(std::string_view text) {
  auto bad = [&] {
    return fail(
        Errc::malformed,
        fmt::format("request: nigh-mtime \"{}\" is not SECONDS.NANOSECONDS", printable(text)));
  };
  files::Time time;
  auto point = std::min(text.find('.'), text.size());
  auto whole = text.substr(0, point);
  auto [stop, problem] = std::from_chars(whole.data(), whole.data() + whole.size(), time.seconds);
  if (problem != std::errc() || stop != whole.data() + whole.size()) return bad();
  if (point == text.size()) return time;
  auto fraction = text.substr(point + 1);
  if (fraction.empty() || fraction.size() > 9) return bad();
  for (std::size_t i = 0; i < 9; ++i) {
    char digit = i < fraction.size() ? fraction[i] : '0';
    if (digit < '0' || digit > '9') return bad();
    time.nanoseconds = time.nanoseconds * 10 + static_cast<std::uint32_t>(digit - '0');
  }
  return time;
}

Headers attribute_headers(const files::Entry& file) {
  Headers headers{{"etag", etag(file)},
                  {"nigh-mode", mode_text(file.mode)},
                  {"nigh-mtime", time_text(file.mtime)}};
  if (auto date = http_date(file.mtime.seconds); !date.empty())
    headers.push_back({"last-modified", date});
  return headers;
}

Conditions conditions_of(const Request& request) {
  return {request.header("if-match"), request.header("if-none-match"),
          request.header("if-modified-since"), request.header("if-unmodified-since")};
}

Validators validators_of(const std::optional<files::Entry>& entry) {
  if (!entry) return {};
  return {true, entry->kind == files::Kind::file ? etag(*entry) : std::string(),
          entry->mtime.seconds};
}

void check_conditions(const Request& request, const std::optional<files::Entry>& entry) {
  if (take(evaluate(conditions_of(request), validators_of(entry), false)) == Verdict::perform)
    return;
  throw Refused(412, entry ? fmt::format("{} is not in the state that the request asks for",
                                         printable(request.place.asked))
                           : fmt::format("{} does not exist", printable(request.place.asked)));
}

std::optional<std::uint32_t> wanted_mode(const Request& request) {
  auto text = request.header("nigh-mode");
  if (!text) return std::nullopt;
  return take(parse_mode(*text));
}

}  // namespace nigh::resource
