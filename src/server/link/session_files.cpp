// SPDX-License-Identifier: Apache-2.0
#include "server/link/session_files.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>

#include "base/text.hpp"
#include "base/unique_fd.hpp"
#include "wire/base64.hpp"

namespace nigh::server {

Result<void> write_session_file(const std::string& path, std::string_view content) {
  UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!fd.valid()) return fail_errno("cannot make " + path, errno);
  while (!content.empty()) {
    auto n = ::write(fd.get(), content.data(), content.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) {
      auto failed = fail_errno("cannot write " + path, errno);
      ::unlink(path.c_str());
      return failed;
    }
    content.remove_prefix(static_cast<std::size_t>(n));
  }
  return {};
}

// One line: key, id of a token or "-", attachment.
std::string resume_text(const ResumeEntry& entry) {
  return fmt::format("{} {}", wire::base64(entry.key),
                     entry.token_id.empty() ? "-" : entry.token_id);
}

std::string with_attachment(std::string_view resume_text, std::uint64_t attachment) {
  return fmt::format("{} {}\n", resume_text, attachment);
}

std::optional<ResumeEntry> parse_resume_file(std::string_view content) {
  if (!content.ends_with('\n')) return std::nullopt;  // it is still being written
  auto parts = split(content.substr(0, content.size() - 1), ' ');
  if (parts.size() != 3 || parts[1].empty()) return std::nullopt;
  auto key = wire::base64_decode(parts[0]);
  ResumeEntry entry;
  auto number = parts[2];
  auto [rest, error] =
      std::from_chars(number.data(), number.data() + number.size(), entry.attachment);
  if (!key || key->empty() || error != std::errc() || rest != number.data() + number.size())
    return std::nullopt;
  entry.key = *std::move(key);
  if (parts[1] != "-") entry.token_id = parts[1];
  return entry;
}

}  // namespace nigh::server
