// SPDX-License-Identifier: Apache-2.0
#include "files/failure.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <string>
#include <system_error>

#include "base/text.hpp"

namespace nigh::files {
namespace {

constexpr std::string_view kDiskFull = ": the disk is full (";
constexpr std::string_view kQuotaUsedUp = ": the quota is used up (";

Errc reaction_to(int error_number) {
  switch (error_number) {
    case ENOENT:
      return Errc::not_found;
    case EACCES:
    case EPERM:
    case EROFS:
      return Errc::refused;
    case ENOTDIR:
    case ELOOP:
      return Errc::usage;
    case EFBIG:
      return Errc::too_large;
    default:
      return Errc::system;
  }
}

// What a person can act on, where errno's own text does not say it. Ends in "(", or is empty.
std::string_view words_for(int error_number) {
  switch (error_number) {
    case ENOSPC:
      return kDiskFull;
    case EDQUOT:
      return kQuotaUsedUp;
    case EROFS:
      return ": the file system is mounted for reading only (";
    case ENAMETOOLONG:
      return ": the name is too long for the file system (";
    case EMFILE:
      return ": this process may not open more files, see ulimit -n (";
    case ENFILE:
      return ": the machine has too many open files (";
    case EFBIG:
      return ": larger than the file system or ulimit -f allows (";
    case ELOOP:
      return ": a symbolic link is in the way (";
    default:
      return "";
  }
}

}  // namespace

Error file_error(std::string_view what, std::string_view path, int error_number) {
  auto text = std::generic_category().message(error_number);
  auto words = words_for(error_number);
  auto shown = printable(path);
  return {reaction_to(error_number), words.empty()
                                         ? fmt::format("{} {}: {}", what, shown, text)
                                         : fmt::format("{} {}{}{})", what, shown, words, text)};
}

Error bad_name(std::string_view name) {
  return {Errc::usage, fmt::format("\"{}\" is no name of a file", printable(name))};
}

bool is_out_of_space(const Error& error) {
  // The words are ours: a path in front of them cannot hold their closing bracket at the very end.
  return error.code == Errc::system &&
         (error.message.ends_with(std::string(kDiskFull) + std::generic_category().message(ENOSPC) +
                                  ")") ||
          error.message.ends_with(std::string(kQuotaUsedUp) +
                                  std::generic_category().message(EDQUOT) + ")"));
}

}  // namespace nigh::files
