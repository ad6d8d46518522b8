// SPDX-License-Identifier: Apache-2.0
#include "cli/transfer_arguments.hpp"

#include <gmock/gmock.h>

#include "cli/transfer_words.hpp"

namespace nigh::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TransferArguments good(const Arguments& arguments,
                       Result<TransferArguments> (*parse)(const Arguments&) = parse_cp) {
  auto transfer = parse(arguments);
  EXPECT_TRUE(transfer) << transfer.error().message;
  return transfer ? *std::move(transfer) : TransferArguments();
}

std::string bad(const Arguments& arguments,
                Result<TransferArguments> (*parse)(const Arguments&) = parse_cp) {
  auto transfer = parse(arguments);
  EXPECT_FALSE(transfer);
  if (transfer) return "";
  EXPECT_EQ(transfer.error().code, Errc::usage);
  return transfer.error().message;
}

TEST(ParseCp, TakesTheLastPathAsTheDestination) {
  auto cp = good({"a", "./b:c", "-v", "web1:d/e"});
  EXPECT_THAT(cp.sources, ElementsAre(FilePath{"", "a"}, FilePath{"", "./b:c"}));
  EXPECT_EQ(cp.destination, (FilePath{"web1", "d/e"}));
  EXPECT_TRUE(cp.connect.verbose);
  EXPECT_FALSE(cp.from_input());
  EXPECT_FALSE(cp.to_output());
}

TEST(ParseCp, AllowsSourcesOnSeveralHosts) {
  auto cp = good({"web1:a", "ada@web2:b", "."});
  EXPECT_EQ(cp.sources[1].host, "ada@web2");
  EXPECT_FALSE(cp.destination.is_remote());
  EXPECT_EQ(good({"a", "web1:b", "web2:c"}).destination.host, "web2");
}

TEST(ParseCp, TakesWhatFollowsTheDashesAsPaths) {
  auto cp = good({"-r", "--", "-a", "--delete", "web1:"});
  EXPECT_THAT(cp.sources, ElementsAre(FilePath{"", "-a"}, FilePath{"", "--delete"}));
  EXPECT_FALSE(cp.options.owner);
}

TEST(ParseCp, KnowsStandardInputAndOutput) {
  EXPECT_TRUE(good({"-", "web1:a"}).from_input());
  EXPECT_TRUE(good({"web1:a", "web1:b", "-"}).to_output());
  EXPECT_FALSE(good({"./-", "web1:a"}).from_input());
}

TEST(ParseCp, ArchiveKeepsEverything) {
  auto options = good({"-a", "a", "web1:"}).options;
  EXPECT_TRUE(options.owner && options.symlinks && options.hard_links && options.xattrs &&
              options.specials && options.set_id);
  EXPECT_FALSE(options.numeric_ids);
  EXPECT_FALSE(good({"a", "web1:"}).options.symlinks);
  EXPECT_TRUE(good({"--numeric-ids", "a", "web1:"}).options.owner);
}

TEST(ParseCp, ReadsEachOption) {
  auto cp = good({"-n",          "-c",      "-W",      "--inplace",  "-z",         "-q",
                  "--json",      "--links", "--owner", "--xattrs",   "--specials", "--set-id",
                  "--sync=file", "--limit", "10M",     "--parallel", "4",          "--hard-links",
                  "--progress",  "web1:a",  "b"});
  const auto& o = cp.options;
  EXPECT_TRUE(o.dry_run && o.checksum && o.whole_file && o.in_place && o.compress);
  EXPECT_TRUE(o.symlinks && o.owner && o.xattrs && o.specials && o.set_id && o.hard_links);
  EXPECT_TRUE(cp.quiet && cp.json && cp.progress);
  EXPECT_EQ(o.sync, Sync::file);
  EXPECT_EQ(o.bytes_per_second, 10u << 20);
  EXPECT_EQ(o.parallel, 4u);
  EXPECT_EQ(good({"a", "w:"}).options.sync, Sync::end);
}

TEST(ParseCp, KeepsTheOrderOfRules) {
  auto options =
      good({"--exclude", "a", "--include=b", "--filter", "- c", "--exclude", "d", "--gitignore",
            "--filter", "+ e", "--filter=:- .x", "--ignore-file", ".y", "s", "web1:"})
          .options;
  std::string all;
  for (const auto& rule : options.filter) all += (rule.include ? '+' : '-') + rule.pattern;
  EXPECT_EQ(all, "-a+b-c-d+e");
  EXPECT_THAT(options.ignore_files, ElementsAre(".gitignore", ".x", ".y"));
}

TEST(ParseCp, SaysWhatIsMissingOrWrong) {
  EXPECT_THAT(bad({}), HasSubstr("nothing to copy: nigh cp SRC... HOST:DST"));
  EXPECT_THAT(bad({"web1:a"}), HasSubstr("no destination"));
  EXPECT_THAT(bad({"a", "b"}), HasSubstr("no host among these paths"));
  EXPECT_THAT(bad({"a", "web1:b", "c"}), HasSubstr("'a' and the destination are both on this"));
  EXPECT_THAT(bad({"", "web1:"}), HasSubstr("empty"));
  EXPECT_THAT(bad({"-", "a", "web1:"}), HasSubstr("single source"));
  EXPECT_THAT(bad({"--json", "web1:a", "-"}), HasSubstr("standard output"));
  EXPECT_THAT(bad({"-n", "-", "web1:a"}), HasSubstr("--dry-run"));
  EXPECT_THAT(bad({"--delete", "a", "web1:"}), HasSubstr("unknown option '--delete'"));
  EXPECT_THAT(bad({"--sync=now", "a", "w:"}), HasSubstr("'now' is none of: none, file, end"));
  EXPECT_THAT(bad({"--limit=x", "a", "w:"}), HasSubstr("--limit: 'x'"));
  EXPECT_THAT(bad({"--parallel=65", "a", "w:"}), HasSubstr("--parallel: '65'"));
  EXPECT_THAT(bad({"--filter=x", "a", "w:"}), HasSubstr("--filter: 'x' is no rule"));
  EXPECT_THAT(bad({"--ignore-file=a/b", "a", "w:"}), HasSubstr("'a/b'"));
  EXPECT_THAT(bad({"--exclude=/", "a", "w:"}), HasSubstr("the pattern to exclude is empty"));
  EXPECT_THAT(bad({"--exclude"}), HasSubstr("option --exclude needs a value"));
  EXPECT_THAT(bad({"--progress", "--no-progress", "a", "w:"}), HasSubstr("exclude each other"));
}

TEST(ParseCp, DirectIsForTwoHosts) {
  EXPECT_TRUE(good({"--direct", "web1:a", "web1:b", "web2:c"}).direct);
  for (const auto& words : {Arguments{"a", "web1:b"}, {"web1:a", "b"}, {"w1:a", "w2:a", "w3:"}}) {
    auto arguments = words;
    arguments.insert(arguments.begin(), "--direct");
    EXPECT_THAT(bad(arguments), HasSubstr("from one host to another"));
  }
}

TEST(ParseCp, HelpWinsOverWhatIsMissing) { EXPECT_TRUE(good({"-h"}).help); }

TEST(ParseSync, TakesTwoFolders) {
  auto sync = good({"--delete", "--watch", "a/", "web1:b/"}, parse_sync);
  EXPECT_EQ(sync.command, TransferCommand::sync);
  EXPECT_TRUE(sync.options.remove_extra && sync.options.watch && sync.options.symlinks);
  EXPECT_THAT(sync.sources, ElementsAre(FilePath{"", "a/"}));
}

TEST(ParseSync, SaysWhatIsMissingOrWrong) {
  EXPECT_THAT(bad({"web1:a"}, parse_sync), HasSubstr("no destination: nigh sync SRC/ HOST:DST/"));
  EXPECT_THAT(bad({"a", "b", "web1:c"}, parse_sync), HasSubstr("'web1:c' is one path too many"));
  EXPECT_THAT(bad({"-", "web1:c"}, parse_sync), HasSubstr("'-' is for nigh cp"));
  EXPECT_THAT(bad({"a", "b"}, parse_sync), HasSubstr("rsync does it"));
}

TEST(DirectWords, SayTheSameToTheOtherNigh) {
  auto cp = good({"-n", "--exclude=a b", "--limit", "1K", "-i", "key", "--accept-new", "--direct",
                  "--parallel=3", "--sync=none", "-v", "web1:x", "web2:y"});
  EXPECT_THAT(direct_words(cp, {"/a", "b:c", "-d", "~/e", "~", "", "~f"}),
              ElementsAre("nigh", "cp", "--dry-run", "--exclude=a b", "--sync=none", "--limit=1024",
                          "--parallel=3", "--accept-new", "--verbose", "--", "/a", "./b:c", "./-d",
                          "./e", ".", ".", "./~f", "web2:y"));
}

TEST(DirectWords, AreUnderstoodAsTheyWereMeant) {
  auto sync = good({"-a", "--delete", "-c", "-z", "--gitignore", "--filter=+ x", "--exclude=*",
                    "--connect-timeout", "5s", "--direct", "--json", "w1:a/", "w2:b/"},
                   parse_sync);
  auto words = direct_words(sync, {"a/"});
  EXPECT_EQ(words[1], "sync");
  auto again = good({words.begin() + 2, words.end()}, parse_sync);
  EXPECT_EQ(option_words(again), option_words(sync));
  EXPECT_EQ(again.destination, sync.destination);
}

}  // namespace
}  // namespace nigh::cli
