// SPDX-License-Identifier: Apache-2.0
#include "cli/transfer_direct.hpp"

#include <fmt/format.h>

#include <exception>

#include "cli/connecting.hpp"
#include "cli/console.hpp"
#include "cli/failure.hpp"
#include "cli/transfer_summary.hpp"
#include "cli/transfer_words.hpp"

namespace nigh::cli {

namespace asio = boost::asio;

namespace {

// There, patterns are for a shell, which nobody runs: we ask for what they mean.
asio::awaitable<std::vector<std::string>> expand(async::Host host,
                                                 const std::vector<FilePath>& sources) {
  std::vector<std::string> paths;
  for (const auto& source : sources) {
    if (source.path.find_first_of("*?[") == source.path.npos) {
      paths.push_back(source.path);
      continue;
    }
    WalkOptions options{.depth = WalkOptions::Depth::self, .pattern = true};
    co_await host.walk(source.path, options, [&](const FileInfo& i) { paths.push_back(i.path); });
  }
  co_return paths;
}

asio::awaitable<int> run_there(Supervisor& supervisor, const TransferArguments& arguments) {
  auto host = co_await connect(supervisor, arguments.sources[0].host, arguments.connect);
  Command command(direct_words(arguments, co_await expand(host, arguments.sources)));
  auto process = co_await host.start(std::move(command));
  Supervisor::Watch watch(supervisor, process);
  auto exit = co_await process.forward({.in = -1, .out = 1, .err = 2});
  co_return exit.shell_status();
}

}  // namespace

asio::awaitable<int> transfer_directly(Supervisor& supervisor, const TransferArguments& arguments) {
  try {
    co_return co_await run_there(supervisor, arguments);
  } catch (...) {
    auto error = to_error(std::current_exception());
    complain(fmt::format("{}: {}", arguments.sources[0].host, error.message));
  }
  co_return kNothingCopied;
}

}  // namespace nigh::cli
