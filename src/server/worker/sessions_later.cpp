// SPDX-License-Identifier: Apache-2.0
// What is asked of sessions that are there.
#include <fmt/format.h>
#include <signal.h>

#include <algorithm>
#include <memory>

#include "base/log.hpp"
#include "base/text.hpp"
#include "server/worker/session_sockets.hpp"
#include "server/worker/sessions.hpp"

namespace nigh::server {
namespace {

using namespace std::chrono_literals;

constexpr auto kToAnswer = 2s;
constexpr std::size_t kMaxList = 64 * 1024;  // of a packet: well below kMaxPacket

// May that grant have to do with a session of that id or name? (Empty: with all of them.)
Refused may_reach(const Grant& grant, const std::string& session) {
  if (grant.only && grant.only->session != session)
    return refuse(Trouble::not_permitted,
                  fmt::format("this token is good for session {} alone", grant.only->session));
  if (!grant.only && grant.options.restricted)
    return refuse(Trouble::not_permitted, "this key is restricted and may not reach sessions");
  return {};
}

// Of a holder that was asked to do something.
Refusal no_answer(const std::string& id, const Result<FromHolder>& answer) {
  if (const auto* failed = answer ? std::get_if<Failed>(&*answer) : nullptr)
    return {failed->trouble, failed->message};
  if (!answer && answer.error().code == Errc::closed)
    return {Trouble::not_found, fmt::format("session {} is over", id)};
  return {Trouble::busy, fmt::format("session {} does not answer", id)};
}

std::size_t size_of(const SessionFacts& facts) {
  constexpr std::size_t kRest = 100;
  auto size = kRest + facts.name.size() + facts.command.size() + facts.exit.size();
  for (const auto& client : facts.clients) size += client.size() + sizeof(std::uint32_t);
  return size;
}

}  // namespace

std::expected<Sessions::Found, Refusal> Sessions::find(const std::string& session,
                                                       const Grant& grant) const {
  if (auto allowed = may_reach(grant, session); !allowed) return std::unexpected(allowed.error());
  for (int i = 0; i < kMaxNamesakes; ++i) {
    auto facts = store_.find(session);
    if (!facts) break;
    if (facts->terminal)
      if (auto allowed = may_have_terminal(grant.options); !allowed)
        return std::unexpected(allowed.error());
    auto link = store_.connect(facts->id);
    if (link) return Found{*std::move(facts), *std::move(link)};
    if (link.error().code != Errc::not_found) return refuse(Trouble::busy, link.error().message);
  }
  return refuse(Trouble::not_found,
                fmt::format("there is no session {}", shortened(printable(session))));
}

void Sessions::attach(Owner owner, const AttachSession& message, const Grant& grant,
                      Answer answer) {
  auto errand = begin(owner, message.request, std::move(answer));
  auto found = find(message.session, grant);
  if (!found) return finish(errand, found.error());
  auto ends = make_client_link(output_way(found->facts));
  if (!ends) return finish(errand, refuse(ends.error()).error());
  log::info("{}: key {}: goes to session {}", grant.source, grant.fingerprint, found->facts.id);
  auto asked =
      ask_holder(errand, std::move(found->link), kToAnswer, HolderAttach{holder_client(grant)},
                 std::move(ends->holders),
                 [this, errand, id = found->facts.id,
                  fronts = std::make_shared<std::vector<UniqueFd>>(std::move(ends->fronts))](
                     const Result<FromHolder>& answer) {
                   if (answer && std::holds_alternative<HolderDone>(*answer))
                     return finish(errand, Started{errand->request, 0}, std::move(*fronts));
                   finish(errand, no_answer(id, answer));
                 });
  if (!asked) finish(errand, asked.error());
}

void Sessions::signal(Owner owner, const SignalSession& message, const Grant& grant,
                      Answer answer) {
  auto errand = begin(owner, message.request, std::move(answer));
  if (message.number == 0 || message.number >= static_cast<std::uint32_t>(SIGRTMIN))
    return finish(errand, Refusal{Trouble::bad_request, "that is not a signal"});
  auto found = find(message.session, grant);
  if (!found) return finish(errand, found.error());
  log::info("{}: key {}: sends signal {} to session {}", grant.source, grant.fingerprint,
            message.number, found->facts.id);
  auto asked =
      ask_holder(errand, std::move(found->link), kToAnswer, HolderSignal{message.number}, {},
                 [this, errand, id = found->facts.id](const Result<FromHolder>& answer) {
                   if (answer && std::holds_alternative<HolderDone>(*answer))
                     return finish(errand, SessionSignalled{errand->request});
                   finish(errand, no_answer(id, answer));
                 });
  if (!asked) finish(errand, asked.error());
}

// ---- asking ------------------------------------------------------------------------------------

void Sessions::ask(Owner owner, const AskSessions& message, const Grant& grant, Answer answer) {
  auto errand = begin(owner, message.request, std::move(answer));
  if (message.session) {
    auto found = find(*message.session, grant);
    if (!found) return finish(errand, found.error());
    return ask_one(errand, std::move(found->facts), std::move(found->link), message.wait);
  }
  if (auto allowed = may_reach(grant, ""); !allowed) return finish(errand, allowed.error());
  ++errand->unanswered;  // so that none of them is the last
  for (const auto& id : store_.ids()) {
    auto facts = store_.facts(id);
    auto link = store_.connect(id);
    if (!facts) continue;
    if (link)
      ask_one(errand, *std::move(facts), *std::move(link), false);
    else if (link.error().code != Errc::not_found)  // it is being started
      errand->found.push_back(*std::move(facts));
  }
  if (--errand->unanswered == 0) answer_with_list(errand);
}

// A holder that does not answer in time is listed with what is known without it.
void Sessions::ask_one(ErrandPosition errand, SessionFacts facts, UniqueFd link, bool wait) {
  ++errand->unanswered;
  auto asked = ask_holder(errand, std::move(link), wait ? std::nullopt : std::optional(kToAnswer),
                          HolderAsk{wait}, {}, [this, errand, facts](Result<FromHolder> answer) {
                            auto* current = answer ? std::get_if<SessionFacts>(&*answer) : nullptr;
                            const bool over = !answer && answer.error().code == Errc::closed;
                            if (current != nullptr)
                              errand->found.push_back(std::move(*current));
                            else if (!over)
                              errand->found.push_back(facts);
                            if (--errand->unanswered == 0) answer_with_list(errand);
                          });
  if (asked) return;
  errand->found.push_back(std::move(facts));
  if (--errand->unanswered == 0) answer_with_list(errand);
}

void Sessions::answer_with_list(ErrandPosition errand) {
  auto all = std::move(errand->found);
  std::ranges::sort(all, {}, &SessionFacts::created);
  SessionList list{errand->request, {}, false};
  std::size_t size = 0;
  for (auto& facts : all) {
    if (size += size_of(facts); size > kMaxList) {
      errand->answer(std::exchange(list, {errand->request, {}, false}), {});
      size = size_of(facts);
    }
    list.sessions.push_back(std::move(facts));
  }
  list.last = true;
  finish(errand, std::move(list));
}

}  // namespace nigh::server
