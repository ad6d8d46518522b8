// SPDX-License-Identifier: Apache-2.0
#include "server/keeper/penalties.hpp"

#include <arpa/inet.h>

#include <algorithm>

namespace nigh::server {

std::string penalty_key(std::string_view address) {
  // Who comes over a relay ("relay:bastion/2001:db8::7") counts by his address there.
  if (auto slash = address.rfind('/'); slash != address.npos)
    return std::string(address.substr(0, slash + 1)) += penalty_key(address.substr(slash + 1));
  in6_addr v6{};
  std::string text(address);
  if (::inet_pton(AF_INET6, text.c_str(), &v6) != 1) return text;
  return std::string(reinterpret_cast<const char*>(v6.s6_addr), 8);
}

void Penalties::add(std::string_view source, Seconds penalty, Time now) {
  if (until_.size() >= kMaxSources) forget_expired(now);
  if (until_.size() >= kMaxSources) return;  // a flood from everywhere; the login limit holds
  auto& until = until_[penalty_key(source)];
  until = std::min(std::max(until, now) + penalty, now + kMost);
}

bool Penalties::turned_away(std::string_view source, Time now) const {
  auto found = until_.find(penalty_key(source));
  return found != until_.end() && found->second - now > kTolerated;
}

void Penalties::forget_expired(Time now) {
  std::erase_if(until_, [&](const auto& entry) { return entry.second <= now; });
}

}  // namespace nigh::server
