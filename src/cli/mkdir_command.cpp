// SPDX-License-Identifier: Apache-2.0
#include "cli/command.hpp"
#include "cli/file_json.hpp"
#include "cli/file_work.hpp"
#include "cli/mkdir_arguments.hpp"

namespace nigh::cli {
namespace {

using boost::asio::awaitable;

awaitable<void> make(FileWork& work, const MkdirArguments& arguments, async::Host host,
                     FilePath path) {
  co_await host.make_directory(path.path, arguments.parents, arguments.mode);
  if (arguments.json) work.write(done_json(path, "made") + '\n');
}

awaitable<int> make_all(Supervisor& supervisor, const MkdirArguments& arguments) {
  FileWork work(supervisor, arguments.connect, arguments.json);
  auto act = [&](async::Host host, FilePath path, std::optional<FileInfo>) {
    return make(work, arguments, std::move(host), std::move(path));
  };
  co_await work.each(arguments.paths, {.expand = FileWork::How::Expand::never}, act);
  co_return work.finish();
}

int act(const MkdirArguments& arguments) {
  Supervisor supervisor;
  return supervisor.run(make_all(supervisor, arguments));
}

}  // namespace

int mkdir_command(const Arguments& arguments) {
  return handle(mkdir_usage(), parse_mkdir(arguments), act);
}

}  // namespace nigh::cli
