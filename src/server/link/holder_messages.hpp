// SPDX-License-Identifier: Apache-2.0
// What a worker and the holder of a session say to each other. The link that a holder is started
// with carries HoldCommand and its answer. Later ones come from its listening socket, one for each
// question: the worker that asks need not be the one that started it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <variant>
#include <vector>

#include "server/link/messages.hpp"

namespace nigh::server {

inline constexpr char kHolderRole[] = "nigh-holder";

// Who is at the other end of a socket that a holder is handed.
struct HolderClient {
  std::string address;  // "192.0.2.7 4711"
  std::string key;      // its fingerprint
  // Of the attachment that it makes, if it makes one: the token, and the name and content of the
  // file by which a worker knows it again (link/session_files.hpp).
  Secret token;
  std::string token_file;
  std::string token_text;
  // Whoever logged in with a resume token goes on with that attachment and does nothing else.
  std::optional<std::uint64_t> only_attachment;
  static constexpr auto fields = std::tuple(
      &HolderClient::address, &HolderClient::key, &HolderClient::token, &HolderClient::token_file,
      &HolderClient::token_text, &HolderClient::only_attachment);
};

// A client is three descriptors, of which a front has the other ends: a socket, on which it is
// heard; the farewell, an eventfd that is not 0 if the client itself has ended its connection, when
// the socket ends; and what is sent to it: a pipe, or the socket once more.
//
// The first message + the first client and, with `terminal`, our side of it.
struct HoldCommand {
  SessionFacts facts;  // as far as they are known at the start
  std::string program;
  std::vector<std::string> argv;
  std::vector<std::string> environment;
  std::string directory;
  std::string terminal;  // path of its user's side; empty: pipes
  std::optional<std::uint64_t> time_limit_ms;
  SessionSettings settings;
  HolderClient client;
  static constexpr auto fields =
      std::tuple(&HoldCommand::facts, &HoldCommand::program, &HoldCommand::argv,
                 &HoldCommand::environment, &HoldCommand::directory, &HoldCommand::terminal,
                 &HoldCommand::time_limit_ms, &HoldCommand::settings, &HoldCommand::client);
};

struct HolderAttach {  // + a client
  HolderClient client;
  static constexpr auto fields = std::tuple(&HolderAttach::client);
};

struct HolderAsk {
  bool wait = false;  // until the command has ended
  static constexpr auto fields = std::tuple(&HolderAsk::wait);
};

struct HolderSignal {
  std::uint32_t number = 0;
  static constexpr auto fields = std::tuple(&HolderSignal::number);
};

using ToHolder = std::variant<HoldCommand, HolderAttach, HolderAsk, HolderSignal>;

struct Holding {  // the command runs
  std::uint32_t pid = 0;
  static constexpr auto fields = std::tuple(&Holding::pid);
};

struct HolderDone {  // attached, signalled
  std::uint8_t unused = 0;
  static constexpr auto fields = std::tuple(&HolderDone::unused);
};

using FromHolder = std::variant<Holding, Failed, SessionFacts, HolderDone>;

}  // namespace nigh::server
