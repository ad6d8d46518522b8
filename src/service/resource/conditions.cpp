// SPDX-License-Identifier: Apache-2.0
#include "service/resource/conditions.hpp"

#include <fmt/format.h>

#include <string_view>

#include "base/text.hpp"
#include "service/resource/http_date.hpp"

namespace nigh::resource {
namespace {

enum class Comparison { strong, weak };

// Takes one entity tag from the front of `list`; false if there is none.
bool take_tag(std::string_view& list, bool& weak, std::string_view& tag) {
  weak = list.starts_with("W/");
  if (weak) list.remove_prefix(2);
  if (!list.starts_with('"')) return false;
  auto end = list.find('"', 1);
  if (end == list.npos) return false;
  tag = list.substr(0, end + 1);
  list.remove_prefix(end + 1);
  return true;
}

// Whether a field "*" or `"a", W/"b"` names what there is.
Result<bool> names(std::string_view list, const Validators& now, Comparison comparison) {
  const auto whole = list;
  if (trim(list) == "*") return now.exists;
  bool found = false;
  bool any = false;
  while (!(list = trim(list)).empty()) {
    if (list.front() == ',') {
      list.remove_prefix(1);
      continue;
    }
    bool weak = false;
    std::string_view tag;
    const bool good = take_tag(list, weak, tag);
    list = trim(list);
    if (!good || !(list.empty() || list.front() == ','))
      return fail(Errc::malformed,
                  fmt::format("request: {} is not a list of entity tags", printable(whole)));
    any = true;
    if (now.exists && !now.etag.empty() && tag == now.etag)
      found = found || comparison == Comparison::weak || !weak;
  }
  if (!any) return fail(Errc::malformed, "request: an empty list of entity tags");
  return found;
}

// Whether the file changed after the date; nullopt: the field has to be ignored.
std::optional<bool> changed_since(const std::optional<std::string>& field, const Validators& now) {
  auto date = field ? parse_http_date(*field) : std::nullopt;
  if (!date || !now.modified) return std::nullopt;
  return *now.modified > *date;
}

// Steps 1 and 2: whether the request is still about the version that the client knows.
Result<bool> still_current(const Conditions& conditions, const Validators& now) {
  if (conditions.if_match) return names(*conditions.if_match, now, Comparison::strong);
  return !changed_since(conditions.if_unmodified_since, now).value_or(false);
}

}  // namespace

Result<Verdict> evaluate(const Conditions& conditions, const Validators& now, bool reads) {
  auto current = still_current(conditions, now);
  if (!current) return std::unexpected(current.error());
  if (!*current) return Verdict::failed;
  if (conditions.if_none_match) {
    auto known = names(*conditions.if_none_match, now, Comparison::weak);
    if (!known) return std::unexpected(known.error());
    if (*known) return reads ? Verdict::not_modified : Verdict::failed;
  } else if (reads && !changed_since(conditions.if_modified_since, now).value_or(true)) {
    return Verdict::not_modified;
  }
  return Verdict::perform;
}

bool allows_range(const std::string& if_range, const Validators& now) {
  auto field = trim(if_range);
  if (field.starts_with('"')) return !now.etag.empty() && field == now.etag;
  auto date = parse_http_date(field);
  return date && now.modified && *date == *now.modified;
}

}  // namespace nigh::resource
