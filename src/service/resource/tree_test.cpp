// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "service/resource/visit_for_test.hpp"

namespace nigh::resource {
namespace {

using for_test::Visit;
using testing::ElementsAre;
using Json = nlohmann::json;

// The names (or paths) of the lines of a listing.
std::vector<std::string> names(const for_test::Answer& answer) {
  std::vector<std::string> all;
  for (const auto& line : answer.lines())
    all.push_back(line.value("name", line.value("path", line.value("name_base64", ""))));
  return all;
}

struct Tree : Visit {
  Tree() {
    std::filesystem::create_directories(home / "d/sub");
    home.write("d/b", "bb", 0640);
    home.write("d/a", "a");
    home.write("d/sub/c", "ccc");
    home.write("d/sub-", "");
    if (::symlink("a", (home / "d/link").c_str()) != 0 ||
        ::symlink("d", (home / "to-d").c_str()) != 0)
      throw std::runtime_error("cannot make links");
  }
  for_test::Answer tree(const std::string& rest) { return ask("GET", "/v1/tree/" + rest); }
};

// Root can read everything: so it is somebody else for a while.
struct Unprivileged {
  Unprivileged() {
    if (was_root && ::seteuid(65534) != 0) throw std::runtime_error("cannot become nobody");
  }
  ~Unprivileged() {
    if (was_root && ::seteuid(0) != 0) std::abort();
  }
  const bool was_root = ::geteuid() == 0;
};

TEST(TreeTest, ListsADirectorySortedByBytes) {
  Tree visit;
  auto answer = visit.tree("~/d");
  EXPECT_EQ(answer.status, 200u);
  EXPECT_EQ(answer.header("content-type"), "application/x-ndjson");
  EXPECT_THAT(names(answer), ElementsAre("a", "b", "link", "sub", "sub-"));
  EXPECT_THAT(names(visit.tree("~/to-d?depth=1")), ElementsAre("a", "b", "link", "sub", "sub-"));
  auto b = answer.lines()[1];
  EXPECT_EQ(b["type"], "file");
  EXPECT_EQ(b["mode"], "0640");
  EXPECT_EQ(b["size"], 2);
  EXPECT_EQ(b["uid"], ::getuid());
  EXPECT_EQ(b["links"], 1);
  auto head = visit.ask("HEAD", "/v1/files/~/d/b");
  EXPECT_EQ(b["etag"], head.header("etag").value());
  EXPECT_EQ(b["mtime"], head.header("nigh-mtime").value());
  EXPECT_FALSE(b.contains("target"));
  EXPECT_EQ(answer.lines()[2]["type"], "symlink");
  EXPECT_EQ(answer.lines()[2]["target"], "a");
  EXPECT_FALSE(answer.lines()[2].contains("etag"));
  EXPECT_EQ(answer.lines()[3]["type"], "directory");
}

TEST(TreeTest, OfAnythingElseItListsTheThingItself) {
  Tree visit;
  EXPECT_THAT(names(visit.tree("~/d/b")), ElementsAre("b"));
  EXPECT_EQ(visit.tree("~/d/link").lines()[0]["type"], "symlink");
  auto self = visit.tree("~/to-d?depth=0").lines();
  ASSERT_EQ(self.size(), 1u);
  EXPECT_EQ(self[0]["name"], "to-d");
  EXPECT_EQ(self[0]["target"], "d");
  EXPECT_EQ(visit.tree("?depth=0").lines()[0]["name"], "/");
  EXPECT_EQ(visit.tree("~/none").status, 404u);
  EXPECT_EQ(visit.tree("~/none?depth=0").status, 404u);
  EXPECT_EQ(visit.tree("~/d?depth=2").status, 400u);
}

TEST(TreeTest, ListsAWholeTreeDepthFirst) {
  Tree visit;
  auto answer = visit.tree("~/d?depth=infinity");
  EXPECT_THAT(names(answer), ElementsAre("a", "b", "link", "sub", "sub/c", "sub-"));
  for (const auto& line : answer.lines()) EXPECT_TRUE(line.contains("path"));
  EXPECT_THAT(names(visit.tree("~/d/b?depth=infinity")), ElementsAre("b"));
}

TEST(TreeTest, LinksInATreeAreNotFollowed) {
  Tree visit;
  ASSERT_EQ(::symlink("..", (visit.home / "d/sub/up").c_str()), 0);
  EXPECT_THAT(names(visit.tree("~/d?depth=infinity")),
              ElementsAre("a", "b", "link", "sub", "sub/c", "sub/up", "sub-"));
}

TEST(TreeTest, APatternIsExpandedHere) {
  Tree visit;
  auto paths = names(visit.tree("~/d/%3F?glob=1"));
  EXPECT_THAT(paths, ElementsAre("~/d/a", "~/d/b"));
  auto absolute = visit.home.path() + "/d/*";
  EXPECT_THAT(names(visit.tree(absolute.substr(1) + "?glob=1&depth=0")),
              ElementsAre(visit.home / "d/a", visit.home / "d/b", visit.home / "d/link",
                          visit.home / "d/sub", visit.home / "d/sub-"));
  EXPECT_THAT(names(visit.tree("~/d/s*?glob=1")), ElementsAre("~/d/sub/c", "~/d/sub-"));
  EXPECT_THAT(names(visit.tree("~?glob=1&depth=0")), ElementsAre("~"));
  EXPECT_EQ(visit.tree("~/no*?glob=1").status, 404u);
}

TEST(TreeTest, NamesThatAreNotUtf8AreBase64) {
  Tree visit;
  visit.home.write("d/\xff", "");
  ASSERT_EQ(::symlink("\xfe", (visit.home / "d/to").c_str()), 0);
  auto lines = visit.tree("~/d").lines();
  EXPECT_EQ(lines.back()["name_base64"], "/w==");
  EXPECT_FALSE(lines.back().contains("name"));
  EXPECT_EQ(lines[lines.size() - 2]["target_base64"], "/g==");
  EXPECT_EQ(visit.tree("~/d?depth=infinity").lines().back()["path_base64"], "/w==");
}

TEST(TreeTest, UnfinishedTransfersAreNotListed) {
  Tree visit;
  visit.home.write("d/.nigh-part-0123456789abcdef", "");
  visit.home.write("d/.hidden", "");
  EXPECT_THAT(names(visit.tree("~/d")), ElementsAre(".hidden", "a", "b", "link", "sub", "sub-"));
}

TEST(TreeTest, ALongListingIsWhole) {
  Visit visit;
  for (int i = 1000; i < 3000; ++i) visit.home.write(std::to_string(i), "");
  auto lines = visit.ask("GET", "/v1/tree/~").lines();
  ASSERT_EQ(lines.size(), 2000u);
  for (std::size_t i = 0; i < lines.size(); ++i)
    ASSERT_EQ(lines[i]["name"], std::to_string(1000 + i));
}

TEST(TreeTest, WhatCannotBeReadIsALineAndTheRestGoesOn) {
  Unprivileged unprivileged;
  Tree visit;
  ASSERT_EQ(::chmod((visit.home / "d/sub").c_str(), 0), 0);
  auto lines = visit.tree("~/d?depth=infinity").lines();
  auto sum = visit.tree("~/d?summary=1").lines();
  EXPECT_EQ(visit.tree("~/d/sub").status, 403u);
  ASSERT_EQ(::chmod((visit.home / "d/sub").c_str(), 0700), 0);
  ASSERT_EQ(lines.size(), 6u);
  EXPECT_EQ(lines[4]["path"], "sub");
  EXPECT_EQ(lines[4]["code"], "refused");
  EXPECT_TRUE(lines[4].contains("error"));
  EXPECT_EQ(lines[5]["path"], "sub-");
  ASSERT_EQ(sum.size(), 2u);
  EXPECT_EQ(sum[0]["path"], "~/d/sub");
  EXPECT_EQ(sum[1]["files"], 4);
}

TEST(SummaryTest, CountsAsDuDoes) {
  Tree visit;
  auto lines = visit.tree("~/d?summary=1").lines();
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_EQ(lines[0]["path"], "~/d");
  EXPECT_EQ(lines[0]["files"], 5);
  EXPECT_EQ(lines[0]["directories"], 2);
  EXPECT_EQ(lines[0]["bytes"], 6);
  std::uint64_t blocks = 0;
  for (const char* name : {"d", "d/a", "d/b", "d/link", "d/sub", "d/sub/c", "d/sub-"}) {
    struct stat status{};
    ASSERT_EQ(::lstat((visit.home / name).c_str(), &status), 0);
    blocks += static_cast<std::uint64_t>(status.st_blocks);
  }
  EXPECT_EQ(lines[0]["allocated"], blocks * 512);
  EXPECT_EQ(visit.tree("~/d/b?summary=1").lines()[0]["bytes"], 2);
  EXPECT_EQ(visit.tree("~/to-d?summary=1").lines()[0]["bytes"], 6);
  EXPECT_EQ(visit.tree("~/none?summary=1").status, 404u);
}

TEST(SummaryTest, AFileOfSeveralNamesCountsOnce) {
  Tree visit;
  visit.home.write("d/twice", std::string(10000, 'x'));
  ASSERT_EQ(::link((visit.home / "d/twice").c_str(), (visit.home / "d/sub/again").c_str()), 0);
  auto sum = visit.tree("~/d?summary=1").lines()[0];
  EXPECT_EQ(sum["bytes"], 10006);
  EXPECT_EQ(sum["files"], 6);
  auto both = visit.tree("~/d/{twice,sub/again}?summary=1");
  EXPECT_EQ(both.status, 404u) << "braces are no part of patterns";
}

TEST(SummaryTest, OneLineADirectoryBelowIfAskedFor) {
  Tree visit;
  std::filesystem::create_directory(visit.home / "d/sub/deep");
  auto paths = [&](const std::string& depth) {
    return names(visit.tree("~/d?summary=1&depth=" + depth));
  };
  EXPECT_THAT(paths("0"), ElementsAre("~/d"));
  EXPECT_THAT(paths("1"), ElementsAre("~/d/sub", "~/d"));
  EXPECT_THAT(paths("infinity"), ElementsAre("~/d/sub/deep", "~/d/sub", "~/d"));
  auto sub = visit.tree("~/d?summary=1&depth=1").lines()[0];
  EXPECT_EQ(sub["bytes"], 3);
  EXPECT_EQ(sub["directories"], 2);
  EXPECT_THAT(names(visit.tree("~/d/*b*?summary=1&glob=1")),
              ElementsAre("~/d/b", "~/d/sub", "~/d/sub-"));
}

}  // namespace
}  // namespace nigh::resource
