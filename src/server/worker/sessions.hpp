// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <list>
#include <optional>
#include <string>
#include <vector>

#include "io/process.hpp"
#include "server/worker/grants.hpp"
#include "server/worker/holder_call.hpp"
#include "server/worker/plan.hpp"
#include "server/worker/session_store.hpp"

namespace nigh::server {

// What fronts ask about sessions: decides whether that grant may, starts holders, and asks those
// that run. Holders are left alone when this process ends.
class Sessions {
 public:
  // A front, as far as it is known here: only compared.
  using Owner = const void*;
  using Answer = std::function<void(WorkerToFront, std::vector<UniqueFd>)>;

  Sessions(asio::io_context& context, Account account, const WorkerSettings& settings,
           RoleProgram holder);

  const SessionStore& store() const { return store_; }
  // Holders that this process started and that live.
  std::size_t running() const { return holders_.size(); }

  // `answer` comes from here or later from the loop; not after abandon().
  void start(Owner owner, const StartSession& message, const Grant& grant, Answer answer);
  void attach(Owner owner, const AttachSession& message, const Grant& grant, Answer answer);
  void ask(Owner owner, const AskSessions& message, const Grant& grant, Answer answer);
  void signal(Owner owner, const SignalSession& message, const Grant& grant, Answer answer);

  // Nobody waits for that answer any more. What a start has begun is ended.
  void abandon(Owner owner, RequestId request);
  void abandon_all(Owner owner);

 private:
  static constexpr int kMaxNamesakes = 100;  // dead ones, that are removed on the way

  // A question of a front's, until it is answered.
  struct Errand {
    Owner owner;
    RequestId request;
    Answer answer;
    std::list<HolderCall> calls;
    std::vector<SessionFacts> found;
    std::size_t unanswered = 0;  // of the calls
  };
  using ErrandPosition = std::list<Errand>::iterator;

  // A holder that this process started.
  struct Holder {
    Owner owner;
    RequestId request;
    std::string id;
    std::optional<io::Child> child;
  };
  using HolderPosition = std::list<Holder>::iterator;

  struct Found {
    SessionFacts facts;
    UniqueFd link;
  };

  ErrandPosition begin(Owner owner, RequestId request, Answer answer);
  void finish(ErrandPosition errand, WorkerToFront message, std::vector<UniqueFd> descriptors = {});
  void finish(ErrandPosition errand, const Refusal& refusal);
  // Asks a holder for an errand. Refused if no descriptor is left for the answer, which then never
  // comes. `limit`: nullopt: as long as it takes.
  Refused ask_holder(ErrandPosition errand, UniqueFd link,
                     std::optional<std::chrono::seconds> limit, const ToHolder& question,
                     std::vector<UniqueFd> descriptors, HolderCall::OnAnswer on_answer);

  Refused may_start(const StartSession& message, const Grant& grant) const;
  Refused start(ErrandPosition errand, const StartSession& message, const Grant& grant);
  Refused hold(ErrandPosition errand, const std::string& id, ToHolder command,
               std::vector<UniqueFd> descriptors, std::vector<UniqueFd> fronts);
  std::expected<HolderPosition, Refusal> spawn_holder(ErrandPosition errand, const std::string& id,
                                                      const UniqueFd& link);
  void on_held(ErrandPosition errand, const std::string& id, HolderPosition holder,
               std::vector<UniqueFd> fronts, const Result<FromHolder>& answer);

  std::expected<Found, Refusal> find(const std::string& session, const Grant& grant) const;
  void ask_one(ErrandPosition errand, SessionFacts facts, UniqueFd link, bool wait);
  void answer_with_list(ErrandPosition errand);

  asio::io_context& context_;
  Account account_;
  SessionStore store_;
  std::uint32_t most_;
  SessionSettings settings_;
  RoleProgram holder_program_;
  std::list<Holder> holders_;
  std::list<Errand> errands_;
};

}  // namespace nigh::server
