// SPDX-License-Identifier: Apache-2.0
#include <grp.h>
#include <pwd.h>

#include <cerrno>
#include <optional>
#include <vector>

#include "files/attributes.hpp"

namespace nigh::files {
namespace {

constexpr std::size_t kMostRoom = 1 << 20;  // for one account with all its group's members

// `look_up` is one of get{pw,gr}{nam,uid,gid}_r; it is called with room for what it finds.
template <class Record, class Key, class LookUp, class Take>
auto find(LookUp look_up, Key key, Take take) -> std::optional<decltype(take(Record{}))> {
  std::vector<char> room(1024);
  while (true) {
    Record record{}, *found = nullptr;
    int failed = look_up(key, &record, room.data(), room.size(), &found);
    if (failed == ERANGE && room.size() < kMostRoom) {
      room.resize(room.size() * 4);
      continue;
    }
    if (failed != 0 || found == nullptr) return std::nullopt;
    return take(record);
  }
}

std::string user_name(const passwd& record) { return record.pw_name; }
std::string group_name(const group& record) { return record.gr_name; }

// Numbers of names that exist here are kept; of others not: a peer could name millions.
template <class Find>
std::uint32_t number_of(const std::string& name, std::uint32_t otherwise,
                        std::map<std::string, std::uint32_t>& known, Find find_it) {
  if (name.empty() || name.contains('\0')) return otherwise;
  if (auto at = known.find(name); at != known.end()) return at->second;
  auto found = find_it();
  if (!found) return otherwise;
  return known[name] = *found;
}

}  // namespace

const std::string& Owners::user(std::uint32_t uid) {
  auto [at, is_new] = users_.try_emplace(uid);
  if (is_new) at->second = find<passwd>(::getpwuid_r, uid, user_name).value_or("");
  return at->second;
}

const std::string& Owners::group(std::uint32_t gid) {
  auto [at, is_new] = groups_.try_emplace(gid);
  if (is_new) at->second = find<::group>(::getgrgid_r, gid, group_name).value_or("");
  return at->second;
}

std::uint32_t Owners::uid(const std::string& name, std::uint32_t otherwise) {
  return number_of(name, otherwise, uids_, [&] {
    return find<passwd>(::getpwnam_r, name.c_str(), [](const passwd& r) { return r.pw_uid; });
  });
}

std::uint32_t Owners::gid(const std::string& name, std::uint32_t otherwise) {
  return number_of(name, otherwise, gids_, [&] {
    return find<::group>(::getgrnam_r, name.c_str(), [](const ::group& r) { return r.gr_gid; });
  });
}

}  // namespace nigh::files
