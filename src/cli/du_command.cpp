// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <unistd.h>

#include "base/text.hpp"
#include "cli/command.hpp"
#include "cli/du_arguments.hpp"
#include "cli/file_json.hpp"
#include "cli/file_text.hpp"
#include "cli/file_work.hpp"

namespace nigh::cli {
namespace {

using boost::asio::awaitable;

class Summing {
 public:
  Summing(FileWork& work, const DuArguments& arguments)
      : work_(work), arguments_(arguments), terminal_(::isatty(STDOUT_FILENO) == 1) {}

  awaitable<void> sum_up(async::Host host, FilePath path) {
    auto report = [this, &path](const FileFailure& failure) {
      work_.failed({path.host, failure.path}, failure.error);
    };
    for (const auto& size :
         co_await host.disk_usage(path.path, arguments_.per_folder, std::move(report)))
      work_.write(line({path.host, size.path}, size) + '\n');
  }

 private:
  std::string line(const FilePath& path, const TreeSize& size) const {
    if (arguments_.json) return size_json(path, size);
    auto bytes = arguments_.apparent ? size.bytes : size.allocated;
    auto number = arguments_.human      ? size_text(bytes)
                  : arguments_.apparent ? fmt::format("{}", bytes)
                                        : fmt::format("{}", bytes / 1024 + (bytes % 1024 != 0));
    auto text = path.text();
    return fmt::format("{}\t{}", number, terminal_ ? printable(text) : text);
  }

  FileWork& work_;
  const DuArguments& arguments_;
  bool terminal_;
};

awaitable<int> sum_up_all(Supervisor& supervisor, const DuArguments& arguments) {
  FileWork work(supervisor, arguments.connect, arguments.json);
  Summing summing(work, arguments);
  auto act = [&summing](async::Host host, FilePath path, std::optional<FileInfo>) {
    return summing.sum_up(std::move(host), std::move(path));
  };
  co_await work.each(arguments.paths, {}, act);
  co_return work.finish();
}

int act(const DuArguments& arguments) {
  Supervisor supervisor;
  return supervisor.run(sum_up_all(supervisor, arguments));
}

}  // namespace

int du_command(const Arguments& arguments) { return handle(du_usage(), parse_du(arguments), act); }

}  // namespace nigh::cli
