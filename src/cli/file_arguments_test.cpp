// SPDX-License-Identifier: Apache-2.0
// The command lines of ls, cat, rm, mkdir, mv, stat and du.
#include "cli/file_arguments.hpp"

#include <gmock/gmock.h>

#include "cli/cat_arguments.hpp"
#include "cli/du_arguments.hpp"
#include "cli/ls_arguments.hpp"
#include "cli/mkdir_arguments.hpp"
#include "cli/mv_arguments.hpp"
#include "cli/rm_arguments.hpp"
#include "cli/stat_arguments.hpp"

namespace nigh::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

template <class Parsed>
std::string complaint(const Result<Parsed>& parsed) {
  return parsed ? "none" : parsed.error().message;
}

TEST(FileArgumentsTest, AreReadInAnyOrder) {
  auto ls = parse_ls({"-la", "web1:a", "-hRr", "web2:b", "--json", "-i", "key"});
  ASSERT_TRUE(ls) << ls.error().message;
  EXPECT_THAT(ls->paths, ElementsAre(FilePath{"web1", "a"}, FilePath{"web2", "b"}));
  EXPECT_TRUE(ls->details && ls->all && ls->human && ls->recursive && ls->reverse && ls->json);
  EXPECT_FALSE(ls->by_time || ls->by_size || ls->directories || ls->single || ls->help);
  EXPECT_THAT(ls->connect.identities, ElementsAre("key"));
}

TEST(FileArgumentsTest, EveryCommandNeedsAPathOnAHost) {
  EXPECT_THAT(complaint(parse_ls({})), HasSubstr("no path: nigh ls HOST:PATH"));
  EXPECT_THAT(complaint(parse_cat({"a"})), HasSubstr("'a' is a path of this machine"));
  EXPECT_THAT(complaint(parse_stat({"web1:a", ""})), HasSubstr("empty"));
  EXPECT_THAT(complaint(parse_du({"--jsn", "web1:"})), HasSubstr("did you mean --json?"));
}

TEST(FileArgumentsTest, HIsForSizesWhereThereAreSome) {
  EXPECT_FALSE(parse_ls({"-h", "web1:"})->help);
  EXPECT_TRUE(parse_ls({"--help"})->help);
  EXPECT_TRUE(parse_rm({"-h"})->help);
}

TEST(LsArgumentsTest, HasOneOrder) {
  EXPECT_THAT(complaint(parse_ls({"-tS", "web1:"})), HasSubstr("exclude each other"));
}

TEST(RmArgumentsTest, RefusesWhatNobodyMeans) {
  for (std::string path : {"", "/", "//", "~", "~/", ".", "..", "a/..", "/a/.", "/a/./", "~/.."}) {
    EXPECT_THAT(complaint(parse_rm({"-rf", "web1:" + path})), HasSubstr("is not to be removed"));
    EXPECT_FALSE(parse_rm({"-rf", "nigh://web1/" + path})) << path;
  }
  EXPECT_FALSE(parse_rm({"-r", "web1:a", "web1:/"})) << "then nothing at all is removed";
}

TEST(RmArgumentsTest, TakesWhatIsLikeIt) {
  for (auto* path :
       {"web1:a", "web1:~/a", "web1:/a/", "web1:/~", "web1:./~", "web1:...", "web1:.a"})
    EXPECT_TRUE(parse_rm({path})) << path;
  EXPECT_TRUE(parse_rm({"-rfv", "web1:a"})->connect.verbose);
}

TEST(MkdirArgumentsTest, ReadsAModeInOctal) {
  EXPECT_EQ(parse_mkdir({"-m", "700", "web1:a"})->mode, 0700u);
  EXPECT_EQ(parse_mkdir({"-p", "--mode=01777", "web1:a"})->mode, 01777u);
  EXPECT_FALSE(parse_mkdir({"web1:a"})->mode);
  for (auto* bad : {"9", "u+x", "10000", "-1", "0x7"})
    EXPECT_FALSE(parse_mkdir({"--mode=" + std::string(bad), "web1:a"})) << bad;
}

TEST(MvArgumentsTest, TheLastPathIsTheDestination) {
  auto mv = parse_mv({"-n", "web1:a", "web1:b", "web1:c"});
  ASSERT_TRUE(mv) << mv.error().message;
  EXPECT_THAT(mv->paths, ElementsAre(FilePath{"web1", "a"}, FilePath{"web1", "b"}));
  EXPECT_EQ(mv->destination, (FilePath{"web1", "c"}));
  EXPECT_TRUE(mv->keep);
}

TEST(MvArgumentsTest, WorksWithinOneHost) {
  EXPECT_THAT(complaint(parse_mv({"web1:a"})), HasSubstr("a source and a destination"));
  EXPECT_THAT(complaint(parse_mv({"web1:a", "web2:b"})), HasSubstr("within one host"));
  EXPECT_TRUE(parse_mv({"--help"})->help);
}

TEST(DuArgumentsTest, GoesOneFolderDeepAtMost) {
  EXPECT_TRUE(parse_du({"-d1", "web1:"})->per_folder);
  EXPECT_FALSE(parse_du({"-d", "0", "web1:"})->per_folder);
  EXPECT_FALSE(parse_du({"-sh", "web1:"})->per_folder);
  EXPECT_THAT(complaint(parse_du({"-d", "2", "web1:"})), HasSubstr("0 or 1, not '2'"));
  EXPECT_THAT(complaint(parse_du({"-s", "-d1", "web1:"})), HasSubstr("exclude each other"));
}

}  // namespace
}  // namespace nigh::cli
