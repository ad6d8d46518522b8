// SPDX-License-Identifier: Apache-2.0
#include "server/worker/sessions.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/wait.h>

#include <ctime>
#include <memory>

#include "base/log.hpp"
#include "base/text.hpp"
#include "server/link/role_start.hpp"
#include "server/worker/session_sockets.hpp"
#include "server/worker/streams.hpp"
#include "service/run/messages.hpp"

namespace nigh::server {
namespace {

using namespace std::chrono_literals;

constexpr auto kToStart = 10s;

// As a person would type it.
std::string command_text(const Start& start, const ssh::KeyOptions& options,
                         const SpawnSpec& plan) {
  if (options.command) return printable(shortened(*options.command));
  std::string text = start.command_line;
  for (const auto& word : start.argv) text += (text.empty() ? "" : " ") + word;
  if (text.empty()) text = plan.argv.at(0);  // a login shell's
  return printable(shortened(text));
}

SessionFacts facts_of(const StartSession& message, const ssh::KeyOptions& options,
                      const SpawnSpec& plan) {
  SessionFacts facts;
  facts.name = message.name;
  facts.command = command_text(message.command, options, plan);
  facts.created = ::time(nullptr);
  facts.terminal = message.command.terminal.has_value();
  facts.keep = message.keep;
  if (facts.terminal) {
    facts.columns = message.command.terminal->columns;
    facts.rows = message.command.terminal->rows;
  }
  return facts;
}

void take_plan(HoldCommand& into, SpawnSpec plan) {
  into.program = std::move(plan.program);
  into.argv = std::move(plan.argv);
  into.environment = std::move(plan.environment);
  // Nobody has to know of one that ends with its client.
  if (lasts(into.facts)) into.environment.push_back("NIGH_SESSION=" + into.facts.id);
  into.directory = std::move(plan.directory);
  into.terminal = std::move(plan.terminal);
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

Refused Sessions::ask_holder(ErrandPosition errand, UniqueFd link,
                             std::optional<std::chrono::seconds> limit, const ToHolder& question,
                             std::vector<UniqueFd> descriptors, HolderCall::OnAnswer on_answer) {
  try {
    errand->calls.emplace_back(context_.get_executor(), std::move(link), std::move(on_answer));
  } catch (const std::exception&) {
    return refuse(errno_error("cannot ask the session's holder", EMFILE));
  }
  if (limit) errand->calls.back().limit(*limit);
  errand->calls.back().ask(question, std::move(descriptors));
  return {};
}

void Sessions::abandon(Owner owner, RequestId request) {
  std::erase_if(errands_, [&](const Errand& errand) {
    return errand.owner == owner && errand.request == request;
  });
  // It may have started meanwhile: of that session nobody has heard, so nobody will come for it.
  for (const auto& holder : holders_) {
    if (holder.owner != owner || holder.request != request) continue;
    holder.child->signal(SIGTERM);
    store_.remove(holder.id);
  }
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
  if (most_ == 0)
    return refuse(Trouble::no_sessions, "the server lets nothing outlive its connection");
  const bool counts = message.keep || message.command.terminal || !message.name.empty();
  if (counts && store_.ids().size() >= most_ && store_.sweep() >= most_)
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
  HoldCommand command;
  command.facts = facts_of(message, grant.options, *plan);
  auto ends = make_client_link(output_way(command.facts));
  if (!ends) return refuse(ends.error());
  if (auto made = store_.make(command.facts); !made)
    return refuse(Trouble::no_sessions, made.error().message);
  take_plan(command, *std::move(plan));
  command.time_limit_ms = message.time_limit_ms;
  command.settings = settings_;
  command.client = holder_client(grant);
  auto descriptors = std::move(ends->holders);
  for (auto& terminal : streams.ours) descriptors.push_back(std::move(terminal));
  auto facts = command.facts;
  auto held =
      hold(errand, facts.id, std::move(command), std::move(descriptors), std::move(ends->fronts));
  if (held)
    log::info("{}: key {}: session {}: {}", grant.source, grant.fingerprint, facts.id,
              facts.command);
  else
    store_.remove(facts.id);
  return held;
}

Refused Sessions::hold(ErrandPosition errand, const std::string& id, ToHolder command,
                       std::vector<UniqueFd> descriptors, std::vector<UniqueFd> fronts) {
  if (wire::encode(command).size() > kMaxPacket)
    return refuse(Trouble::bad_request, "the command and its environment are too large");
  auto link = Link::make_pair();
  if (!link) return refuse(link.error());
  auto holder = spawn_holder(errand, id, link->second);
  if (!holder) return std::unexpected(holder.error());
  auto asked = ask_holder(errand, std::move(link->first), kToStart, command, std::move(descriptors),
                          [this, errand, id, holder = *holder,
                           fronts = std::make_shared<std::vector<UniqueFd>>(std::move(fronts))](
                              const Result<FromHolder>& answer) {
                            on_held(errand, id, holder, std::move(*fronts), answer);
                          });
  if (!asked) (*holder)->child->signal(SIGKILL);
  return asked;
}

std::expected<Sessions::HolderPosition, Refusal> Sessions::spawn_holder(ErrandPosition errand,
                                                                        const std::string& id,
                                                                        const UniqueFd& link) {
  UniqueFd null(::open("/dev/null", O_RDWR | O_CLOEXEC));
  if (!null.valid()) return refuse(errno_error("cannot open /dev/null", errno));
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
  auto holder = holders_.insert(holders_.end(), Holder{errand->owner, errand->request, id, {}});
  try {
    holder->child.emplace(context_.get_executor(), *pid, [this, holder, id](io::ChildStatus) {
      store_.remove(id);  // as it has done itself, if it could
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
                       std::vector<UniqueFd> fronts, const Result<FromHolder>& answer) {
  if (const auto* holding = answer ? std::get_if<Holding>(&*answer) : nullptr)
    return finish(errand, Started{errand->request, holding->pid}, std::move(fronts));
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

}  // namespace nigh::server
