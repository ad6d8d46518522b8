// SPDX-License-Identifier: Apache-2.0
#include "cli/transfer_options.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <charconv>

#include "base/text.hpp"
#include "cli/byte_size.hpp"

namespace nigh::cli {
namespace {

constexpr unsigned kMostParallel = 64;

struct Flag {
  const char* names;
  bool TransferOptions::* field;
  const char* says;

  std::string long_name() const {
    std::string_view all = names;
    return std::string(all.substr(all.find("--")));
  }
};

constexpr std::array kKept{
    Flag{"--owner", &TransferOptions::owner, "Keep owner and group, by name. Needs root there."},
    Flag{"--numeric-ids", &TransferOptions::numeric_ids,
         "Keep owner and group by number instead of by name."},
    Flag{"--links", &TransferOptions::symlinks,
         "Copy symbolic links as links. Otherwise cp copies the file that a link leads to; sync "
         "always copies links as links."},
    Flag{"--hard-links", &TransferOptions::hard_links,
         "Files that are one file there are one file here."},
    Flag{"--xattrs", &TransferOptions::xattrs, "Keep extended attributes (user.*) and ACLs."},
    Flag{"--specials", &TransferOptions::specials, "Copy FIFOs, sockets and devices too."},
    Flag{"--set-id", &TransferOptions::set_id, "Keep set-uid, set-gid and sticky bits."}};

constexpr std::array kHow{
    Flag{"-n,--dry-run", &TransferOptions::dry_run, "List what would be done, and do nothing."},
    Flag{"-c,--checksum", &TransferOptions::checksum,
         "Compare contents; otherwise equal size and time mean equal contents."},
    Flag{"-W,--whole-file", &TransferOptions::whole_file,
         "Send changed files whole, without looking for what is still the same."},
    Flag{"--inplace", &TransferOptions::in_place,
         "Write into existing files. Otherwise a new file takes the place of the old one when it "
         "is complete."},
    Flag{"-z,--compress", &TransferOptions::compress, "Compress (zstd), while that is faster."}};

constexpr std::array kOfSync{
    Flag{"--delete", &TransferOptions::remove_extra,
         "Remove from the destination what the source does not have. What is excluded stays."},
    Flag{"--watch", &TransferOptions::watch,
         "Then go on: copy what changes as it changes, until a signal ends it."}};

template <std::size_t N>
void add_flags(CLI::App& app, const std::array<Flag, N>& flags, TransferOptions& options) {
  for (const auto& flag : flags) app.add_flag(flag.names, options.*flag.field, flag.says);
}

template <std::size_t N>
void put_flags(Arguments& words, const std::array<Flag, N>& flags, const TransferOptions& options) {
  for (const auto& flag : flags)
    if (options.*flag.field) words.push_back(flag.long_name());
}

std::string_view name_of(Sync sync) {
  constexpr std::array<std::string_view, 3> kNames{"none", "file", "end"};
  return kNames.at(static_cast<std::size_t>(sync));
}

}  // namespace

void RawTransfer::add_options(CLI::App& app, TransferCommand command) {
  app.add_flag("-r,--recursive", recursive,
               "Changes nothing: folders are always copied with all that is in them.");
  app.add_flag("-a,--archive", archive,
               "Keep everything: --owner, --links, --hard-links, --xattrs, --specials, --set-id. "
               "Mode and time are always kept.");
  add_flags(app, kKept, transfer.options);
  if (command == TransferCommand::sync) add_flags(app, kOfSync, transfer.options);
  add_flags(app, kHow, transfer.options);
  filter.add_options(app);
  add_how(app);
  add_what_is_shown(app);
  app.add_flag("--direct", transfer.direct,
               "From host to host: let the first connect to the second itself, with its own keys "
               "and its own nigh. Otherwise everything goes through this machine.");
  transfer.connect.add_options(app);
  app.get_option("--verbose")
      ->description(
          "List each item with the hash of its contents on standard output, and tell "
          "each step of connecting on stderr.");
}

void RawTransfer::add_how(CLI::App& app) {
  app.add_option("--sync", sync,
                 "When data is forced to disk: none (the system decides), file (each before it "
                 "gets its name) or end (all at the end, the default).")
      ->type_name("WHEN")
      ->take_last();
  app.add_option("--limit", limit,
                 "Send at most so many bytes a second: 500000, 512K, 10M, 1.5G (powers of 1024).")
      ->type_name("RATE")
      ->take_last();
  app.add_option("--parallel", parallel, "Work on so many files at a time (as many as pay).")
      ->type_name("N")
      ->take_last();
}

void RawTransfer::add_what_is_shown(CLI::App& app) {
  app.add_flag("--progress", transfer.progress,
               "Tell the progress also where standard error is no terminal and the transfer "
               "short.");
  app.add_flag("--no-progress", transfer.no_progress, "Do not tell the progress.");
  app.add_flag("-q,--quiet", transfer.quiet, "Tell nothing but failures.");
  app.add_flag("--json", transfer.json,
               "Print items, failures, progress and a summary as JSON objects, one a line.");
}

Result<void> RawTransfer::finish() {
  if (archive) transfer.options.archive();
  if (transfer.options.numeric_ids) transfer.options.owner = true;
  if (transfer.command == TransferCommand::sync) transfer.options.symlinks = true;
  if (auto r = filter.apply(transfer.options); !r) return r;
  if (auto r = set_sync(); !r) return r;
  if (auto r = set_numbers(); !r) return r;
  if (transfer.progress && transfer.no_progress)
    return fail(Errc::usage, "--progress and --no-progress exclude each other");
  return transfer.connect.finish();
}

Result<void> RawTransfer::set_sync() {
  if (sync.empty()) return {};
  for (auto when : {Sync::none, Sync::file, Sync::end}) {
    if (sync != name_of(when)) continue;
    transfer.options.sync = when;
    return {};
  }
  return fail(Errc::usage,
              fmt::format("--sync: '{}' is none of: none, file, end", printable(sync)));
}

Result<void> RawTransfer::set_numbers() {
  if (!limit.empty()) {
    auto bytes = parse_byte_size(limit);
    if (!bytes) return fail(Errc::usage, "--limit: " + bytes.error().message);
    transfer.options.bytes_per_second = *bytes;
  }
  if (parallel.empty()) return {};
  const auto* end = parallel.data() + parallel.size();
  auto [rest, error] = std::from_chars(parallel.data(), end, transfer.options.parallel);
  if (error == std::errc() && rest == end && transfer.options.parallel >= 1 &&
      transfer.options.parallel <= kMostParallel)
    return {};
  return fail(Errc::usage, fmt::format("--parallel: '{}' is not a number from 1 to {}",
                                       printable(parallel), kMostParallel));
}

Arguments option_words(const TransferArguments& arguments) {
  const auto& options = arguments.options;
  Arguments words;
  put_flags(words, kKept, options);
  put_flags(words, kOfSync, options);
  put_flags(words, kHow, options);
  std::ranges::copy(filter_words(options), std::back_inserter(words));
  if (options.sync != Sync::end) words.push_back(fmt::format("--sync={}", name_of(options.sync)));
  if (options.bytes_per_second > 0)
    words.push_back(fmt::format("--limit={}", options.bytes_per_second));
  if (options.parallel > 0) words.push_back(fmt::format("--parallel={}", options.parallel));
  auto add = [&words](bool wanted, const char* word) {
    if (wanted) words.emplace_back(word);
  };
  add(arguments.progress, "--progress");
  add(arguments.no_progress, "--no-progress");
  add(arguments.quiet, "--quiet");
  add(arguments.json, "--json");
  add(arguments.connect.accept_new, "--accept-new");
  add(arguments.connect.verbose, "--verbose");
  if (!arguments.connect.timeout_text.empty())
    words.push_back("--connect-timeout=" + arguments.connect.timeout_text);
  return words;
}

}  // namespace nigh::cli
