// SPDX-License-Identifier: Apache-2.0
#include "client/remote_files_tree.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <nlohmann/json.hpp>

#include "base/text.hpp"
#include "wire/base64.hpp"

namespace nigh::client {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kMaxPath = 4096;
constexpr std::size_t kMaxText = 1024;  // of what is shown

constexpr std::array kCodes{Errc::malformed,   Errc::too_large,   Errc::timeout, Errc::refused,
                            Errc::not_found,   Errc::unavailable, Errc::closed,  Errc::cancelled,
                            Errc::unsupported, Errc::usage,       Errc::system};
constexpr std::array kKinds{FileKind::file,        FileKind::directory, FileKind::symlink,
                            FileKind::fifo,        FileKind::socket,    FileKind::char_device,
                            FileKind::block_device};

// The members of one line. A member that is missing or makes no sense leaves ok() false for good.
class Line {
 public:
  explicit Line(std::string_view line) {
    bool deep = false;
    auto flat = [&](int depth, Json::parse_event_t, Json&) { return !(deep = deep || depth > 1); };
    json_ = Json::parse(line, flat, false);
    ok_ = !deep && json_.is_object();
    if (!ok_) json_ = Json::object();
  }

  bool ok() const { return ok_; }
  bool has(const char* name) const { return json_.contains(name); }

  template <class Number>
  Number number(const char* name) {
    auto found = json_.find(name);
    bool fits = found != json_.end() && found->is_number_unsigned() &&
                found->template get<std::uint64_t>() <= std::numeric_limits<Number>::max();
    if (!fits) return fail(Number());
    return found->template get<Number>();
  }
  // "" if it is not there.
  std::string text(const char* name) {
    auto found = json_.find(name);
    if (found == json_.end()) return "";
    return found->is_string() ? found->get<std::string>() : fail(std::string());
  }
  // Bytes that a file or a link can be called: as `name` or, base64, as `name`_base64.
  std::string bytes(const std::string& name) {
    auto value = text(name.c_str());
    if (auto coded = name + "_base64"; has(coded.c_str())) {
      auto decoded = wire::base64_decode(text(coded.c_str()));
      value = decoded ? *decoded : fail(std::string());
    }
    bool possible = value.size() <= kMaxPath && value.find('\0') == value.npos;
    return possible ? value : fail(std::string());
  }
  template <class T>
  T fail(T value) {
    ok_ = false;
    return value;
  }

 private:
  Json json_;
  bool ok_ = true;
};

std::unexpected<Error> malformed() {
  return fail(Errc::malformed,
              "the host's answer about files makes no sense: is it nigh, and not much older or "
              "newer than this one?");
}

FileKind kind_of(Line& line) {
  auto type = line.text("type");
  auto kind = std::ranges::find(kKinds, type, [](FileKind k) { return name(k); });
  return kind == kKinds.end() ? line.fail(FileKind::file) : *kind;
}

std::uint32_t mode_of(Line& line) {
  auto text = line.text("mode");
  std::uint32_t mode = 0;
  auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), mode, 8);
  bool good = ec == std::errc() && end == text.data() + text.size() && mode <= 07777;
  return good ? mode : line.fail(0u);
}

// "1700000000.123456789"
void set_time(Line& line, FileInfo& info) {
  auto text = line.text("mtime");
  const auto* last = text.data() + text.size();
  auto [point, ec] = std::from_chars(text.data(), last, info.mtime);
  if (ec != std::errc() || point == last || *point != '.' || last - point != 10)
    return (void)line.fail(0);
  auto [end, bad] = std::from_chars(point + 1, last, info.mtime_nanoseconds);
  if (bad != std::errc() || end != last) (void)line.fail(0);
}

bool is_component(std::string_view name) {
  return !name.empty() && name != "." && name != ".." && name.find('/') == name.npos;
}

bool stays_below(std::string_view path) {
  return std::ranges::all_of(split(path, '/'), is_component);
}

std::string path_of(Line& line, Names names) {
  if (names == Names::self) return "";
  auto path = line.bytes(names == Names::children ? "name" : "path");
  bool sensible = names == Names::children ? is_component(path)
                  : names == Names::tree   ? stays_below(path)
                                           : !path.empty();
  return sensible ? path : line.fail(path);
}

FileFailure failure_of(Line& line) {
  auto code = line.text("code");
  auto found = std::ranges::find(kCodes, code, [](Errc c) { return name(c); });
  return {line.bytes("path"),
          {found == kCodes.end() ? Errc::system : *found,  // a code of a later nigh
           printable(line.text("error").substr(0, kMaxText))}};
}

FileInfo info_of(Line& line, Names names) {
  FileInfo info;
  info.path = path_of(line, names);
  info.kind = kind_of(line);
  info.mode = mode_of(line);
  info.size = line.number<std::uint64_t>("size");
  set_time(line, info);
  info.uid = line.number<std::uint32_t>("uid");
  info.gid = line.number<std::uint32_t>("gid");
  info.user = line.text("user").substr(0, kMaxText);
  info.group = line.text("group").substr(0, kMaxText);
  info.links = line.number<std::uint32_t>("links");
  if (info.kind == FileKind::symlink) {
    info.target = line.bytes("target");
    info.size = info.target.size();  // as the kernel says it
  }
  info.etag = line.text("etag").substr(0, kMaxText);
  return info;
}

}  // namespace

Result<std::variant<FileInfo, FileFailure>> parse_entry(std::string_view text, Names names) {
  Line line(text);
  std::variant<FileInfo, FileFailure> entry;
  if (line.has("error"))
    entry = failure_of(line);
  else
    entry = info_of(line, names);
  if (!line.ok()) return malformed();
  return entry;
}

Result<std::variant<TreeSize, FileFailure>> parse_tree_size(std::string_view text) {
  Line line(text);
  std::variant<TreeSize, FileFailure> entry;
  if (line.has("error"))
    entry = failure_of(line);
  else
    entry = TreeSize{line.bytes("path"), line.number<std::uint64_t>("files"),
                     line.number<std::uint64_t>("directories"), line.number<std::uint64_t>("bytes"),
                     line.number<std::uint64_t>("allocated")};
  if (!line.ok()) return malformed();
  return entry;
}

}  // namespace nigh::client
