// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include "base/text.hpp"
#include "service/resource/attributes.hpp"
#include "service/resource/handlers.hpp"
#include "service/resource/location.hpp"
#include "service/resource/problem.hpp"

namespace nigh::resource {
namespace {

// True: made. False: something had the name.
bool make_one(const std::string& path) {
  if (::mkdir(path.c_str(), 0777) == 0) return true;
  if (errno == EEXIST) return false;
  auto problem = problem_of_errno("cannot make " + printable(path), errno);
  if (problem.status == 404) problem.status = 409;  // a parent is missing
  throw Refused(problem);
}

// Parents that are there already may be ones in which we could make nothing ("/", "/home"), so that
// they are only looked at.
void make_parents(const std::string& path) {
  for (auto slash = path.find('/', 1); slash != path.npos; slash = path.find('/', slash + 1)) {
    auto parent = path.substr(0, slash);
    if (!look_through(parent)) (void)make_one(parent);  // false: another was faster
  }
}

}  // namespace

void make_directory(Exchange& exchange) {
  const auto& request = exchange.request();
  auto where = locate(request.place.path);
  const auto path = (where.folder == "/" ? "" : where.folder) + "/" + where.name;
  auto mode = wanted_mode(request);
  const bool parents = request.flag("parents");
  if (parents) make_parents(path);
  if (make_one(path)) {
    if (mode && ::chmod(path.c_str(), *mode) != 0)
      throw Refused(problem_of_errno("cannot set the mode of " + printable(path), errno));
    return exchange.answer(201);
  }
  auto there = look_through(path);
  if (parents && there && there->kind == files::Kind::directory) return exchange.answer(200);
  throw Refused(Problem{405,
                        fmt::format("{} exists", printable(request.place.asked)),
                        {{"allow", "GET, HEAD, PUT, DELETE, MOVE"}}});
}

}  // namespace nigh::resource
