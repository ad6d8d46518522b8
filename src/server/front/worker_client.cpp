// SPDX-License-Identifier: Apache-2.0
#include "server/front/worker_client.hpp"

#include <utility>

namespace nigh::server {

void WorkerClient::connect(UniqueFd socket) {
  on_lost();
  link_.emplace(executor_, std::move(socket),
                AsyncLink<WorkerToFront, FrontToWorker>::Events{
                    [this](WorkerToFront message, std::vector<UniqueFd> descriptors) {
                      on_message(std::move(message), std::move(descriptors));
                    },
                    [this](const Error&) { on_lost(); }});
  for (auto& [id, message] : std::exchange(unsent_, {})) link_->send(message);
}

void WorkerClient::on_lost() {
  link_.reset();
  std::vector<RequestId> lost;
  for (const auto& [id, answers] : waiting_)
    if (!unsent_.contains(id)) lost.push_back(id);
  for (auto id : lost) died(id);
}

void WorkerClient::died(RequestId id) {
  if (auto* answers = take(id))
    answers->on_worker_died({id, Trouble::internal, "the server's worker died; try again"});
}

// From the loop: who asks does not expect an answer meanwhile.
void WorkerClient::refuse(RequestId id, bool busy) {
  refused_.insert(id);
  asio::post(executor_, [this, id, busy] {
    refused_.erase(id);
    if (!busy) return died(id);
    if (auto* answers = take(id))
      answers->on_failed({id, Trouble::busy, "too much waits for the server's worker; try again"});
  });
}

WorkerAnswers* WorkerClient::take(RequestId id) {
  auto* answers = find(id);
  waiting_.erase(id);
  return answers;
}

WorkerAnswers* WorkerClient::find(RequestId id) const {
  auto found = waiting_.find(id);
  return found != waiting_.end() ? found->second : nullptr;
}

void WorkerClient::on_message(WorkerToFront message, std::vector<UniqueFd> descriptors) {
  if (const auto* surrender = std::get_if<SurrenderTunnel>(&message)) {
    if (descriptors.size() == 1 && surrender_) surrender_(*surrender, std::move(descriptors[0]));
    return;
  }
  auto id = std::visit(
      [](const auto& m) -> RequestId {
        if constexpr (requires { m.process; })
          return m.process;
        else if constexpr (requires { m.request; })
          return m.request;
        else
          return 0;
      },
      message);
  // All but Started, Visited, and a list that goes on, are the last that is said about a request.
  const auto* started = std::get_if<Started>(&message);
  const auto* visited = std::get_if<Visited>(&message);
  auto* list = std::get_if<SessionList>(&message);
  const bool more = started != nullptr || visited != nullptr || (list != nullptr && !list->last);
  auto* answers = more ? find(id) : take(id);
  if (answers == nullptr) return;  // its stream is gone; descriptors close here
  if (started != nullptr)
    answers->on_started(*started, std::move(descriptors));
  else if (visited != nullptr)
    answers->on_visited(*visited, std::move(descriptors));
  else if (const auto* exited = std::get_if<Exited>(&message))
    answers->on_exited(*exited);
  else if (auto* token = std::get_if<TokenIssued>(&message))
    answers->on_token(std::move(*token));
  else if (std::holds_alternative<TokenRevoked>(message))
    answers->on_token_revoked();
  else if (list != nullptr)
    answers->on_sessions(std::move(*list));
  else if (std::holds_alternative<SessionSignalled>(message))
    answers->on_session_signalled();
  else if (const auto* failed = std::get_if<Failed>(&message))
    answers->on_failed(*failed);
}

void WorkerClient::signal(RequestId process, int number) {
  if (link_) link_->send(SendSignal{process, static_cast<std::uint32_t>(number)});
}

void WorkerClient::abandon(RequestId process) {
  unsent_.erase(process);
  if (link_ && !refused_.contains(process)) link_->send(Abandon{process});
}

}  // namespace nigh::server
