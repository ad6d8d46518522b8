// SPDX-License-Identifier: Apache-2.0
#include "client/files.hpp"

#include <errno.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "base/text.hpp"
#include "base/unique_fd.hpp"

namespace nigh::client {
namespace {

struct OpenFile {
  UniqueFd fd;
  struct stat status{};
};

Result<std::optional<OpenFile>> open_regular(const std::string& path) {
  // O_NONBLOCK: a FIFO in the file's place must not hang us before fstat() has seen it.
  OpenFile file{UniqueFd(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)), {}};
  if (!file.fd.valid()) {
    if (errno == ENOENT || errno == ENOTDIR) return std::nullopt;
    return fail_errno(fmt::format("cannot open {}", printable(path)), errno);
  }
  if (fstat(file.fd.get(), &file.status) != 0)
    return fail_errno(fmt::format("cannot inspect {}", printable(path)), errno);
  if (!S_ISREG(file.status.st_mode))
    return fail(Errc::system, fmt::format("{} is not a file", printable(path)));
  return file;
}

Result<std::string> read_all(const OpenFile& file, const std::string& path, std::size_t limit) {
  auto expected = static_cast<std::size_t>(file.status.st_size);
  std::string text(std::min(expected, limit) + 1, '\0');  // one more: to see the end
  std::size_t used = 0;
  for (;;) {
    auto n = read(file.fd.get(), text.data() + used, text.size() - used);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) {
      auto error = errno;
      Secret::wipe(text);
      return fail_errno(fmt::format("cannot read {}", printable(path)), error);
    }
    used += static_cast<std::size_t>(n);
    if (n == 0 || used == text.size()) break;
  }
  if (used > limit || used == text.size()) {  // over the limit, or it grew while we read
    Secret::wipe(text);
    return fail(Errc::too_large,
                fmt::format("{} is larger than {} bytes", printable(path), std::min(limit, used)));
  }
  text.resize(used);
  return text;
}

}  // namespace

Result<std::optional<std::string>> read_file(const std::string& path, std::size_t limit) {
  auto file = open_regular(path);
  if (!file) return std::unexpected(file.error());
  if (!*file) return std::nullopt;
  auto text = read_all(**file, path, limit);
  if (!text) return std::unexpected(text.error());
  return *std::move(text);
}

Result<std::optional<Secret>> read_private_file(const std::string& path, std::size_t limit) {
  auto file = open_regular(path);
  if (!file) return std::unexpected(file.error());
  if (!*file) return std::nullopt;
  const auto& status = (*file)->status;
  if (status.st_uid == geteuid() && (status.st_mode & 077) != 0)
    return fail(Errc::refused,
                fmt::format("the private key {} can be read by others (mode {:04o}): run "
                            "chmod 600 on it, and think of replacing the key",
                            printable(path), status.st_mode & 07777));
  auto text = read_all(**file, path, limit);
  if (!text) return std::unexpected(text.error());
  return Secret(*std::move(text));
}

Result<std::optional<std::string>> read_trusted_file(const std::string& path, std::size_t limit) {
  auto file = open_regular(path);
  if (!file) return std::unexpected(file.error());
  if (!*file) return std::nullopt;
  const auto& status = (*file)->status;
  if ((status.st_uid != 0 && status.st_uid != getuid()) || (status.st_mode & 022) != 0)
    return fail(Errc::refused, fmt::format("{} could have been written by others: make it yours "
                                           "and run chmod go-w on it",
                                           printable(path)));
  auto text = read_all(**file, path, limit);
  if (!text) return std::unexpected(text.error());
  return *std::move(text);
}

bool file_exists(const std::string& path) {
  struct stat status{};
  return stat(path.c_str(), &status) == 0;
}

Result<void> append_line(const std::string& path, std::string_view line) {
  auto folder = std::filesystem::path(path).parent_path();
  if (!folder.empty() && mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST)
    return fail_errno(fmt::format("cannot make {}", printable(folder.string())), errno);
  UniqueFd fd(open(path.c_str(), O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0600));
  if (!fd.valid()) return fail_errno(fmt::format("cannot open {}", printable(path)), errno);

  std::string text;
  char last = '\n';
  auto size = lseek(fd.get(), 0, SEEK_END);
  if (size > 0 && pread(fd.get(), &last, 1, size - 1) == 1 && last != '\n') text += '\n';
  text += line;
  auto written = write(fd.get(), text.data(), text.size());
  if (written < 0) return fail_errno(fmt::format("cannot write {}", printable(path)), errno);
  if (static_cast<std::size_t>(written) != text.size())
    return fail(Errc::system, fmt::format("cannot write {}: no space left", printable(path)));
  return {};
}

}  // namespace nigh::client
