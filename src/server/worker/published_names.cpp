// SPDX-License-Identifier: Apache-2.0
#include "server/worker/published_names.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <string_view>
#include <utility>

#include "base/private_file.hpp"
#include "base/text.hpp"
#include "base/unique_fd.hpp"
#include "server/link/publication.hpp"

namespace nigh::server {
namespace {

constexpr std::size_t kMaxFile = 1u << 20;

Result<std::string> load(const std::string& file) {
  auto text = read_private_file(file, kMaxFile);
  if (text) return std::string(text->expose());
  if (text.error().code == Errc::not_found) return "";
  return std::unexpected(text.error());
}

struct Pin {
  std::string_view name, fingerprint;
};

// Both empty: the line says something else.
Pin pin_in(std::string_view line) {
  auto space = line.find(' ');
  if (space == line.npos || !is_publishable(line.substr(0, space))) return {};
  auto fingerprint = trim(line.substr(space + 1));
  if (fingerprint.empty()) return {};
  return {line.substr(0, space), fingerprint};
}

std::string_view owner_of(std::string_view pins, std::string_view name) {
  for (auto line : split(pins, '\n'))
    if (auto pin = pin_in(line); pin.name == name) return pin.fingerprint;
  return {};
}

std::size_t count_of(std::string_view pins, std::string_view fingerprint) {
  auto lines = split(pins, '\n');
  return static_cast<std::size_t>(std::ranges::count_if(
      lines, [&](auto line) { return pin_in(line).fingerprint == fingerprint; }));
}

// Of two servers of one account one pins at a time.
Result<UniqueFd> lock(const std::string& file) {
  if (auto made = make_private_directory(file.substr(0, file.rfind('/'))); !made)
    return std::unexpected(made.error());
  const auto name = file + ".lock";
  UniqueFd held(::open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!held.valid() || ::flock(held.get(), LOCK_EX) != 0)
    return fail_errno("cannot lock " + name, errno);
  return held;
}

Result<void> replace(const std::string& file, const std::string& text) {
  const auto next = file + ".new";
  ::unlink(next.c_str());  // left by a server that was killed in between
  if (auto written = write_new_private_file(next, text); !written) return written;
  if (std::rename(next.c_str(), file.c_str()) != 0)
    return fail_errno("cannot replace " + file, errno);
  return {};
}

}  // namespace

Refused PublishedNames::claim(const std::string& name, const std::string& fingerprint) const {
  auto held = lock(file_);
  if (!held) return refuse(held.error());
  auto pins = load(file_);
  if (!pins) return refuse(pins.error());
  if (auto owner = owner_of(*pins, name); owner == fingerprint)
    return {};
  else if (!owner.empty())
    return refuse(Trouble::in_use, fmt::format("{} belongs to another key here", name));
  if (count_of(*pins, fingerprint) >= kMaxOfAKey)
    return refuse(Trouble::busy, fmt::format("a key may have {} names", kMaxOfAKey));
  if (!pins->empty() && !pins->ends_with('\n')) *pins += '\n';
  *pins += fmt::format("{} {}\n", name, fingerprint);
  if (pins->size() > kMaxFile) return refuse(Trouble::busy, "too many names are published here");
  if (auto replaced = replace(file_, *pins); !replaced) return refuse(replaced.error());
  return {};
}

std::expected<std::optional<PublishedNames::Line>, Refusal> PublishedNames::publish(
    const std::string& name, const std::string& fingerprint, Line line) {
  if (!is_publishable(name))
    return refuse(Trouble::bad_request,
                  fmt::format("\"{}\" cannot be published: a name is up to 63 of a-z, 0-9, - and "
                              "dots, and no address",
                              shortened(printable(name))));
  if (auto claimed = claim(name, fingerprint); !claimed) return std::unexpected(claimed.error());
  auto before = find(name);
  lines_.insert_or_assign(name, line);
  return before;
}

std::optional<PublishedNames::Line> PublishedNames::find(const std::string& name) const {
  auto found = lines_.find(name);
  return found != lines_.end() ? std::optional(found->second) : std::nullopt;
}

bool PublishedNames::belongs_to_somebody(const std::string& name) const {
  if (!is_publishable(name)) return false;
  auto pins = load(file_);
  return pins && !owner_of(*pins, name).empty();
}

void PublishedNames::close(Line line) {
  std::erase_if(lines_, [&](const auto& one) { return one.second == line; });
}

void PublishedNames::close_all(const void* owner) {
  std::erase_if(lines_, [&](const auto& one) { return one.second.owner == owner; });
}

}  // namespace nigh::server
