// SPDX-License-Identifier: Apache-2.0
#include "server/worker/sessions.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <memory>

#include "base/log.hpp"
#include "base/text.hpp"
#include "server/link/role_start.hpp"
#include "server/worker/streams.hpp"
#include "service/run/messages.hpp"
#include "ssh/random.hpp"
#include "wire/base64.hpp"

namespace nigh::server {
namespace {

using namespace std::chrono_literals;

constexpr auto kToStart = 10s;
constexpr auto kToAnswer = 2s;
constexpr std::size_t kTokenBytes = 32;
constexpr std::size_t kMaxList = 64 * 1024;  // of a packet: well below kMaxPacket
constexpr int kMaxNamesakes = 100;

// As a person would type it.
std::string command_text(const Start& start, const ssh::KeyOptions& options) {
  if (options.command) return printable(shortened(*options.command));
  std::string text = start.command_line;
  for (const auto& word : start.argv) text += (text.empty() ? "" : " ") + word;
  return printable(shortened(text));
}

SessionFacts facts_of(const StartSession& message, const ssh::KeyOptions& options) {
  SessionFacts facts;
  facts.name = message.name;
  facts.command = command_text(message.command, options);
  facts.created = ::time(nullptr);
  facts.terminal = message.command.terminal.has_value();
  facts.keep = message.keep;
  if (facts.terminal) {
    facts.columns = message.command.terminal->columns;
    facts.rows = message.command.terminal->rows;
  }
  return facts;
}

HolderClient client_of(const Grant& grant) {
  HolderClient client;
  client.address = grant.source;
  client.key = grant.fingerprint;
  client.token = Secret("nigh_r_" + wire::base64url(ssh::random_bytes(kTokenBytes)));
  client.token_file = wire::hex(ssh::sha256(client.token.expose()));
  client.token_text = resume_text({grant.key, grant.token_id});
  if (grant.only) client.only_attachment = grant.only->attachment;
  return client;
}

Result<std::pair<UniqueFd, UniqueFd>> stream_pair() {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) != 0)
    return fail_errno("cannot make a socket pair", errno);
  return std::pair(UniqueFd(ends[0]), UniqueFd(ends[1]));
}

std::vector<UniqueFd> just(UniqueFd fd) {
  std::vector<UniqueFd> one;
  one.push_back(std::move(fd));
  return one;
}

void take_plan(HoldCommand& into, SpawnSpec plan) {
  into.program = std::move(plan.program);
  into.argv = std::move(plan.argv);
  into.environment = std::move(plan.environment);
  into.environment.push_back("NIGH_SESSION=" + into.facts.id);
  into.directory = std::move(plan.directory);
  into.terminal = std::move(plan.terminal);
}

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

Sessions::Sessions(asio::io_context& context, Account account, const WorkerSettings& settings,
                   RoleProgram holder)
    : context_(context),
      account_(std::move(account)),
      store_(settings.state_directory),
      most_(settings.sessions),
      settings_(settings.session),
      holder_program_(std::move(holder)) {}

// ---- errands -----------------------------------------------------------------------------------

Sessions::ErrandPosition Sessions::begin(Owner owner, RequestId request, Answer answer) {
  return errands_.insert(errands_.end(), Errand{owner, request, std::move(answer), {}, {}});
}

void Sessions::finish(ErrandPosition errand, WorkerToFront message,
                      std::vector<UniqueFd> descriptors) {
  auto answer = std::move(errand->answer);
  errands_.erase(errand);
  answer(std::move(message), std::move(descriptors));
}

void Sessions::finish(ErrandPosition errand, const Refusal& refusal) {
  finish(errand, Failed{errand->request, refusal.trouble, shortened(refusal.message)});
}

void Sessions::abandon(Owner owner, RequestId request) {
  std::erase_if(errands_, [&](const Errand& errand) {
    return errand.owner == owner && errand.request == request;
  });
  // It may have started meanwhile: of that session nobody has heard, so nobody will come for it.
  for (const auto& holder : holders_)
    if (holder.owner == owner && holder.request == request) holder.child->signal(SIGTERM);
}

void Sessions::abandon_all(Owner owner) {
  std::vector<RequestId> open;
  for (const auto& errand : errands_)
    if (errand.owner == owner) open.push_back(errand.request);
  for (auto request : open) abandon(owner, request);
  for (auto& holder : holders_)
    if (holder.owner == owner) holder.owner = nullptr;  // another front may get its address
}

// ---- starting ----------------------------------------------------------------------------------

void Sessions::start(Owner owner, const StartSession& message, const Grant& grant, Answer answer) {
  auto errand = begin(owner, message.request, std::move(answer));
  auto started = may_start(message, grant);
  if (started) started = start(errand, message, grant);
  if (!started) finish(errand, started.error());
}

Refused Sessions::may_start(const StartSession& message, const Grant& grant) const {
  if (message.command.terminal)
    if (auto allowed = may_have_terminal(grant.options); !allowed) return allowed;
  if (store_.ids().size() >= most_ && store_.sweep() >= most_)
    return refuse(Trouble::busy,
                  fmt::format("there are {} sessions already, and more are not allowed: end some "
                              "of them",
                              most_));
  if (message.name.empty()) return {};
  if (!run::is_session_name(message.name))
    return refuse(Trouble::bad_request, "that cannot be the name of a session");
  for (int i = 0; i < kMaxNamesakes; ++i) {
    auto namesake = store_.find(message.name);
    if (!namesake) return {};
    auto lives = store_.connect(namesake->id);
    if (lives || lives.error().code != Errc::not_found) break;
  }
  return refuse(Trouble::exists, fmt::format("there is a session {} already", message.name));
}

Refused Sessions::start(ErrandPosition errand, const StartSession& message, const Grant& grant) {
  Streams streams;
  if (message.command.terminal) {
    auto terminal = open_terminal(*message.command.terminal);
    if (!terminal) return refuse(terminal.error());
    streams = *std::move(terminal);
  }
  auto plan = plan_process(message.command, grant.options, account_, streams.terminal);
  if (!plan) return std::unexpected(std::move(plan).error());
  auto sockets = stream_pair();
  if (!sockets) return refuse(sockets.error());

  HoldCommand command;
  command.facts = facts_of(message, grant.options);
  if (auto made = store_.make(command.facts); !made) return refuse(made.error());
  take_plan(command, *std::move(plan));
  command.time_limit_ms = message.time_limit_ms;
  command.settings = settings_;
  command.client = client_of(grant);
  auto descriptors = just(std::move(sockets->second));
  for (auto& terminal : streams.ours) descriptors.push_back(std::move(terminal));
  auto facts = command.facts;
  auto held =
      hold(errand, facts.id, std::move(command), std::move(descriptors), std::move(sockets->first));
  if (held)
    log::info("{}: key {}: session {}: {}", grant.source, grant.fingerprint, facts.id,
              facts.command);
  else
    store_.remove(facts.id);
  return held;
}

Refused Sessions::hold(ErrandPosition errand, const std::string& id, ToHolder command,
                       std::vector<UniqueFd> descriptors, UniqueFd socket) {
  if (wire::encode(command).size() > kMaxPacket)
    return refuse(Trouble::bad_request, "the command and its environment are too large");
  auto link = Link::make_pair();
  if (!link) return refuse(link.error());
  auto holder = spawn_holder(errand, id, link->second);
  if (!holder) return std::unexpected(holder.error());
  auto& call = errand->calls.emplace_back(
      context_.get_executor(), std::move(link->first),
      [this, errand, id, holder = *holder,
       socket = std::make_shared<UniqueFd>(std::move(socket))](const Result<FromHolder>& answer) {
        on_held(errand, id, holder, std::move(*socket), answer);
      });
  call.limit(kToStart);
  call.ask(command, std::move(descriptors));
  return {};
}

std::expected<Sessions::HolderPosition, Refusal> Sessions::spawn_holder(ErrandPosition errand,
                                                                        const std::string& id,
                                                                        const UniqueFd& link) {
  UniqueFd null(::open("/dev/null", O_RDWR | O_CLOEXEC));
  SpawnSpec spec;
  spec.program = holder_program_.path;
  spec.argv = {kHolderRole, holder_program_.log_level};
  spec.environment = role_environment();
  spec.directory = store_.path(id);
  spec.descriptors = {link.get(), null.get(), STDERR_FILENO};
  spec.new_session = true;
  auto pid = spawn(spec);
  if (!pid) return refuse(pid.error());
  restore_descriptor_limit(*pid);
  auto holder = holders_.insert(holders_.end(), Holder{errand->owner, errand->request, {}});
  try {
    holder->child.emplace(context_.get_executor(), *pid, [this, holder](io::ChildStatus) {
      asio::post(context_, [this, holder] { holders_.erase(holder); });  // not from within it
    });
  } catch (const std::exception&) {  // it cannot be watched, so it must not run
    holders_.erase(holder);
    ::kill(*pid, SIGKILL);
    ::waitpid(*pid, nullptr, 0);
    return refuse(Trouble::busy, "too many sessions and commands run already");
  }
  return holder;
}

void Sessions::on_held(ErrandPosition errand, const std::string& id, HolderPosition holder,
                       UniqueFd socket, const Result<FromHolder>& answer) {
  if (const auto* holding = answer ? std::get_if<Holding>(&*answer) : nullptr)
    return finish(errand, Started{errand->request, holding->pid}, just(std::move(socket)));
  if (const auto* failed = answer ? std::get_if<Failed>(&*answer) : nullptr)
    return finish(errand, Refusal{failed->trouble, failed->message});
  auto why = answer ? "it makes no sense" : answer.error().message;
  log::warning("the holder of session {} does not start: {}", id, why);
  holder->child->signal(SIGKILL);
  store_.remove(id);
  finish(errand, Refusal{Trouble::internal,
                         "the process that holds the session did not start: "
                         "the server's log may have more"});
}

// ---- those that are there ----------------------------------------------------------------------

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
  auto sockets = stream_pair();
  if (!sockets) return finish(errand, refuse(sockets.error()).error());
  log::info("{}: key {}: goes to session {}", grant.source, grant.fingerprint, found->facts.id);
  auto& call = errand->calls.emplace_back(
      context_.get_executor(), std::move(found->link),
      [this, errand, id = found->facts.id,
       socket = std::make_shared<UniqueFd>(std::move(sockets->first))](
          const Result<FromHolder>& answer) {
        if (answer && std::holds_alternative<HolderDone>(*answer))
          return finish(errand, Started{errand->request, 0}, just(std::move(*socket)));
        finish(errand, no_answer(id, answer));
      });
  call.limit(kToAnswer);
  call.ask(HolderAttach{client_of(grant)}, just(std::move(sockets->second)));
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
  auto& call = errand->calls.emplace_back(
      context_.get_executor(), std::move(found->link),
      [this, errand, id = found->facts.id](const Result<FromHolder>& answer) {
        if (answer && std::holds_alternative<HolderDone>(*answer))
          return finish(errand, SessionSignalled{errand->request});
        finish(errand, no_answer(id, answer));
      });
  call.limit(kToAnswer);
  call.ask(HolderSignal{message.number});
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
    if (facts && link) ask_one(errand, *std::move(facts), *std::move(link), false);
  }
  if (--errand->unanswered == 0) answer_with_list(errand);
}

// A holder that does not answer in time is listed with what is known without it.
void Sessions::ask_one(ErrandPosition errand, SessionFacts facts, UniqueFd link, bool wait) {
  ++errand->unanswered;
  auto& call = errand->calls.emplace_back(
      context_.get_executor(), std::move(link),
      [this, errand, facts = std::move(facts)](Result<FromHolder> answer) {
        auto* current = answer ? std::get_if<SessionFacts>(&*answer) : nullptr;
        const bool over = !answer && answer.error().code == Errc::closed;
        if (!over) errand->found.push_back(current != nullptr ? std::move(*current) : facts);
        if (--errand->unanswered == 0) answer_with_list(errand);
      });
  if (!wait) call.limit(kToAnswer);
  call.ask(HolderAsk{wait});
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
