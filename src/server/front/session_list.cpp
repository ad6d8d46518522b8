// SPDX-License-Identifier: Apache-2.0
#include "server/front/session_list.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace nigh::server {
namespace {

using Json = nlohmann::json;

Json to_json(const SessionFacts& facts) {
  Json json{{"id", facts.id},
            {"name", facts.name},
            {"command", facts.command},
            {"created", fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(facts.created))},
            {"terminal", facts.terminal},
            {"keep", facts.keep},
            {"clients", facts.clients},
            {"idle", facts.idle_seconds}};
  if (facts.terminal) json["size"] = {{"columns", facts.columns}, {"rows", facts.rows}};
  if (auto exit = Json::parse(facts.exit, nullptr, false); exit.is_object()) json["exit"] = exit;
  return json;
}

std::string text(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace

void ListSessionsStream::on_end() {
  asked_ = shared_.worker.ask(AskSessions{0, shared_.login.grant, std::nullopt, false}, *this);
}

void ListSessionsStream::on_sessions(SessionList list) {
  std::ranges::move(list.sessions, std::back_inserter(sessions_));
  if (!list.last) return;
  auto all = Json::array();
  for (const auto& facts : sessions_) all.push_back(to_json(facts));
  answer(200, "application/json", text(Json{{"sessions", std::move(all)}}));
}

void ListSessionsStream::on_failed(const Failed& failure) {
  answer(problem_of(failure.trouble, failure.message));
}

AskSessionsStream::~AskSessionsStream() {
  shared_.worker.forget(asked_);
  if (asked_ != 0 && !answered_) shared_.worker.abandon(asked_);
}

void AskSessionsStream::on_end() {
  asked_ = shared_.worker.ask(AskSessions{0, shared_.login.grant, session_, wait_}, *this);
}

void AskSessionsStream::on_sessions(SessionList list) {
  if (answered_) return;
  answered_ = true;
  if (list.sessions.empty())
    return answer(problem_of(Trouble::not_found, fmt::format("session {} is over", session_)));
  answer(200, "application/json", text(to_json(list.sessions.front())));
}

void AskSessionsStream::on_failed(const Failed& failure) {
  if (answered_) return;
  answered_ = true;
  answer(problem_of(failure.trouble, failure.message));
}

void AskSessionsStream::on_drain() {
  if (asked_ != 0) on_failed({asked_, Trouble::busy, "the server is ending: ask its successor"});
}

void SignalSessionStream::on_end() {
  asked_ = shared_.worker.ask(
      SignalSession{0, shared_.login.grant, session_, static_cast<std::uint32_t>(number_)}, *this);
}

void SignalSessionStream::on_session_signalled() { answer(200, "application/json", "{}\n"); }

void SignalSessionStream::on_failed(const Failed& failure) {
  answer(problem_of(failure.trouble, failure.message));
}

}  // namespace nigh::server
