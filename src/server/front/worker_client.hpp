// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "base/unique_fd.hpp"
#include "server/link/async_link.hpp"
#include "server/link/messages.hpp"

namespace nigh::server {

// Who asked the worker for something and waits for what it says: one call, or on_started() and then
// one of on_exited() and on_failed(). Any of the calls may destroy it.
class WorkerAnswers {
 public:
  virtual ~WorkerAnswers() = default;
  virtual void on_started(const Started&, std::vector<UniqueFd>) {}
  virtual void on_visited(const Visited&, std::vector<UniqueFd>) {}  // any number of times
  virtual void on_exited(const Exited&) {}
  virtual void on_token(TokenIssued) {}
  virtual void on_token_revoked() {}
  virtual void on_sessions(SessionList) {}  // until the last of them
  virtual void on_session_signalled() {}
  virtual void on_failed(const Failed& failure) = 0;
  // In the place of on_failed(): nobody knows how far the worker has come with it.
  virtual void on_worker_died(const Failed& failure) { on_failed(failure); }
};

// The front's side of the link to the worker: matches answers to requests.
class WorkerClient {
 public:
  explicit WorkerClient(asio::any_io_executor executor) : executor_(std::move(executor)) {}

  // What the worker asks for by itself.
  using Surrender = std::function<void(const SurrenderTunnel&, UniqueFd)>;
  void on_surrender(Surrender surrender) { surrender_ = std::move(surrender); }

  static constexpr std::size_t kMaxUnsent = 1000;
  // Of what the worker has not read yet. Who asks for more is refused: Trouble::busy.
  static constexpr std::size_t kMaxQueued = 64u << 20;
  enum class Without { fail, wait };  // while there is no worker

  // A new worker, the first or after the last one died; then whoever waited hears on_failed(),
  // except for what has waited for it.
  void connect(UniqueFd socket);

  // The request number of `message` is set here, and names the process from then on. `answers` must
  // call forget() before it goes.
  template <class Message>
  RequestId ask(Message message, WorkerAnswers& answers, Without without = Without::fail) {
    auto id = message.request = next_++;
    waiting_.emplace(id, &answers);
    if (link_ && has_room())
      link_->send(std::move(message));
    else if (!link_ && without == Without::wait && unsent_.size() < kMaxUnsent)
      unsent_.emplace(id, std::move(message));
    else
      refuse(id, link_ || without == Without::wait);
    return id;
  }
  void forget(RequestId id) {
    waiting_.erase(id);
    unsent_.erase(id);
  }
  // What a client may repeat as often as it likes is to be left out meanwhile.
  bool has_room() const { return !link_ || link_->queued() < kMaxQueued; }
  void signal(RequestId process, int number);
  void abandon(RequestId process);

 private:
  void on_message(WorkerToFront message, std::vector<UniqueFd> descriptors);
  void on_lost();
  void refuse(RequestId id, bool busy);
  void died(RequestId id);
  WorkerAnswers* find(RequestId id) const;
  WorkerAnswers* take(RequestId id);  // and forgets it

  asio::any_io_executor executor_;
  std::optional<AsyncLink<WorkerToFront, FrontToWorker>> link_;
  std::unordered_map<RequestId, WorkerAnswers*> waiting_;
  std::map<RequestId, FrontToWorker> unsent_;  // in the order of asking
  std::unordered_set<RequestId> refused_;      // who is yet to hear it
  RequestId next_ = 1;
  Surrender surrender_;
};

}  // namespace nigh::server
