// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "base/text.hpp"
#include "cli/command.hpp"
#include "cli/file_json.hpp"
#include "cli/file_work.hpp"
#include "cli/rm_arguments.hpp"

namespace nigh::cli {
namespace {

using boost::asio::awaitable;
using Expand = FileWork::How::Expand;

// Of a pattern's matches: a round trip each would take long.
constexpr unsigned kLanes = 16;

awaitable<void> remove(FileWork& work, const RmArguments& arguments, async::Host host,
                       FilePath path, std::optional<FileInfo> info) {
  if (info && info->kind == FileKind::directory && !arguments.recursive)
    throw Failure(Errc::usage, fmt::format("{} is a directory (-r removes it with all that is in "
                                           "it)",
                                           printable(path.path)));
  co_await host.remove(path.path, arguments.recursive);
  if (arguments.json)
    work.write(done_json(path, "removed") + '\n');
  else if (arguments.connect.verbose)
    work.write(fmt::format("removed {}\n", printable(path.text())));
}

awaitable<int> remove_all(Supervisor& supervisor, const RmArguments& arguments) {
  FileWork work(supervisor, arguments.connect, arguments.json);
  if (arguments.force) work.overlook_missing();
  auto act = [&](async::Host host, FilePath path, std::optional<FileInfo> info) {
    return remove(work, arguments, std::move(host), std::move(path), std::move(info));
  };
  // Without -r nothing but a look tells an empty folder from a file.
  FileWork::How how{arguments.recursive ? Expand::patterns : Expand::always, kLanes};
  co_await work.each(arguments.paths, how, act);
  co_return work.finish();
}

int act(const RmArguments& arguments) {
  Supervisor supervisor;
  return supervisor.run(remove_all(supervisor, arguments));
}

}  // namespace

int rm_command(const Arguments& arguments) { return handle(rm_usage(), parse_rm(arguments), act); }

}  // namespace nigh::cli
