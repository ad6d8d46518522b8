// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "base/text.hpp"
#include "cli/command.hpp"
#include "cli/file_json.hpp"
#include "cli/file_text.hpp"
#include "cli/file_work.hpp"
#include "cli/mv_arguments.hpp"

namespace nigh::cli {
namespace {

using boost::asio::awaitable;

constexpr unsigned kLanes = 16;

// Whether there is something at `path`; with "/." after it: a folder, or a link to one.
awaitable<bool> exists(async::Host host, std::string path) {
  try {
    (void)co_await host.stat(std::move(path));  // whether it throws is all that matters
    co_return true;
  } catch (const Failure& failure) {
    if (failure.code() != Errc::not_found) throw;
  }
  co_return false;
}

class Move {
 public:
  Move(FileWork& work, const MvArguments& arguments) : work_(work), arguments_(arguments) {}

  awaitable<void> run() {
    const auto& to = arguments_.destination;
    auto host = co_await work_.connect(to.host);
    into_ = co_await exists(host, joined(to.path, "."));
    bool several = arguments_.paths.size() > 1;
    if (several && !into_)
      throw Failure(Errc::usage, fmt::format("{} is no folder, so that only one file can be moved "
                                             "there",
                                             printable(to.text())));
    auto act = [this](async::Host where, FilePath path, std::optional<FileInfo>) {
      return move(std::move(where), std::move(path));
    };
    co_await work_.each(arguments_.paths, {.lanes = into_ ? kLanes : 1}, act);
  }

 private:
  awaitable<void> move(async::Host host, FilePath path) {
    auto to = arguments_.destination.path;
    if (into_) to = joined(to, last_component(path.path));
    bool kept = false;
    try {
      co_await host.rename(path.path, to, !arguments_.keep);
    } catch (const Failure& failure) {
      kept = arguments_.keep && failure.code() == Errc::usage;
      if (!kept) throw;
    }
    // There are other reasons why it could not be done.
    if (kept && !co_await exists(host, to))
      throw Failure(Errc::usage, fmt::format("cannot move {}", printable(path.path)));
    if (arguments_.json) work_.write(done_json(path, kept ? "kept" : "moved", to) + '\n');
  }

  FileWork& work_;
  const MvArguments& arguments_;
  bool into_ = false;  // the destination is a folder
};

awaitable<int> move_all(Supervisor& supervisor, const MvArguments& arguments) {
  FileWork work(supervisor, arguments.connect, arguments.json);
  try {
    Move moving(work, arguments);
    co_await moving.run();
  } catch (const Failure& failure) {
    work.failed(arguments.destination, failure.error());
  }
  co_return work.finish();
}

int act(const MvArguments& arguments) {
  Supervisor supervisor;
  return supervisor.run(move_all(supervisor, arguments));
}

}  // namespace

int mv_command(const Arguments& arguments) { return handle(mv_usage(), parse_mv(arguments), act); }

}  // namespace nigh::cli
