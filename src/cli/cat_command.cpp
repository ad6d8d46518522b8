// SPDX-License-Identifier: Apache-2.0
#include "cli/cat_arguments.hpp"
#include "cli/cat_stream.hpp"
#include "cli/command.hpp"

namespace nigh::cli {
namespace {

using boost::asio::awaitable;

awaitable<void> copy(FileWork& work, async::Host host, FilePath path) {
  co_await write_to_output(co_await host.open(path.path), work);
}

awaitable<int> concatenate(Supervisor& supervisor, const CatArguments& arguments) {
  FileWork work(supervisor, arguments.connect, false);
  auto act = [&work](async::Host host, FilePath path, std::optional<FileInfo>) {
    return copy(work, std::move(host), std::move(path));
  };
  co_await work.each(arguments.paths, {}, act);
  co_return work.finish();
}

int act(const CatArguments& arguments) {
  Supervisor supervisor;
  return supervisor.run(concatenate(supervisor, arguments));
}

}  // namespace

int cat_command(const Arguments& arguments) {
  return handle(cat_usage(), parse_cat(arguments), act);
}

}  // namespace nigh::cli
