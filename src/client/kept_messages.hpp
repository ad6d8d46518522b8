// SPDX-License-Identifier: Apache-2.0
// What is said about kept connections: between a command and the process that keeps one, and
// between a command and such a process that it has just started (see keeper_start.hpp).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <variant>
#include <vector>

#include "client/connection.hpp"
#include "client/resolve.hpp"
#include "wire/message.hpp"

namespace nigh::client {

// argv[0] of the process that keeps a connection.
inline constexpr std::string_view kKeepRole = "nigh-keep";

// Of a request over a kept connection: its stream is better broken off than left on a connection
// that is in doubt. The process in between takes it out.
inline constexpr std::string_view kLeavesField = "nigh-kept-leaves";

// ---- through the socket ------------------------------------------------------------------------
//
// The command says one word; the process answers with one, and after Use and Facts both go on in
// HTTP/2. A word is a u32 length and an encoded message.

// One that is not understood closes the socket: programs of different versions do without each
// other.
inline constexpr std::uint32_t kKeptVersion = 1;
inline constexpr std::size_t kMaxKeptWord = 64 * 1024;

struct Use {
  std::uint32_t version = kKeptVersion;
  std::optional<std::uint64_t> keep_ms;  // from now on
  static constexpr auto fields = std::tuple(&Use::version, &Use::keep_ms);
};
struct AskStatus {
  static constexpr auto fields = std::tuple<>();
};
// Break off what runs and end; or end when nothing runs any more.
struct AskEnd {
  bool drain = false;
  static constexpr auto fields = std::tuple(&AskEnd::drain);
};
using ToKeeper = std::variant<Use, AskStatus, AskEnd>;

struct Facts {
  std::string host;
  std::uint32_t port = 0;
  std::string user;
  std::string version;  // of the server
  std::vector<std::string> features;
  std::string peer_address;
  std::string peer_ip;
  std::uint32_t peer_port = 0;
  std::string tls_group;
  std::string tls_cipher;
  std::string host_fingerprint;
  std::string key_fingerprint;
  std::uint64_t round_trip_us = 0;
  std::int64_t since_ms = 0;  // since 1970
  std::uint32_t clients = 0;
  std::uint32_t streams = 0;
  std::uint64_t keep_ms = 0;
  std::optional<std::int64_t> ends_ms;  // since 1970
  std::int64_t process = 0;
  static constexpr auto fields =
      std::tuple(&Facts::host, &Facts::port, &Facts::user, &Facts::version, &Facts::features,
                 &Facts::peer_address, &Facts::peer_ip, &Facts::peer_port, &Facts::tls_group,
                 &Facts::tls_cipher, &Facts::host_fingerprint, &Facts::key_fingerprint,
                 &Facts::round_trip_us, &Facts::since_ms, &Facts::clients, &Facts::streams,
                 &Facts::keep_ms, &Facts::ends_ms, &Facts::process);
};
// Use another connection.
struct Unfit {
  std::string why;
  static constexpr auto fields = std::tuple(&Unfit::why);
};
using FromKeeper = std::variant<Facts, Unfit>;

// ---- through the link with which it is started (SOCK_SEQPACKET) --------------------------------

struct Begin {
  std::string alias;
  std::string host;
  std::uint32_t port = 0;
  std::string user;
  std::vector<std::string> known_hosts_names;
  std::vector<std::string> known_hosts_files;
  std::string known_hosts_to_append;
  bool hash_known_hosts = false;
  std::uint32_t unknown_host = 0;
  std::vector<std::string> identity_files;
  std::vector<std::string> certificates;
  std::string agent_socket;
  bool offer_agent_keys = false;
  std::vector<std::string> default_files;
  std::uint64_t timeout_ms = 0;
  std::uint64_t keep_ms = 0;
  bool somebody_decides = false;  // about an unknown host: AskHostKey
  std::string directory;          // where its socket goes
  std::vector<Begin> via;         // one at most
  std::string proxy_command;
  static constexpr auto fields = std::tuple(
      &Begin::alias, &Begin::host, &Begin::port, &Begin::user, &Begin::known_hosts_names,
      &Begin::known_hosts_files, &Begin::known_hosts_to_append, &Begin::hash_known_hosts,
      &Begin::unknown_host, &Begin::identity_files, &Begin::certificates, &Begin::agent_socket,
      &Begin::offer_agent_keys, &Begin::default_files, &Begin::timeout_ms, &Begin::keep_ms,
      &Begin::somebody_decides, &Begin::directory, &Begin::via, &Begin::proxy_command);
};
struct Trusted {  // answers AskHostKey
  bool yes = false;
  static constexpr auto fields = std::tuple(&Trusted::yes);
};
using ToStarting = std::variant<Begin, Trusted>;

struct TakenStep {
  std::string text;
  static constexpr auto fields = std::tuple(&TakenStep::text);
};
struct AskHostKey {
  std::string host;
  std::string key_type;
  std::string fingerprint;
  static constexpr auto fields =
      std::tuple(&AskHostKey::host, &AskHostKey::key_type, &AskHostKey::fingerprint);
};
struct Ready {  // it listens
  static constexpr auto fields = std::tuple<>();
};
struct NotReady {
  bool local = false;  // it was not about the server: a connection of one's own may do
  std::uint32_t code = 0;
  std::string message;
  static constexpr auto fields = std::tuple(&NotReady::local, &NotReady::code, &NotReady::message);
};
using FromStarting = std::variant<TakenStep, AskHostKey, Ready, NotReady>;

Begin begin_of(const Endpoint& endpoint, std::string directory);
// Errc::malformed: a number is out of range.
Result<Endpoint> endpoint_of(const Begin& begin);
Facts facts_of(Connection& connection, const ServerInfo& info);
KeptFacts kept_facts(const Facts& facts);
KeptConnection kept_connection(const Facts& facts);
Error error_of(const NotReady& why);

}  // namespace nigh::client
