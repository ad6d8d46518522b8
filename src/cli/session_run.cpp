// SPDX-License-Identifier: Apache-2.0
#include "cli/session_run.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <csignal>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "base/text.hpp"
#include "cli/console.hpp"
#include "cli/contact_display.hpp"
#include "cli/outcome.hpp"
#include "cli/session_keys.hpp"
#include "cli/session_output.hpp"
#include "cli/terminal.hpp"
#include "cli/wake.hpp"

namespace nigh::cli {
namespace {

using namespace std::chrono_literals;
using boost::asio::awaitable;
using Action = EscapeKeys::Action;

// How long a host may take to say that it knows that we leave.
constexpr auto kFarewell = 3s;

// Why we leave a session that goes on, or that we end.
enum class Leaving { no, end, detach };

class SessionRun {
 public:
  SessionRun(Supervisor& supervisor, async::Process& process, SessionView view)
      : supervisor_(supervisor),
        process_(process),
        view_(std::move(view)),
        typing_(view_.terminal && input_is_terminal()),
        keys_(view_.escape, [this](Action action) { act(action); }),
        contact_(view_.host, typing_ && view_.escape ? describe_escape_key(*view_.escape) + "."
                             : typing_               ? ""
                                                     : "^C") {}

  awaitable<int> run() {
    co_await stay();
    co_return conclude();
  }

 private:
  awaitable<void> stay();
  awaitable<void> show();
  awaitable<void> read_keys();
  awaitable<void> send_keys();
  awaitable<void> say_farewell();
  awaitable<void> until_first(awaitable<void> part);

  ContactEvents contact_events();
  void act(Action action);
  void leave(Leaving how, int status);
  void cannot_write(const Error& error);
  void suspend();
  void help();

  int conclude();
  int conclude_left();

  Supervisor& supervisor_;
  async::Process& process_;
  SessionView view_;
  bool typing_;
  SessionKeys keys_;
  SessionOutput output_;
  ContactDisplay contact_;
  Wake changed_;

  bool lost_ = false;  // contact
  Leaving leaving_ = Leaving::no;
  int left_status_ = 0;
  std::string output_error_;
  bool over_ = false;
  std::optional<ExitStatus> exit_;
  std::exception_ptr failure_;
};

// ---- while it lasts ----------------------------------------------------------------------------

awaitable<void> SessionRun::stay() {
  using namespace boost::asio::experimental::awaitable_operators;
  TerminalKeeper terminal;
  if (typing_) terminal.make_raw();
  terminal.undo_at_the_end(output_.modes());
  process_.on_contact(contact_events());
  std::optional<Supervisor::Stop> stop;
  if (!view_.is_command)
    stop.emplace(supervisor_, [this](int signal) { leave(Leaving::detach, 128 + signal); });
  std::optional<Supervisor::Watch> watch;
  if (view_.terminal && !view_.read_only) {
    watch.emplace(supervisor_, process_);
    if (auto now = window_size()) process_.resize(*now);  // it may have changed since we asked
  }
  co_await (until_first(show()) || until_first(read_keys()) || until_first(send_keys()) ||
            until_first(say_farewell()));
  contact_.clear();
  process_.on_contact({});
}

// The first part that ends, ends them all; the others only report that they were cancelled.
awaitable<void> SessionRun::until_first(awaitable<void> part) {
  try {
    co_await std::move(part);
  } catch (...) {
    if (!over_) failure_ = std::current_exception();
  }
  over_ = true;
}

awaitable<void> SessionRun::show() {
  constexpr std::size_t kPiece = 64 << 10;
  auto buffer = std::make_unique<std::array<char, kPiece>>();
  for (;;) {
    auto piece = co_await process_.read_any(*buffer);
    if (piece.size == 0) break;
    try {
      co_await output_.write(piece.channel, {buffer->data(), piece.size});
    } catch (const Failure& failure) {
      cannot_write(failure.error());
    }
  }
  exit_ = co_await process_.wait();
}

// The session does not suffer for it.
void SessionRun::cannot_write(const Error& error) {
  bool nobody_reads = error.code == Errc::closed;
  if (leaving_ == Leaving::no && !nobody_reads) output_error_ = error.message;
  leave(Leaving::detach, nobody_reads ? 128 + SIGPIPE : kOwnFailure);
}

awaitable<void> SessionRun::read_keys() {
  if (typing_) {
    co_await keys_.read();
    leave(Leaving::detach, 128 + SIGHUP);  // the terminal is gone
  }
  for (;;) co_await changed_.wait();
}

awaitable<void> SessionRun::send_keys() {
  try {
    co_await keys_.send(view_.read_only ? nullptr : &process_);
  } catch (const Failure&) {
    // show() hears of the same, and how it ended.
  }
  for (;;) co_await changed_.wait();
}

// Ends only if the host does not answer: show() hears of the end of the session, and of our end of
// it, too.
awaitable<void> SessionRun::say_farewell() {
  while (leaving_ == Leaving::no) co_await changed_.wait();
  if (lost_) co_return;
  if (view_.is_command && process_.session().empty()) leaving_ = Leaving::end;
  if (leaving_ == Leaving::end) {
    process_.signal("HUP");
    process_.signal("CONT");  // a stopped one would not notice
  } else {
    process_.detach();
  }
  co_await pause_for(kFarewell);
}

ContactEvents SessionRun::contact_events() {
  ContactEvents events;
  events.on_lost = [this](const std::string&) { lost_ = true; };
  events.on_waiting = [this](std::chrono::milliseconds since) {
    lost_ = true;
    if (output_.at_rest()) contact_.show(since);
  };
  events.on_resumed = [this] {
    lost_ = false;
    contact_.clear();
  };
  // On a terminal there is no place for it: the next output would carry it away.
  if (!view_.terminal)
    events.on_notice = [this](const std::string& text) {
      complain(fmt::format("{}: {}", printable(view_.host), text));
    };
  return events;
}

void SessionRun::act(Action action) {
  switch (action) {
    case Action::leave:
      if (view_.read_only) return leave(Leaving::detach, 0);
      return leave(Leaving::end, kOwnFailure);
    case Action::detach:
      return leave(Leaving::detach, 0);
    case Action::suspend:
      return suspend();
    case Action::help:
      return help();
    case Action::none:
      break;
  }
}

void SessionRun::leave(Leaving how, int status) {
  if (leaving_ == Leaving::no && !over_) {
    leaving_ = how;
    left_status_ = status;
  }
  changed_.notify();
}

void SessionRun::suspend() {
  contact_.clear();
  TerminalKeeper::suspend();
}

void SessionRun::help() {
  if (output_.at_rest())
    (void)write_all(STDERR_FILENO, "\r\n" + escape_help(*view_.escape, !view_.read_only));
}

// ---- afterwards --------------------------------------------------------------------------------

int SessionRun::conclude() {
  if (exit_) {
    if (exit_->timed_out)
      complain(fmt::format("{}: ended by its time limit", printable(view_.host)));
    return exit_->shell_status();
  }
  if (leaving_ != Leaving::no) return conclude_left();
  if (failure_) std::rethrow_exception(failure_);
  throw Failure(Errc::closed, "the session ended, and nobody said how");
}

int SessionRun::conclude_left() {
  const auto& id = view_.handle.empty() ? process_.session() : view_.handle;
  auto host = printable(view_.host);
  auto again = fmt::format("nigh attach {}{}{}", host, id.empty() ? "" : " ", printable(id));
  // The cursor is wherever it was, or behind the ^C.
  if (typing_ || (left_status_ == 128 + SIGINT && input_is_terminal())) tell("");
  if (!output_error_.empty()) complain(output_error_);
  if (leaving_ == Leaving::end)
    complain(
        fmt::format("left {} {}; if the session goes on there, {} takes it up and nigh kill "
                    "{} {} ends it",
                    host, lost_ ? "without contact" : "before it said that the session ended",
                    again, host, printable(id)));
  else
    tell(fmt::format("nigh: detached{}; {} goes on", lost_ ? " without contact" : "", again));
  return left_status_;
}

}  // namespace

awaitable<int> run_session(Supervisor& supervisor, async::Process& process, SessionView view) {
  SessionRun run(supervisor, process, std::move(view));
  co_return co_await run.run();
}

}  // namespace nigh::cli
