// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <exception>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "service/resource/resource.hpp"

namespace nigh::resource {

// An error as a client sees it: an HTTP status and a problem document (RFC 9457), in the form that
// all of the server's problems have. `detail` is what the command line prints.
struct Problem {
  std::uint32_t status = 500;
  std::string detail;
  std::vector<HeaderField> headers;  // beside content-type and content-length
};

std::string encode(const Problem& problem);

// Ends a request whose answer has not begun.
class Refused : public std::exception {
 public:
  explicit Refused(Problem problem) : problem_(std::move(problem)) {}
  Refused(std::uint32_t status, std::string detail) : problem_{status, std::move(detail), {}} {}
  const Problem& problem() const { return problem_; }
  const char* what() const noexcept override { return problem_.detail.c_str(); }

 private:
  Problem problem_;
};

// What an Error of the file system means over HTTP. `what` names operation and object.
Problem problem_of(const Error& error);
Problem problem_of_errno(std::string_view what, int error_number);

// The value, or Refused.
template <class T>
T take(Result<T> result) {
  if (!result) throw Refused(problem_of(result.error()));
  if constexpr (!std::is_void_v<T>) return *std::move(result);
}

}  // namespace nigh::resource
