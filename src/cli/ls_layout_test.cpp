// SPDX-License-Identifier: Apache-2.0
#include "cli/ls_layout.hpp"

#include <gmock/gmock.h>

namespace nigh::cli {
namespace {

using testing::ElementsAre;

FileInfo entry(std::string path, std::uint64_t size = 0, std::int64_t mtime = 0) {
  FileInfo info;
  info.path = std::move(path);
  info.mode = 0644;
  info.size = size;
  info.mtime = mtime;
  return info;
}

std::vector<std::string> sorted(const LsArguments& arguments) {
  std::vector<FileInfo> entries{entry("b", 1, 9), entry("a", 1, 5), entry("B", 7, 5)};
  sort_entries(entries, arguments);
  std::vector<std::string> names;
  for (const auto& one : entries) names.push_back(one.path);
  return names;
}

LsArguments with(bool LsArguments::* flag) {
  LsArguments arguments;
  arguments.*flag = true;
  return arguments;
}

TEST(LsOrderTest, SortsByTheBytesOfNamesUnlessTold) {
  EXPECT_THAT(sorted({}), ElementsAre("B", "a", "b"));
  EXPECT_THAT(sorted(with(&LsArguments::by_time)), ElementsAre("b", "B", "a"));
  EXPECT_THAT(sorted(with(&LsArguments::by_size)), ElementsAre("B", "a", "b"));
  EXPECT_THAT(sorted(with(&LsArguments::reverse)), ElementsAre("b", "a", "B"));
}

TEST(LsOrderTest, HidesNamesThatBeginWithADotAndWhatIsBelow) {
  EXPECT_TRUE(is_hidden(".a"));
  EXPECT_TRUE(is_hidden("a/.b/c"));
  EXPECT_FALSE(is_hidden("a.b/c."));
}

TEST(LsTextTest, APipeGetsNamesAsTheyAre) {
  EXPECT_EQ(ls_text({entry("a\n"), entry("\xff")}, {}, {}), "a\n\n\xff\n");
}

TEST(LsTextTest, ATerminalGetsColumnsThatGoDownFirst) {
  std::vector<FileInfo> entries;
  for (auto* name : {"a", "bbb", "cc", "dddd", "e"}) entries.push_back(entry(name));
  LsScreen screen{.terminal = true, .columns = 13};
  EXPECT_EQ(ls_text(entries, {}, screen), "a    cc    e\nbbb  dddd\n");
  screen.columns = 80;
  EXPECT_EQ(ls_text(entries, {}, screen), "a  bbb  cc  dddd  e\n");
  screen.columns = 1;
  EXPECT_EQ(ls_text(entries, {}, screen), "a\nbbb\ncc\ndddd\ne\n");
  EXPECT_EQ(ls_text(entries, with(&LsArguments::single), screen), "a\nbbb\ncc\ndddd\ne\n");
  EXPECT_EQ(ls_text({}, {}, screen), "");
}

TEST(LsTextTest, NoNameSteersATerminal) {
  LsScreen screen{.terminal = true};
  EXPECT_EQ(ls_text({entry("a\x1b[2J\n")}, {}, screen), "a\\x1b[2J\\x0a\n");
}

TEST(LsTextTest, DetailsLineUp) {
  auto file = entry("a", 5, 0);
  file.user = "ada";
  file.gid = 1000;
  auto link = entry("b", 12345, 0);
  link.kind = FileKind::symlink;
  link.links = 10;
  link.target = "there";
  link.group = "staff";
  auto text = ls_text({file, link}, with(&LsArguments::details), {.now = 1'700'000'000});
  auto time = std::string("Jan  1  1970");
  if (!text.contains(time)) time = "Dec 31  1969";  // west of Greenwich
  EXPECT_EQ(text, "-rw-r--r--  1 ada 1000      5 " + time + " a\n" +
                      "lrw-r--r-- 10 0   staff 12345 " + time + " b -> there\n");
}

TEST(LsTextTest, SizesCanBeForPeople) {
  auto arguments = with(&LsArguments::details);
  arguments.human = true;
  EXPECT_THAT(ls_text({entry("a", 5 << 20)}, arguments, {}), testing::HasSubstr(" 5.0M "));
}

TEST(LsTextTest, FoldersHaveAColour) {
  auto folder = entry("d");
  folder.kind = FileKind::directory;
  LsScreen screen{.terminal = true, .style = Style(true)};
  EXPECT_EQ(ls_text({folder}, {}, screen), "\x1b[36md\x1b[0m\n");
}

}  // namespace
}  // namespace nigh::cli
