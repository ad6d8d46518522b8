// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <filesystem>

#include "files/names.hpp"
#include "service/resource/visit_for_test.hpp"

namespace nigh::resource {
namespace {

using for_test::MemoryChannel;
using for_test::Visit;
using nigh::for_test::mode_of;

// Names in a folder, hidden ones too.
std::vector<std::string> names_in(const std::string& folder) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    names.push_back(entry.path().filename());
  std::ranges::sort(names);
  return names;
}
using Names = std::vector<std::string>;

struct Umask {
  explicit Umask(mode_t mask) : before(::umask(mask)) {}
  ~Umask() { (void)::umask(before); }
  mode_t before;
};

TEST(PutTest, MakesAFileOrReplacesIt) {
  Visit visit;
  Umask umask(027);
  auto made = visit.ask("PUT", "/v1/files/~/f", {}, "one");
  EXPECT_EQ(made.status, 201u);
  EXPECT_EQ(made.header("content-length"), "0");
  EXPECT_EQ(made.header("etag"), visit.ask("HEAD", "/v1/files/~/f").header("etag"));
  EXPECT_EQ(visit.home.read("f"), "one");
  EXPECT_EQ(mode_of(visit.home / "f"), 0640u);
  auto replaced = visit.ask("PUT", "/v1/files/~/f", {{"content-length", "3"}}, "two");
  EXPECT_EQ(replaced.status, 204u);
  EXPECT_EQ(replaced.header("content-length"), std::nullopt);
  EXPECT_NE(replaced.header("etag"), made.header("etag"));
  EXPECT_EQ(visit.home.read("f"), "two");
  EXPECT_EQ(names_in(visit.home.path()), Names{"f"});
}

TEST(PutTest, SetsModeAndTimeThatAreAskedFor) {
  Visit visit;
  auto made = visit.ask("PUT", "/v1/files/~/f?sync=none",
                        {{"nigh-mode", "4751"}, {"nigh-mtime", "784111777.5"}}, "x");
  EXPECT_EQ(made.status, 201u);
  EXPECT_EQ(mode_of(visit.home / "f"), 04751u);
  EXPECT_EQ(visit.ask("HEAD", "/v1/files/~/f").header("nigh-mtime"), "784111777.500000000");
}

TEST(PutTest, AReplacedFileHandsOnWhatItHad) {
  Visit visit;
  auto path = visit.home.write("f", "one", 0604);
  ASSERT_EQ(::chmod(path.c_str(), 04604), 0);
  const bool has_xattrs = ::setxattr(path.c_str(), "user.origin", "here", 4, 0) == 0;
  EXPECT_EQ(visit.ask("PUT", "/v1/files/~/f", {}, "two").status, 204u);
  EXPECT_EQ(mode_of(path), 0604u) << "but no set-id bits: nobody asked for them";
  if (has_xattrs) {
    char value[8];
    EXPECT_EQ(::getxattr(path.c_str(), "user.origin", value, sizeof value), 4);
  }
}

TEST(PutTest, AnOpenFileKeepsItsOldBytes) {
  Visit visit;
  auto path = visit.home.write("f", "one");
  struct stat before{}, after{};
  ASSERT_EQ(::stat(path.c_str(), &before), 0);
  EXPECT_EQ(visit.ask("PUT", "/v1/files/~/f", {}, "two").status, 204u);
  ASSERT_EQ(::stat(path.c_str(), &after), 0);
  EXPECT_NE(before.st_ino, after.st_ino);
}

TEST(PutTest, ConditionsAreHeldBeforeTheBodyIsRead) {
  Visit visit;
  visit.home.write("f", "one");
  auto etag = visit.ask("HEAD", "/v1/files/~/f").header("etag").value();
  auto put = [&](const std::string& name, HeaderField condition) {
    return visit.ask("PUT", "/v1/files/~/" + name, {condition}, "new").status;
  };
  EXPECT_EQ(put("f", {"if-none-match", "*"}), 412u);
  EXPECT_EQ(put("f", {"if-match", "\"x\""}), 412u);
  EXPECT_EQ(put("g", {"if-match", "*"}), 412u);
  EXPECT_EQ(put("f", {"if-match", "x"}), 400u);
  EXPECT_EQ(visit.home.read("f"), "one");
  EXPECT_EQ(put("f", {"if-match", etag}), 204u);
  EXPECT_EQ(put("f", {"if-match", etag}), 412u) << "that version is gone";
  EXPECT_EQ(put("g", {"if-none-match", "*"}), 201u);
}

TEST(PutTest, ARefusedBodyIsReadOnlyIfThatIsLittle) {
  Visit visit;
  visit.home.write("f", "one");
  const std::pair<const char*, bool> table[] = {
      {"4", true}, {"1048576", true}, {"1048577", false}, {"x", false}, {"", false}};
  for (const auto& [length, read] : table) {
    MemoryChannel channel("body");
    std::vector<HeaderField> headers{{"if-none-match", "*"}, {"content-length", length}};
    if (*length == '\0') headers.pop_back();
    serve(channel, {"PUT", "", "/v1/files/~/f", headers}, visit.home.path());
    EXPECT_GE(for_test::answer_in(channel.output).status, 400u);
    EXPECT_EQ(channel.read_all(), read) << length;
  }
}

// A client whose body arrives while somebody else writes the same file.
class InterruptedChannel : public MemoryChannel {
 public:
  using MemoryChannel::MemoryChannel;
  std::size_t read(std::span<char> into) override {
    if (meanwhile) std::exchange(meanwhile, nullptr)();
    return MemoryChannel::read(into);
  }
  std::function<void()> meanwhile;
};

TEST(PutTest, ConditionsAreHeldAgainWhenTheBodyIsThere) {
  Visit visit;
  InterruptedChannel channel("mine");
  channel.meanwhile = [&] { visit.home.write("f", "theirs"); };
  serve(channel, {"PUT", "", "/v1/files/~/f", {{"if-none-match", "*"}}}, visit.home.path());
  EXPECT_EQ(for_test::answer_in(channel.output).status, 412u);
  EXPECT_EQ(visit.home.read("f"), "theirs");
  EXPECT_EQ(names_in(visit.home.path()), Names{"f"});
}

TEST(PutTest, ABodyThatIsNotWhatItsHeadSaysChangesNothing) {
  Visit visit;
  visit.home.write("f", "one");
  for (const char* length : {"2", "4", "x", "99999999999999999999"})
    EXPECT_EQ(visit.ask("PUT", "/v1/files/~/f", {{"content-length", length}}, "two").status, 400u)
        << length;
  MemoryChannel channel("half of it");
  channel.break_off();
  EXPECT_THROW(serve(channel, {"PUT", "", "/v1/files/~/f", {}}, visit.home.path()), Failure);
  EXPECT_EQ(channel.output, "") << "nobody is there to be answered";
  EXPECT_EQ(visit.home.read("f"), "one");
  EXPECT_EQ(names_in(visit.home.path()), Names{"f"});
}

TEST(PutTest, OnlyNamesOfFilesAreWrittenTo) {
  Visit visit;
  visit.home.write("f", "one");
  std::filesystem::create_directory(visit.home / "d");
  ASSERT_EQ(::mkfifo((visit.home / "fifo").c_str(), 0600), 0);
  const std::pair<std::string, std::uint32_t> table[] = {
      {"~", 409},
      {"~/d", 409},
      {"~/new/", 409},
      {"~/d/..", 409},
      {"~/d/.", 409},
      {"~/fifo", 409},
      {"~/none/x", 409},
      {"~/f/x", 409},
      {"", 409},
      {"~/.nigh-tmp-1", 400},
      {"~/.nigh-part-1", 400},
      {"~/" + std::string(256, 'x'), 400},
      {"~/x?sync=end", 400},
  };
  for (const auto& [path, status] : table)
    EXPECT_EQ(visit.ask("PUT", "/v1/files/" + path, {}, "x").status, status) << path;
  for (auto field : {HeaderField{"nigh-mode", "9"}, {"nigh-mtime", "now"}, {"content-range", "x"}})
    EXPECT_EQ(visit.ask("PUT", "/v1/files/~/x", {field}, "x").status, 400u) << field.name;
  EXPECT_EQ(names_in(visit.home.path()), (Names{"d", "f", "fifo"}));
}

TEST(PutTest, ALinkStaysALink) {
  Visit visit;
  std::filesystem::create_directory(visit.home / "d");
  visit.home.write("d/real", "one", 0640);
  ASSERT_EQ(::symlink("d/real", (visit.home / "config").c_str()), 0);
  ASSERT_EQ(::symlink("../config", (visit.home / "d/again").c_str()), 0);
  EXPECT_EQ(visit.ask("PUT", "/v1/files/~/d/again", {}, "two").status, 204u);
  EXPECT_EQ(visit.home.read("d/real"), "two");
  EXPECT_EQ(mode_of(visit.home / "d/real"), 0640u);
  EXPECT_TRUE(std::filesystem::is_symlink(visit.home / "config"));
  EXPECT_TRUE(std::filesystem::is_symlink(visit.home / "d/again"));
}

TEST(PutTest, WhereADanglingLinkLeadsAFileIsMade) {
  Visit visit;
  std::filesystem::create_directory(visit.home / "d");
  ASSERT_EQ(::symlink("d/new", (visit.home / "there").c_str()), 0);
  ASSERT_EQ(::symlink("none/new", (visit.home / "nowhere").c_str()), 0);
  ASSERT_EQ(::symlink("loop", (visit.home / "loop").c_str()), 0);
  EXPECT_EQ(visit.ask("PUT", "/v1/files/~/there", {}, "x").status, 201u);
  EXPECT_EQ(visit.home.read("d/new"), "x");
  EXPECT_TRUE(std::filesystem::is_symlink(visit.home / "there"));
  EXPECT_EQ(visit.ask("PUT", "/v1/files/~/nowhere", {}, "x").status, 409u);
  EXPECT_EQ(visit.ask("PUT", "/v1/files/~/loop", {}, "x").status, 409u);
}

TEST(PutTest, AnUploadIsContinuedPieceByPiece) {
  Visit visit;
  auto put = [&](const std::string& range, const std::string& body,
                 std::vector<HeaderField> more = {}) {
    more.push_back({"content-range", "bytes " + range});
    return visit.ask("PUT", "/v1/files/~/f", more, body);
  };
  auto first = put("0-3/10", "0123");
  EXPECT_EQ(first.status, 202u);
  EXPECT_EQ(first.header("content-range"), "bytes 0-3/10");
  auto unfinished = names_in(visit.home.path());
  ASSERT_EQ(unfinished.size(), 1u);
  EXPECT_TRUE(unfinished[0].starts_with(".nigh-part-")) << unfinished[0];
  auto gap = put("6-9/10", "6789");
  EXPECT_EQ(gap.status, 416u);
  EXPECT_EQ(gap.header("content-range"), "bytes */4");
  auto cut = put("4-7/10", "45");
  EXPECT_EQ(cut.status, 400u);
  EXPECT_EQ(put("9-9/10", "9").header("content-range"), "bytes */6") << "what came was kept";
  EXPECT_EQ(put("6-7/10", "678").status, 400u) << "longer than it says";
  EXPECT_EQ(put("6-9/10", "6789", {{"nigh-mode", "0604"}}).status, 201u);
  EXPECT_EQ(visit.home.read("f"), "0123456789");
  EXPECT_EQ(mode_of(visit.home / "f"), 0604u);
  EXPECT_EQ(names_in(visit.home.path()), Names{"f"});
}

TEST(PutTest, APieceThatGoesBackGivesUpWhatCameAfterIt) {
  Visit visit;
  visit.home.write("f", "old");
  auto put = [&](const std::string& range, const std::string& body) {
    return visit.ask("PUT", "/v1/files/~/f", {{"content-range", "bytes " + range}}, body).status;
  };
  EXPECT_EQ(put("0-7/10", "abcdefgh"), 202u);
  EXPECT_EQ(put("2-3/6", "CD"), 202u);
  EXPECT_EQ(visit.home.read("f"), "old");
  EXPECT_EQ(put("4-5/6", "EF"), 204u);
  EXPECT_EQ(visit.home.read("f"), "abCDEF");
}

TEST(PutTest, AGapAtTheBeginningLeavesNothingBehind) {
  Visit visit;
  auto answer = visit.ask("PUT", "/v1/files/~/f", {{"content-range", "bytes 5-9/10"}}, "56789");
  EXPECT_EQ(answer.status, 416u);
  EXPECT_EQ(answer.header("content-range"), "bytes */0");
  EXPECT_EQ(names_in(visit.home.path()), Names{});
}

TEST(PutTest, WhatATreeTransferLeftIsNotContinued) {
  Visit visit;
  visit.home.write(files::partial_name("f"), std::string(9, '\0'));
  auto answer = visit.ask("PUT", "/v1/files/~/f", {{"content-range", "bytes 9-9/10"}}, "9");
  EXPECT_EQ(answer.status, 416u) << "it may have holes";
  EXPECT_EQ(answer.header("content-range"), "bytes */0");
}

TEST(PutTest, TwoUploadsDoNotShareAnUnfinishedFile) {
  Visit visit;
  InterruptedChannel channel("0123");
  std::uint32_t other = 0;
  channel.meanwhile = [&] {
    other = visit.ask("PUT", "/v1/files/~/f", {{"content-range", "bytes 0-3/4"}}, "abcd").status;
  };
  serve(channel, {"PUT", "", "/v1/files/~/f", {{"content-range", "bytes 0-3/4"}}},
        visit.home.path());
  EXPECT_EQ(other, 423u);
  EXPECT_EQ(for_test::answer_in(channel.output).status, 201u);
  EXPECT_EQ(visit.home.read("f"), "0123");
}

}  // namespace
}  // namespace nigh::resource
