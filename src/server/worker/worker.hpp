// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <list>
#include <map>
#include <memory>
#include <optional>

#include "io/process.hpp"
#include "server/link/async_link.hpp"
#include "server/link/messages.hpp"
#include "server/worker/channels.hpp"
#include "server/worker/dialer.hpp"
#include "server/worker/grants.hpp"
#include "server/worker/listeners.hpp"
#include "server/worker/plan.hpp"
#include "server/worker/published_names.hpp"
#include "server/worker/sessions.hpp"
#include "server/worker/streams.hpp"

namespace nigh::server {

// Runs as the user: reads the user's files, starts the user's processes, and hands their
// descriptors to the fronts. It opens the sockets that tunnels need and hands them over, too; it
// never touches a byte of the network's or one that a process writes.
class Worker {
 public:
  Worker(asio::io_context& context, UniqueFd keeper, RoleProgram roles);

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
  void on(FrontPosition front, const StartSession& message);
  void on(FrontPosition front, const AttachSession& message);
  void on(FrontPosition front, const AskSessions& message);
  void on(FrontPosition front, const SignalSession& message);
  void on(FrontPosition front, const Dial& message);
  void on(FrontPosition front, const Listen& message);
  void on(FrontPosition front, const OpenChannels& message);
  void on(FrontPosition front, const FetchTunnel& message);
  template <class Message>
  void about_sessions(FrontPosition front, const GrantId& grant, const Message& message,
                      void (Sessions::*handle)(Sessions::Owner, const Message&, const Grant&,
                                               Sessions::Answer));

  std::expected<const Grant*, Refusal> granted(const GrantId& id) const;
  // The same, unless it is only good for a session.
  std::expected<const Grant*, Refusal> granted_all(const GrantId& id) const;
  // May another process start for that grant?
  std::expected<const Grant*, Refusal> admit(FrontPosition front, RequestId request,
                                             const GrantId& id) const;
  Refused has_room() const;
  Refused start(FrontPosition front, const Start& message);
  Refused start(FrontPosition front, const StartFiles& message);
  std::expected<pid_t, Refusal> launch(FrontPosition front, RequestId id, SpawnSpec& spec,
                                       Streams streams);
  Refused dial(FrontPosition front, const Dial& message);
  Refused listen(FrontPosition front, const Listen& message);
  Refused fetch(FrontPosition front, const FetchTunnel& message);
  Refused publish(FrontPosition front, const Listen& message, const Grant& grant);
  // To who publishes that name here; false: it is no such name.
  std::expected<bool, Refusal> visit(FrontPosition front, const Dial& message, const Grant& grant);
  Front* front_of(const PublishedNames::Line& line);
  static void hand_over(FrontPosition front, RequestId request, UniqueFd socket);
  Refused issue(FrontPosition front, const IssueToken& message);
  Refused revoke(FrontPosition front, const RevokeToken& message);
  static void refuse_unless(FrontPosition front, RequestId request, const Refused& done);
  void exited(FrontPosition front, RequestId process, io::ChildStatus status);

  asio::io_context& context_;
  RoleProgram roles_;
  Account account_;
  std::optional<TokenStore> tokens_;
  std::optional<Sessions> sessions_;
  std::optional<Channels> channels_;
  std::optional<PublishedNames> published_;
  std::optional<Grants> grants_;
  std::uint32_t token_seconds_ = 0;
  std::uint32_t max_processes_ = 0;
  std::uint32_t processes_ = 0;
  ForwardingSettings forwarding_;
  Dialer dialer_;
  Listeners listeners_;
  std::list<Front> fronts_;
  std::optional<asio::steady_timer> stopping_;
  KeeperLink keeper_;
};

int worker_main(const char* log_level);

}  // namespace nigh::server
