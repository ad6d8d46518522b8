// SPDX-License-Identifier: Apache-2.0
#include "cli/transfer_arguments.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <ranges>

#include "base/text.hpp"
#include "cli/transfer_options.hpp"

namespace nigh::cli {
namespace {

// "cp -- -a host:" means the file "-a": what stands after the dashes is no option.
Result<TransferArguments> parse(RawTransfer raw, const Arguments& arguments) {
  CLI::App app;
  raw.add_options(app, raw.transfer.command);
  auto dashes = std::ranges::find(arguments, "--");
  auto parsed = parse_arguments(app, Arguments(arguments.begin(), dashes), Words::anywhere);
  if (!parsed) return std::unexpected(parsed.error());
  auto& transfer = raw.transfer;
  transfer.help = parsed->help;
  if (transfer.help) return std::move(transfer);

  auto words = std::move(parsed->words);
  if (dashes != arguments.end()) words.insert(words.end(), dashes + 1, arguments.end());
  for (const auto& word : words) {
    auto file = parse_file_path(word);
    if (!file) return std::unexpected(file.error());
    transfer.sources.push_back(*std::move(file));
  }
  if (auto r = raw.finish(); !r) return std::unexpected(r.error());
  return std::move(transfer);
}

Result<void> take_destination(TransferArguments& transfer, std::string_view synopsis) {
  auto& words = transfer.sources;
  if (words.size() < 2)
    return fail(
        Errc::usage,
        fmt::format("{}: {}", words.empty() ? "nothing to copy" : "no destination", synopsis));
  transfer.destination = std::move(words.back());
  words.pop_back();
  bool remote = transfer.destination.is_remote() ||
                std::ranges::any_of(transfer.sources, &FilePath::is_remote);
  if (!remote)
    return fail(Errc::usage,
                fmt::format("no host among these paths: write HOST:PATH for one of them (within "
                            "this machine {} does it)",
                            transfer.command == TransferCommand::cp ? "cp" : "rsync"));
  return {};
}

// One host (or none: this machine) that all of them are on.
bool same_host(const std::vector<FilePath>& files) {
  return std::ranges::all_of(files, [&](const auto& file) { return file.host == files[0].host; });
}

Result<void> check_local_sources(const TransferArguments& transfer) {
  if (transfer.destination.is_remote()) return {};
  auto local = std::ranges::find_if_not(transfer.sources, &FilePath::is_remote);
  if (local == transfer.sources.end()) return {};
  return fail(Errc::usage, fmt::format("'{}' and the destination are both on this machine: cp "
                                       "copies it",
                                       printable(local->path)));
}

Result<void> check_streams(const TransferArguments& transfer) {
  bool among = std::ranges::any_of(transfer.sources, TransferArguments::is_stream);
  if (among && !transfer.from_input())
    return fail(Errc::usage, "'-' (standard input) can only be the single source");
  if (!among && !transfer.to_output()) return {};
  if (transfer.json && transfer.to_output())
    return fail(Errc::usage, "--json and '-' both need standard output");
  if (transfer.options.dry_run)
    return fail(Errc::usage, "--dry-run: what becomes of '-' is known without it");
  return {};
}

Result<void> check_direct(const TransferArguments& transfer) {
  if (!transfer.direct) return {};
  if (!transfer.destination.is_remote() || !transfer.sources[0].is_remote() ||
      !same_host(transfer.sources))
    return fail(Errc::usage, "--direct is for copies from one host to another host");
  return {};
}

}  // namespace

Result<TransferArguments> parse_cp(const Arguments& arguments) {
  RawTransfer raw;
  auto transfer = parse(std::move(raw), arguments);
  if (!transfer || transfer->help) return transfer;
  auto taken = take_destination(*transfer, "nigh cp SRC... HOST:DST");
  if (taken) taken = check_local_sources(*transfer);
  if (taken) taken = check_streams(*transfer);
  if (taken) taken = check_direct(*transfer);
  if (!taken) return std::unexpected(taken.error());
  return transfer;
}

Result<TransferArguments> parse_sync(const Arguments& arguments) {
  RawTransfer raw;
  raw.transfer.command = TransferCommand::sync;
  auto transfer = parse(std::move(raw), arguments);
  if (!transfer || transfer->help) return transfer;
  if (transfer->sources.size() > 2)
    return fail(Errc::usage, fmt::format("'{}' is one path too many: nigh sync SRC/ HOST:DST/",
                                         printable(transfer->sources[2].text())));
  auto taken = take_destination(*transfer, "nigh sync SRC/ HOST:DST/");
  if (taken) taken = check_direct(*transfer);
  if (!taken) return std::unexpected(taken.error());
  if (transfer->from_input() || transfer->to_output())
    return fail(Errc::usage, "'-' is for nigh cp: a folder is no stream (./- is one of that name)");
  return transfer;
}

}  // namespace nigh::cli
