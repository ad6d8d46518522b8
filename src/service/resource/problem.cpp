// SPDX-License-Identifier: Apache-2.0
#include "service/resource/problem.hpp"

#include <errno.h>

#include <nlohmann/json.hpp>
#include <system_error>

#include "files/failure.hpp"

namespace nigh::resource {
namespace {

struct Class {
  std::uint32_t status;
  std::string_view type;  // the last part of "urn:nigh:problem:…"
  std::string_view title;
};

constexpr Class kClasses[] = {
    {400, "bad-request", "Bad request"},
    {403, "not-permitted", "Not permitted"},
    {404, "not-found", "Not found"},
    {405, "method-not-allowed", "Method not allowed"},
    {409, "conflict", "Not possible as things are"},
    {412, "precondition-failed", "A condition of the request does not hold"},
    {413, "too-large", "Too large"},
    {416, "range-not-satisfiable", "No such range"},
    {423, "locked", "In use by another request"},
    {500, "internal", "It did not work"},
    {503, "busy", "A limit is reached"},
    {507, "insufficient-storage", "No space left"},
};

const Class& class_of(std::uint32_t status) {
  for (const auto& one : kClasses)
    if (one.status == status) return one;
  bug("a problem with a status that has no name");
}

std::uint32_t status_of_errno(int error_number) {
  switch (error_number) {
    case ENOENT:
    case ENOTDIR:
      return 404;
    case EACCES:
    case EPERM:
    case EROFS:
      return 403;
    case ENAMETOOLONG:
      return 400;
    case EFBIG:
      return 413;
    case EMFILE:
    case ENFILE:
    case ENOMEM:
      return 503;
    case ENOSPC:
    case EDQUOT:
      return 507;
    case EBUSY:
    case EEXIST:
    case EINVAL:  // a directory into itself
    case EISDIR:
    case ELOOP:
    case EMLINK:
    case ENOTEMPTY:
    case ETXTBSY:
    case EXDEV:
      return 409;
    default:
      return 500;
  }
}

// An Error carries no errno, so that what the kernel said is found by its words.
bool says(const Error& error, int error_number) {
  return error.message.find(std::generic_category().message(error_number)) != std::string::npos;
}

std::uint32_t status_of(const Error& error) {
  switch (error.code) {
    case Errc::not_found:
      return 404;
    case Errc::refused:
      return 403;
    case Errc::usage:
      return 409;
    case Errc::malformed:
      return 400;
    case Errc::too_large:
      return 413;
    case Errc::unavailable:
      return 423;
    default:
      break;
  }
  if (files::is_out_of_space(error)) return 507;
  for (int error_number : {EMFILE, ENFILE, ENOMEM, ENAMETOOLONG, EBUSY, EEXIST, EISDIR, ENOTEMPTY})
    if (says(error, error_number)) return status_of_errno(error_number);
  return 500;
}

}  // namespace

std::string encode(const Problem& problem) {
  const auto& kind = class_of(problem.status);
  nlohmann::json json{{"type", "urn:nigh:problem:" + std::string(kind.type)},
                      {"title", kind.title},
                      {"status", problem.status},
                      {"detail", problem.detail}};
  // A detail quotes paths: bytes that are not UTF-8 are replaced.
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

Problem problem_of(const Error& error) { return {status_of(error), error.message, {}}; }

Problem problem_of_errno(std::string_view what, int error_number) {
  return {status_of_errno(error_number), errno_error(what, error_number).message, {}};
}

}  // namespace nigh::resource
