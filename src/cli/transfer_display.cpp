// SPDX-License-Identifier: Apache-2.0
#include "cli/transfer_display.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <utility>

#include "base/text.hpp"
#include "cli/byte_size.hpp"
#include "cli/console.hpp"
#include "cli/transfer_lines.hpp"
#include "cli/utf8.hpp"

namespace nigh::cli {
namespace {

using namespace std::chrono_literals;
using Progress = TransferDisplay::Progress;

constexpr std::uint64_t kToldFailures = 1000;
constexpr std::size_t kLargePiece = 32 << 10;

// Where a line can be updated in place.
bool is_terminal(int fd) {
  const char* term = std::getenv("TERM");
  return ::isatty(fd) == 1 && term != nullptr && std::string_view(term) != "dumb";
}

Progress kind_for(const TransferArguments& arguments) {
  if (arguments.quiet || arguments.no_progress) return Progress::none;
  if (arguments.json) return Progress::json;
  return is_terminal(STDERR_FILENO) ? Progress::bar : Progress::notes;
}

std::chrono::milliseconds interval_for(const TransferArguments& arguments, Progress kind) {
  if (kind == Progress::bar) return 100ms;
  return kind == Progress::json || arguments.progress ? 1s : 10s;
}

// The last column stays free: terminals differ in what they do there.
std::size_t columns() {
  winsize size{};
  if (::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 79;
  return size.ws_col - 1u;
}

TransferProgress sum(const TransferProgress& a, const TransferProgress& b) {
  return {.files_done = a.files_done + b.files_done,
          .files_total = a.files_total + b.files_total,
          .bytes_done = a.bytes_done + b.bytes_done,
          .bytes_total = a.bytes_total + b.bytes_total,
          .counted = b.counted,
          .current = b.current};
}

}  // namespace

TransferDisplay::TransferDisplay(const TransferArguments& arguments)
    : arguments_(arguments),
      kind_(kind_for(arguments)),
      interval_(interval_for(arguments, kind_)),
      several_hosts_(std::ranges::any_of(
          arguments.sources, [&](const auto& it) { return it.host != arguments.sources[0].host; })),
      lists_(arguments.json ||
             (!arguments.quiet && (arguments.connect.verbose || arguments.options.dry_run))) {
  // What is over at once needs no bar.
  if (kind_ == Progress::bar) shown_ += 400ms;
}

TransferEvents TransferDisplay::events(std::string host, const std::vector<std::string>& sources) {
  std::lock_guard lock(mutex_);
  before_ = std::exchange(latest_, {});
  latest_ = before_;
  sources_ = {sources.begin(), sources.end()};
  TransferEvents events;
  events.on_item = [this](const TransferItem& it) { item(it); };
  events.on_failure = [this, host = std::move(host)](const TransferFailure& it) {
    failure(host, it);
  };
  events.on_progress = [this](const TransferProgress& it) { progress(it); };
  if (arguments_.options.watch) events.on_pass = [this] { pass(); };
  return events;
}

void TransferDisplay::item(const TransferItem& item) {
  std::lock_guard lock(mutex_);
  if (item.action == TransferItem::Action::skipped)
    ++skipped_kinds_.at(static_cast<std::size_t>(item.kind));
  if (lists_)
    print_line(arguments_.json ? item_json(item) : item_line(item, arguments_.connect.verbose));
}

void TransferDisplay::failure(const std::string& host, const TransferFailure& failure) {
  std::lock_guard lock(mutex_);
  bool gone = failure.error.code == Errc::not_found;
  bool named = sources_.contains(failure.path);
  if (gone) ++(named ? missing_ : vanished_);
  if (arguments_.json) print_line(failure_json(host, failure));
  if (++failures_ > kToldFailures) return;
  clear();
  // Most messages say the path themselves.
  const auto& text = failure.error.message;
  bool says_path = failure.path.empty() || text.contains(printable(failure.path));
  auto where = several_hosts_ ? host + ": " : std::string();
  complain(where + (says_path ? "" : failure.path + ": ") + text);
}

void TransferDisplay::progress(const TransferProgress& progress) {
  std::lock_guard lock(mutex_);
  auto now = Clock::now();
  latest_ = sum(before_, progress);
  rate_.add(now, latest_.bytes_done);
  show_progress(now);
}

void TransferDisplay::tick() {
  std::lock_guard lock(mutex_);
  auto now = Clock::now();
  rate_.add(now, latest_.bytes_done);
  show_progress(now);
  flush();
}

void TransferDisplay::pass() {
  std::lock_guard lock(mutex_);
  if (std::exchange(complete_, true) || arguments_.quiet) return;
  clear();
  if (arguments_.json)
    print_line(R"({"type":"watching"})");
  else
    tell("nigh: all is copied; watching for changes");
  flush();
}

void TransferDisplay::show_progress(Clock::time_point now) {
  bool anything = latest_.files_total > 0;
  if (kind_ == Progress::none || !anything || now < shown_ + interval_) return;
  shown_ = now;
  if (complete_) return clear();  // then items say what happens
  if (kind_ == Progress::bar) return draw(progress_line(view(now), columns()));
  if (kind_ == Progress::json) return print_line(progress_json(view(now)));
  noted_ = true;
  tell("nigh: " + progress_note(view(now)));
}

ProgressView TransferDisplay::view(Clock::time_point now) const {
  ProgressView view{.progress = latest_, .rate = rate_.per_second(now), .left = {}};
  if (latest_.counted && latest_.bytes_total > latest_.bytes_done)
    view.left = time_left(latest_.bytes_total - latest_.bytes_done, view.rate);
  return view;
}

// Blanks, not escape sequences, take away what a longer line leaves.
void TransferDisplay::draw(const std::string& line) {
  auto width = columns_of(line);
  auto rest = drawn_ > width ? std::min(drawn_, columns()) - width : 0;
  drawn_ = width;
  // Nothing can be done when standard error is gone.
  (void)write_all(STDERR_FILENO, "\r" + line + std::string(rest, ' '));
}

void TransferDisplay::clear() {
  if (drawn_ == 0) return;
  draw("");
  (void)write_all(STDERR_FILENO, "\r");
}

// A person sees each line at once; a program gets them in large pieces, but not late.
void TransferDisplay::print_line(const std::string& line) {
  (pending_ += line) += '\n';
  if (pending_.size() >= kLargePiece || ::isatty(STDOUT_FILENO) == 1) flush();
}

void TransferDisplay::flush() {
  auto lines = std::exchange(pending_, {});
  if (closed_ || lines.empty()) return;
  clear();
  auto written = write_all(STDOUT_FILENO, lines);
  if (written) return;
  closed_ = true;
  if (written.error().code != Errc::closed) complain(written.error().message);
  if (on_closed) on_closed();
}

void TransferDisplay::broken(const std::string& where, const Error& error) {
  std::lock_guard lock(mutex_);
  // No source is there: each has a line of its own.
  if (error.code == Errc::not_found && missing_ > 0 && missing_ == failures_) return;
  clear();
  complain(fmt::format("{}: {}", where, error.message));
}

void TransferDisplay::count(TransferOutcome& outcome) const {
  outcome.skipped_kinds = skipped_kinds_;
  outcome.vanished = vanished_;
  outcome.missing = missing_;
  outcome.sources = arguments_.sources.size();
  outcome.dry_run = arguments_.options.dry_run;
}

// Like cp and scp, `nigh cp` says nothing in a script where all went well.
bool TransferDisplay::wants_summary(const TransferOutcome& outcome) const {
  if (arguments_.quiet || exit_status(outcome) == kNothingCopied) return false;
  bool for_people = ::isatty(STDERR_FILENO) == 1 || arguments_.connect.verbose || noted_;
  bool eventful = exit_status(outcome) != kAllCopied || outcome.report.skipped > 0 ||
                  arguments_.progress || arguments_.options.dry_run;
  return arguments_.command == TransferCommand::sync || for_people || eventful;
}

int TransferDisplay::finish(TransferOutcome outcome) {
  std::lock_guard lock(mutex_);
  clear();
  count(outcome);
  if (failures_ > kToldFailures)
    complain(fmt::format("and {} that are not listed",
                         count_of(failures_ - kToldFailures, "more failure")));
  if (arguments_.json) print_line(summary_json(outcome));
  flush();
  if (!arguments_.json && wants_summary(outcome))
    tell("nigh: " + (outcome.interrupted != 0 ? interrupted_line(latest_) : summary_line(outcome)));
  return closed_ ? 128 + SIGPIPE : exit_status(outcome);
}

}  // namespace nigh::cli
