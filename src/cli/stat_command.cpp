// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "base/text.hpp"
#include "cli/byte_size.hpp"
#include "cli/command.hpp"
#include "cli/file_json.hpp"
#include "cli/file_text.hpp"
#include "cli/file_work.hpp"
#include "cli/stat_arguments.hpp"

namespace nigh::cli {
namespace {

using boost::asio::awaitable;

std::string owner(const std::string& name, std::uint32_t number) {
  return name.empty() ? fmt::format("{}", number) : fmt::format("{} ({})", printable(name), number);
}

std::string block(const FilePath& path, const FileInfo& info) {
  auto text = fmt::format("    path: {}\n    type: {}\n", printable(path.text()), name(info.kind));
  if (info.kind == FileKind::symlink) text += fmt::format("  target: {}\n", printable(info.target));
  text += fmt::format("    size: {} bytes\n", with_commas(info.size));
  text += fmt::format("    mode: {:04o} {}\n", info.mode, mode_text(info));
  text += fmt::format("    user: {}\n   group: {}\n", owner(info.user, info.uid),
                      owner(info.group, info.gid));
  text += fmt::format("   links: {}\n", info.links);
  text += fmt::format(" changed: {}\n", local_time(info.mtime, info.mtime_nanoseconds));
  return text;
}

awaitable<void> show(FileWork& work, bool json, bool& first, FilePath path, FileInfo info) {
  if (json)
    work.write(entry_json(path, info) + '\n');
  else
    work.write((first ? "" : "\n") + block(path, info));
  first = false;
  co_return;
}

awaitable<int> show_all(Supervisor& supervisor, const StatArguments& arguments) {
  FileWork work(supervisor, arguments.connect, arguments.json);
  bool first = true;
  auto act = [&](async::Host, FilePath path, std::optional<FileInfo> info) {
    return show(work, arguments.json, first, std::move(path), *std::move(info));
  };
  co_await work.each(arguments.paths, {.expand = FileWork::How::Expand::always}, act);
  co_return work.finish();
}

int act(const StatArguments& arguments) {
  Supervisor supervisor;
  return supervisor.run(show_all(supervisor, arguments));
}

}  // namespace

int stat_command(const Arguments& arguments) {
  return handle(stat_usage(), parse_stat(arguments), act);
}

}  // namespace nigh::cli
