// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <list>
#include <optional>
#include <string>
#include <vector>

#include "io/process.hpp"
#include "io/readiness.hpp"
#include "server/link/channels_messages.hpp"
#include "server/worker/plan.hpp"

namespace nigh::server {

// The way to the process that has the account's channels, which is started when somebody asks for
// it. It outlives this one, and may have been started by another.
class Channels {
 public:
  using Owner = const void*;
  using Answer = std::function<void(WorkerToFront, std::vector<UniqueFd>)>;
  Channels(asio::io_context& context, const std::string& state_directory,
           const ChannelsSettings& settings, RoleProgram program);

  // Answers Started with a socket, twice, or Failed; not once it was abandoned.
  void open(Owner owner, RequestId request, Answer answer);
  void abandon(Owner owner, RequestId request);
  void abandon_all(Owner owner);

 private:
  struct Waiting {
    Owner owner;
    RequestId request;
    Answer answer;
  };
  Result<std::vector<UniqueFd>> connect() const;
  Refused start();
  Refused spawn_process(const UniqueFd& link);
  void on_started();
  static void answer(const Waiting& to, Result<std::vector<UniqueFd>> ends);
  void refuse_all(const Refusal& refusal);

  asio::io_context& context_;
  std::string directory_;
  ChannelsSettings settings_;
  RoleProgram program_;
  std::list<Waiting> waiting_;
  std::optional<io::Readiness> starting_;  // the link to one that was started, until it is ready
  std::list<io::Child> children_;
};

}  // namespace nigh::server
