// SPDX-License-Identifier: Apache-2.0
#include "client/kept_messages.hpp"

#include <limits>

namespace nigh::client {
namespace {

using std::chrono::milliseconds;

std::chrono::system_clock::time_point time_of(std::int64_t ms) {
  return std::chrono::system_clock::time_point(milliseconds(ms));
}

ServerInfo info_of(const Facts& facts) {
  return {.version = facts.version,
          .features = facts.features,
          .user = facts.user,
          .peer_address = facts.peer_address,
          .tls_group = facts.tls_group,
          .tls_cipher = facts.tls_cipher,
          .host_fingerprint = facts.host_fingerprint,
          .key_fingerprint = facts.key_fingerprint};
}

}  // namespace

Begin begin_of(const Endpoint& endpoint, std::string directory) {
  const auto& keys = endpoint.identities;
  return {.alias = endpoint.alias,
          .host = endpoint.host,
          .port = endpoint.port,
          .user = endpoint.user,
          .known_hosts_names = endpoint.known_hosts_names,
          .known_hosts_files = endpoint.known_hosts_files,
          .known_hosts_to_append = endpoint.known_hosts_to_append,
          .hash_known_hosts = endpoint.hash_known_hosts,
          .unknown_host = static_cast<std::uint32_t>(endpoint.unknown_host),
          .identity_files = keys.files,
          .certificates = keys.certificates,
          .agent_socket = keys.agent_socket,
          .offer_agent_keys = keys.offer_agent_keys,
          .default_files = keys.default_files,
          .timeout_ms = static_cast<std::uint64_t>(endpoint.timeout.count()),
          .keep_ms = static_cast<std::uint64_t>(endpoint.keep.value_or(milliseconds(0)).count()),
          .directory = std::move(directory),
          .via = endpoint.via ? std::vector{begin_of(*endpoint.via, "")} : std::vector<Begin>(),
          .proxy_command = endpoint.proxy_command};
}

Result<Endpoint> endpoint_of(const Begin& begin) {
  constexpr std::uint64_t kMaxTime = 1ULL << 40;
  if (begin.port > std::numeric_limits<std::uint16_t>::max() ||
      begin.unknown_host > static_cast<std::uint32_t>(UnknownHostPolicy::refuse) ||
      begin.timeout_ms > kMaxTime || begin.keep_ms > kMaxTime)
    return fail(Errc::malformed, "a message between processes has a number out of range");
  Endpoint endpoint;
  endpoint.alias = begin.alias;
  endpoint.host = begin.host;
  endpoint.port = static_cast<std::uint16_t>(begin.port);
  endpoint.user = begin.user;
  endpoint.known_hosts_names = begin.known_hosts_names;
  endpoint.known_hosts_files = begin.known_hosts_files;
  endpoint.known_hosts_to_append = begin.known_hosts_to_append;
  endpoint.hash_known_hosts = begin.hash_known_hosts;
  endpoint.unknown_host = static_cast<UnknownHostPolicy>(begin.unknown_host);
  endpoint.identities = {.files = begin.identity_files,
                         .certificates = begin.certificates,
                         .agent_socket = begin.agent_socket,
                         .offer_agent_keys = begin.offer_agent_keys,
                         .default_files = begin.default_files};
  endpoint.timeout = milliseconds(begin.timeout_ms);
  endpoint.proxy_command = begin.proxy_command;
  if (!begin.via.empty()) {
    auto via = endpoint_of(begin.via.front());
    if (!via) return via;
    endpoint.via = std::make_shared<const Endpoint>(*std::move(via));
  }
  endpoint.keep = milliseconds(begin.keep_ms);
  return endpoint;
}

Facts facts_of(Connection& connection, const ServerInfo& info) {
  const auto& endpoint = connection.endpoint();
  Facts facts;
  facts.host = endpoint.host;
  facts.port = endpoint.port;
  facts.user = info.user;
  facts.version = info.version;
  facts.features = info.features;
  facts.peer_address = info.peer_address;
  if (const auto& peer = connection.peer()) {
    facts.peer_ip = peer->address().to_string();
    facts.peer_port = peer->port();
  }
  facts.tls_group = info.tls_group;
  facts.tls_cipher = info.tls_cipher;
  facts.host_fingerprint = info.host_fingerprint;
  facts.key_fingerprint = info.key_fingerprint;
  return facts;
}

KeptFacts kept_facts(const Facts& facts) {
  KeptFacts out{info_of(facts), std::nullopt};
  boost::system::error_code wrong;
  auto address = asio::ip::make_address(facts.peer_ip, wrong);
  if (!wrong) out.peer = tcp::endpoint(address, static_cast<std::uint16_t>(facts.peer_port));
  return out;
}

KeptConnection kept_connection(const Facts& facts) {
  KeptConnection kept;
  kept.address = address_text(facts.host, static_cast<std::uint16_t>(facts.port));
  kept.server = info_of(facts);
  kept.round_trip = std::chrono::microseconds(facts.round_trip_us);
  kept.since = time_of(facts.since_ms);
  kept.clients = facts.clients;
  kept.streams = facts.streams;
  kept.keep = milliseconds(facts.keep_ms);
  if (facts.ends_ms) kept.ends = time_of(*facts.ends_ms);
  kept.process = facts.process;
  return kept;
}

Error error_of(const NotReady& why) {
  bool known = why.code <= static_cast<std::uint32_t>(Errc::system);
  return {known ? static_cast<Errc>(why.code) : Errc::system, why.message};
}

}  // namespace nigh::client
