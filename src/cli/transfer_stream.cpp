// SPDX-License-Identifier: Apache-2.0
#include "cli/transfer_stream.hpp"

#include <fmt/format.h>

#include <exception>
#include <optional>

#include "cli/cat_stream.hpp"
#include "cli/command.hpp"
#include "cli/connecting.hpp"
#include "cli/console.hpp"
#include "cli/failure.hpp"
#include "cli/file_work.hpp"
#include "cli/transfer_interrupt.hpp"
#include "cli/transfer_summary.hpp"
#include "cli/transfer_upload.hpp"

namespace nigh::cli {

namespace asio = boost::asio;

namespace {

// What is left of an upload that failed is taken away; if that fails too, its failure is enough.
asio::awaitable<void> clean_up(Upload& upload) {
  try {
    co_await upload.discard();
  } catch (const Failure&) {
  }
}

asio::awaitable<void> print_file(FileWork& work, async::Host host, FilePath file) {
  co_await write_to_output(co_await host.open(file.path), work);
}

}  // namespace

asio::awaitable<int> copy_input(Supervisor& supervisor, const TransferArguments& arguments) {
  const auto& to = arguments.destination;
  if (to.path.empty() || to.path.ends_with('/') || to.path == "~") {
    complain(fmt::format("{}: name the file that standard input is to become", to.text()));
    co_return kUsageStatus;
  }
  int signal = 0;
  std::exception_ptr thrown;
  std::optional<Upload> upload;
  try {
    upload.emplace(co_await connect(supervisor, to.host, arguments.connect), to.path,
                   arguments.options.sync);
    co_await until_signal(supervisor, signal, upload->run());
  } catch (...) {
    thrown = std::current_exception();
  }
  if (!thrown) co_return kAllCopied;
  if (upload) co_await clean_up(*upload);
  if (signal != 0) co_return 128 + signal;
  auto error = to_error(thrown);
  complain(fmt::format("{}: {}", to.host, error.message));
  co_return error.code == Errc::usage ? kUsageStatus : kNothingCopied;
}

asio::awaitable<int> copy_to_output(Supervisor& supervisor, const TransferArguments& arguments) {
  FileWork work(supervisor, arguments.connect, false);
  auto act = [&work](async::Host host, FilePath file, std::optional<FileInfo>) {
    return print_file(work, std::move(host), std::move(file));
  };
  co_await work.each(arguments.sources, {}, act);
  co_return work.finish();
}

}  // namespace nigh::cli
