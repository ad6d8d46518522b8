// SPDX-License-Identifier: Apache-2.0
#include "service/resource/location.hpp"

#include <errno.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.hpp"
#include "files/status.hpp"
#include "service/resource/problem.hpp"

namespace nigh::resource {
namespace {

std::optional<std::string> read_link(const std::string& path) {
  std::string target(PATH_MAX, '\0');
  auto size = ::readlink(path.c_str(), target.data(), target.size());
  if (size < 0) {
    // No link, or nothing at all: whoever opens it says so in the right words.
    if (errno == EINVAL || errno == ENOENT || errno == ENOTDIR) return std::nullopt;
    throw Refused(problem_of_errno("cannot look at " + printable(path), errno));
  }
  target.resize(static_cast<std::size_t>(size));
  return target;
}

std::optional<files::Entry> look(const std::string& path, files::Links links) {
  files::Entry entry{.name = locate(path).name};
  auto failed = files::read_status(AT_FDCWD, path.c_str(), links, entry);
  if (failed == 0 && entry.kind == files::Kind::symlink)
    failed = files::read_target(AT_FDCWD, path.c_str(), entry);
  if (failed == 0) return entry;
  if (failed == ENOENT || failed == ENOTDIR) return std::nullopt;
  throw Refused(problem_of_errno("cannot look at " + printable(path), failed));
}

}  // namespace

Location locate(const std::string& path) {
  auto end = path.find_last_not_of('/');
  if (end == path.npos) return {"/", "", true};
  const bool slash = end + 1 < path.size();
  auto before = path.rfind('/', end);
  if (before == path.npos) return {".", path.substr(0, end + 1), slash};
  auto folder = before == 0 ? "/" : path.substr(0, before);
  return {std::move(folder), path.substr(before + 1, end - before), slash};
}

std::string follow_last(std::string path) {
  constexpr int kMostLinks = 40;  // as the kernel's own limit
  for (int links = 0; links < kMostLinks; ++links) {
    auto target = read_link(path);
    if (!target) return path;
    path = target->starts_with('/') ? *target : locate(path).folder + "/" + *target;
  }
  throw Refused(problem_of_errno("cannot follow " + printable(path), ELOOP));
}

std::optional<files::Entry> look_at(const std::string& path) {
  return look(path, files::Links::keep);
}

std::optional<files::Entry> look_through(const std::string& path) {
  return look(path, files::Links::follow);
}

void require_regular(const std::string& path, const files::Entry& entry) {
  if (entry.kind == files::Kind::file) return;
  if (entry.kind == files::Kind::directory)
    throw Refused(409, fmt::format("{} is a directory", printable(path)));
  throw Refused(409, fmt::format("{} is no regular file", printable(path)));
}

OpenFile open_regular(const std::string& path, int flags) {
  if (auto before = look_through(path)) require_regular(path, *before);
  // O_NONBLOCK: should a FIFO have taken its place meanwhile, this does not wait for its writer.
  UniqueFd fd(::open(path.c_str(), flags | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0666));
  if (!fd.valid()) throw Refused(problem_of_errno("cannot open " + printable(path), errno));
  auto entry = take(files::stat_fd(fd.get(), false, path));
  require_regular(path, entry);
  return {std::move(fd), std::move(entry)};
}

std::uint32_t current_umask() {
  auto mask = ::umask(0);
  (void)::umask(mask);  // gives back the 0 from above
  return mask;
}

}  // namespace nigh::resource
