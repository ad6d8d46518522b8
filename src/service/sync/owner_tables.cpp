// SPDX-License-Identifier: Apache-2.0
#include "service/sync/owner_tables.hpp"

#include <fmt/format.h>

namespace nigh::sync {

std::optional<OwnerNames> OwnerTables::news_about(const files::Entry& entry) {
  if (!preserve_.owner || preserve_.numeric) return std::nullopt;
  OwnerNames news;
  if (told_.emplace(false, entry.uid).second)
    news.names.push_back({false, entry.uid, local_.user(entry.uid)});
  if (told_.emplace(true, entry.gid).second)
    news.names.push_back({true, entry.gid, local_.group(entry.gid)});
  if (news.names.empty()) return std::nullopt;
  return news;
}

void OwnerTables::learn(const OwnerNames& names) {
  constexpr std::size_t kMost = 100'000;  // far more than a machine has accounts
  for (const auto& one : names.names)
    if (peer_.size() < kMost && !one.name.empty()) peer_[{one.group, one.id}] = one.name;
}

files::ComparedOwner OwnerTables::ours(const files::Entry& entry) {
  auto text = [](const std::string& name, std::uint32_t id) {
    return name.empty() ? fmt::format("{}", id) : name;
  };
  if (preserve_.numeric) return {fmt::format("{}", entry.uid), fmt::format("{}", entry.gid)};
  return {text(local_.user(entry.uid), entry.uid), text(local_.group(entry.gid), entry.gid)};
}

files::ComparedOwner OwnerTables::theirs(const files::Entry& entry) const {
  auto text = [this](bool group, std::uint32_t id) {
    auto found = peer_.find({group, id});
    return found != peer_.end() ? found->second : fmt::format("{}", id);
  };
  return {text(false, entry.uid), text(true, entry.gid)};
}

void OwnerTables::localize(files::Entry& entry) {
  if (!preserve_.owner || preserve_.numeric) return;
  if (auto user = peer_.find({false, entry.uid}); user != peer_.end())
    entry.uid = local_.uid(user->second, entry.uid);
  if (auto group = peer_.find({true, entry.gid}); group != peer_.end())
    entry.gid = local_.gid(group->second, entry.gid);
}

}  // namespace nigh::sync
