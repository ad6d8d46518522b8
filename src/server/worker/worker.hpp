// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <list>
#include <map>
#include <memory>
#include <optional>

#include "io/process.hpp"
#include "server/link/async_link.hpp"
#include "server/link/messages.hpp"
#include "server/worker/grants.hpp"
#include "server/worker/plan.hpp"
#include "server/worker/streams.hpp"

namespace nigh::server {

// Runs as the user: reads the user's files, starts the user's processes, and hands their
// descriptors to the fronts. It never touches a network socket or a byte that a process writes.
class Worker {
 public:
  Worker(asio::io_context& context, UniqueFd keeper, FilesProgram files);

 private:
  using KeeperLink = AsyncLink<ToWorker, FromWorker>;
  using FrontLink = AsyncLink<FrontToWorker, WorkerToFront>;

  // One front and the processes it pumps for.
  struct Front {
    std::optional<FrontLink> link;
    std::map<RequestId, io::Child> processes;
  };
  using FrontPosition = std::list<Front>::iterator;

  void from_keeper(ToWorker message, std::vector<UniqueFd> descriptors);
  void configure(const WorkerSettings& settings);
  void add_front(UniqueFd socket);
  void drop_front(FrontPosition front);
  void stop();
  void stop_if_idle();

  void on(FrontPosition front, const Start& message);
  void on(FrontPosition front, const StartFiles& message);
  void on(FrontPosition front, const SendSignal& message);
  void on(FrontPosition front, const Abandon& message);
  void on(FrontPosition front, const IssueToken& message);
  void on(FrontPosition front, const RevokeToken& message);

  // May another process start for that grant?
  std::expected<const Grant*, Refusal> admit(FrontPosition front, RequestId request,
                                             const GrantId& id) const;
  std::expected<void, Refusal> start(FrontPosition front, const Start& message);
  std::expected<void, Refusal> start(FrontPosition front, const StartFiles& message);
  std::expected<pid_t, Refusal> launch(FrontPosition front, RequestId id, SpawnSpec& spec,
                                       Streams streams);
  static void refuse_unless(FrontPosition front, RequestId request,
                            const std::expected<void, Refusal>& started);
  void exited(FrontPosition front, RequestId process, io::ChildStatus status);
  const Grant* granted(FrontPosition front, RequestId request, const GrantId& id);

  asio::io_context& context_;
  FilesProgram files_;
  Account account_;
  std::optional<TokenStore> tokens_;
  std::optional<Grants> grants_;
  std::uint32_t token_seconds_ = 0;
  std::uint32_t max_processes_ = 0;
  std::uint32_t processes_ = 0;
  std::list<Front> fronts_;
  std::optional<asio::steady_timer> stopping_;
  KeeperLink keeper_;
};

int worker_main(const char* log_level);

}  // namespace nigh::server
