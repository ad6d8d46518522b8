// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "client/dial.hpp"

namespace nigh::client {
namespace {

std::string seconds(io::Duration limit) {
  return fmt::format("{:g} s", std::chrono::duration<double>(limit).count());
}

std::string in_words(const boost::system::error_code& reason, io::Duration limit) {
  if (reason == asio::error::timed_out) return fmt::format("no answer within {}", seconds(limit));
  if (reason == asio::error::connection_refused) return "nothing listens there";
  return reason.message();
}

bool same(const std::vector<FailedAttempt>& attempts, const boost::system::error_code& reason) {
  return std::ranges::all_of(attempts, [&](const auto& a) { return a.reason == reason; });
}

// " (192.0.2.7 and 2001:db8::7)", unless that is what the person typed.
std::string addresses(std::string_view address, const std::vector<FailedAttempt>& attempts) {
  std::string list;
  for (const auto& attempt : attempts) {
    auto text = attempt.endpoint.address().to_string();
    if (attempts.size() == 1 && address.find(text) != address.npos) return "";
    list += (list.empty() ? "" : &attempt == &attempts.back() ? " and " : ", ") + text;
  }
  return fmt::format(" ({})", list);
}

}  // namespace

Error explain_failed_dial(std::string_view address, const std::vector<FailedAttempt>& attempts,
                          io::Duration limit) {
  auto where = addresses(address, attempts);
  if (same(attempts, asio::error::connection_refused))
    return {Errc::unavailable,
            fmt::format("nothing listens on {}{}: is `nigh serve` running there?", address, where)};
  if (same(attempts, asio::error::timed_out))
    return {Errc::timeout, fmt::format("no answer from {}{} within {}: the machine may be down, or "
                                       "a firewall in between",
                                       address, where, seconds(limit))};
  if (same(attempts, attempts.front().reason))
    return {Errc::unavailable, fmt::format("cannot reach {}{}: {}", address, where,
                                           in_words(attempts.front().reason, limit))};
  std::string list;
  for (const auto& attempt : attempts)
    list += fmt::format("{}{}: {}", list.empty() ? "" : "; ",
                        attempt.endpoint.address().to_string(), in_words(attempt.reason, limit));
  return {Errc::unavailable, fmt::format("cannot connect to {}: {}", address, list)};
}

}  // namespace nigh::client
