// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fmt/format.h>

#include "base/text.hpp"
#include "files/glob.hpp"
#include "service/resource/handlers.hpp"
#include "service/resource/location.hpp"
#include "service/resource/problem.hpp"
#include "service/resource/tree_walk.hpp"

namespace nigh::resource {
namespace {

std::optional<Depth> depth_of(const Request& request) {
  auto text = request.parameter("depth");
  if (!text) return std::nullopt;
  if (*text == "0") return Depth::self;
  if (*text == "1") return Depth::children;
  if (*text == "infinity") return Depth::tree;
  throw Refused(
      400, fmt::format("request: \"depth\" is 0, 1 or infinity, not \"{}\"", printable(*text)));
}

// A match as the client would ask for it: below "~" again if that is how it asked.
Place place_of(const std::string& match, const Request& request) {
  const auto& asked = request.place.asked;
  if (!asked.starts_with('~')) return {match, match};
  auto home = files::absolute("~", request.home);
  while (home.size() > 1 && home.ends_with('/')) home.pop_back();
  if (match == home) return {"~", match};
  if (!match.starts_with(home + "/")) return {match, match};
  return {"~" + match.substr(home.size()), match};
}

std::vector<Place> places_of(const Request& request) {
  if (!request.flag("glob")) return {request.place};
  std::vector<Place> places;
  for (const auto& match : take(files::expand(request.place.path)))
    places.push_back(place_of(match, request));
  return places;
}

}  // namespace

void list_tree(Exchange& exchange) {
  const auto& request = exchange.request();
  auto depth = depth_of(request);
  const bool summary = request.flag("summary");
  const bool glob = request.flag("glob");
  LineWriter lines(exchange);
  if (summary) {
    TreeSummary tree(lines, depth.value_or(Depth::self));
    for (const auto& place : places_of(request)) tree.add(place, glob);
  } else {
    TreeListing tree(lines, depth.value_or(Depth::children), glob);
    for (const auto& place : places_of(request)) tree.add(place);
  }
  lines.finish();
}

}  // namespace nigh::resource
