// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "base/text.hpp"
#include "files/directory.hpp"
#include "service/resource/attributes.hpp"
#include "service/resource/handlers.hpp"
#include "service/resource/location.hpp"
#include "service/resource/problem.hpp"

namespace nigh::resource {
namespace {

void remove_all(const files::Directory& folder, const std::string& name) {
  std::optional<Problem> first;
  std::size_t failed = 0;
  auto on_failed = [&](const std::string&, const Error& error) {
    if (!first) first = problem_of(error);
    ++failed;
  };
  if (files::remove_tree(folder, name, on_failed)) return;
  if (!first) first = Problem{500, "something is left of " + printable(name), {}};
  if (failed > 1) first->detail += fmt::format(" (and {} more like this)", failed - 1);
  if (first->status == 404) first->status = 409;  // somebody else removes it too
  throw Refused(*first);
}

}  // namespace

void delete_file(Exchange& exchange) {
  const auto& request = exchange.request();
  const auto& path = request.place.path;
  const bool recursive = request.flag("recursive");
  auto where = locate(path);
  // As rm: what these would remove is not what anybody means.
  if (where.name.empty() || where.name == "." || where.name == "..")
    throw Refused(409, fmt::format("{} is not to be removed", printable(request.place.asked)));
  auto folder = take(files::Directory::open(where.folder));
  auto entry = look_at(folder.path_of(where.name));
  if (!entry)
    throw Refused(problem_of_errno("cannot remove " + printable(request.place.asked), ENOENT));
  const bool is_directory = entry->kind == files::Kind::directory;
  if (where.slash && !is_directory)
    throw Refused(409, fmt::format("{} is not a directory", printable(request.place.asked)));
  check_conditions(request, entry);
  if (is_directory && recursive)
    remove_all(folder, where.name);
  else if (::unlinkat(folder.fd(), where.name.c_str(), is_directory ? AT_REMOVEDIR : 0) != 0)
    throw Refused(problem_of_errno("cannot remove " + printable(request.place.asked), errno));
  exchange.answer(204);
}

}  // namespace nigh::resource
