// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <stdio.h>

#include "base/text.hpp"
#include "service/resource/attributes.hpp"
#include "service/resource/handlers.hpp"
#include "service/resource/location.hpp"
#include "service/resource/problem.hpp"

namespace nigh::resource {
namespace {

Place destination_of(const Request& request) {
  constexpr std::string_view kFiles = "/v1/files/";
  auto text = request.header("destination");
  if (!text) throw Refused(400, "request: MOVE needs a header \"destination: /v1/files/PATH\"");
  // No whole URI: whether its host is this one is more than can be known here.
  if (!text->starts_with(kFiles) || text->find('?') != text->npos)
    throw Refused(
        400, fmt::format("request: destination \"{}\" is not /v1/files/PATH", printable(*text)));
  return take(parse_place(std::string_view(*text).substr(kFiles.size()), request.home));
}

bool may_overwrite(const Request& request) {
  auto text = request.header("overwrite").value_or("T");
  if (text != "T" && text != "F")
    throw Refused(400, fmt::format("request: overwrite is T or F, not \"{}\"", printable(text)));
  return text == "T";
}

// 0 or errno. Without `overwrite`, EEXIST if something has the name.
int rename_to(const std::string& from, const std::string& to, bool overwrite) {
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(),
                  overwrite ? 0U : RENAME_NOREPLACE) == 0)
    return 0;
  // EINVAL: also file systems that do not know the flag (NFS). Then it is two steps.
  if (errno != EINVAL || overwrite) return errno;
  if (look_at(to)) return EEXIST;
  return ::rename(from.c_str(), to.c_str()) == 0 ? 0 : errno;
}

Refused refusal(const Place& from, const Place& to, int error_number) {
  auto what = fmt::format("cannot move {} to {}", printable(from.asked), printable(to.asked));
  if (error_number == EXDEV)
    return Refused(409, what + ": they lie on different file systems; copy it and remove it here");
  auto problem = problem_of_errno(what, error_number);
  if (problem.status == 404) problem.status = 409;  // the source was there: a parent is missing
  return Refused(problem);
}

}  // namespace

void move_file(Exchange& exchange) {
  const auto& request = exchange.request();
  auto to = destination_of(request);
  const bool overwrite = may_overwrite(request);
  auto source = look_at(request.place.path);
  if (!source)
    throw Refused(problem_of_errno("cannot move " + printable(request.place.asked), ENOENT));
  check_conditions(request, source);
  const bool replaces = look_at(to.path).has_value();
  auto error_number = rename_to(request.place.path, to.path, overwrite);
  if (error_number == EEXIST && !overwrite)
    throw Refused(412, fmt::format("{} exists", printable(to.asked)));
  if (error_number != 0) throw refusal(request.place, to, error_number);
  exchange.answer(replaces ? 204 : 201);
}

}  // namespace nigh::resource
