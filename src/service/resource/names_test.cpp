// SPDX-License-Identifier: Apache-2.0
// DELETE, MKCOL and MOVE: what changes names, not bytes.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "service/resource/visit_for_test.hpp"

namespace nigh::resource {
namespace {

using for_test::Visit;
using nigh::for_test::mode_of;
using std::filesystem::is_symlink;

bool exists(const std::string& path) {
  struct stat status{};
  return ::lstat(path.c_str(), &status) == 0;
}

TEST(DeleteTest, RemovesAFileOrAnEmptyDirectory) {
  Visit visit;
  visit.home.write("f", "x");
  std::filesystem::create_directories(visit.home / "full/empty");
  EXPECT_EQ(visit.ask("DELETE", "/v1/files/~/f").status, 204u);
  EXPECT_FALSE(exists(visit.home / "f"));
  EXPECT_EQ(visit.ask("DELETE", "/v1/files/~/f").status, 404u);
  EXPECT_EQ(visit.ask("DELETE", "/v1/files/~/f/g").status, 404u);
  EXPECT_EQ(visit.ask("DELETE", "/v1/files/~/full").status, 409u);
  EXPECT_EQ(visit.ask("DELETE", "/v1/files/~/full/empty/").status, 204u);
  EXPECT_EQ(visit.ask("DELETE", "/v1/files/~/full?recursive=0").status, 204u);
}

TEST(DeleteTest, RemovesATreeOnlyWhenTold) {
  Visit visit;
  std::filesystem::create_directories(visit.home / "d/e/f");
  visit.home.write("d/e/x", "x");
  EXPECT_EQ(visit.ask("DELETE", "/v1/files/~/d").status, 409u);
  EXPECT_TRUE(exists(visit.home / "d/e/x"));
  EXPECT_EQ(visit.ask("DELETE", "/v1/files/~/d?recursive=1").status, 204u);
  EXPECT_FALSE(exists(visit.home / "d"));
}

TEST(DeleteTest, ALinkGoesAndWhatItLeadsToStays) {
  Visit visit;
  std::filesystem::create_directory(visit.home / "d");
  visit.home.write("d/x", "x");
  ASSERT_EQ(::symlink("d", (visit.home / "link").c_str()), 0);
  EXPECT_EQ(visit.ask("DELETE", "/v1/files/~/link/?recursive=1").status, 409u);
  EXPECT_EQ(visit.ask("DELETE", "/v1/files/~/link?recursive=1").status, 204u);
  EXPECT_FALSE(exists(visit.home / "link"));
  EXPECT_TRUE(exists(visit.home / "d/x"));
}

TEST(DeleteTest, NobodyMeansTheRootOrDots) {
  Visit visit;
  std::filesystem::create_directory(visit.home / "d");
  for (const char* path : {"", "/", "~/d/.", "~/d/..", "~/d/../"})
    EXPECT_EQ(visit.ask("DELETE", std::string("/v1/files/") + path + "?recursive=1").status, 409u)
        << path;
  EXPECT_TRUE(exists(visit.home / "d"));
}

TEST(DeleteTest, ConditionsHoldHereToo) {
  Visit visit;
  visit.home.write("f", "x");
  auto etag = visit.ask("HEAD", "/v1/files/~/f").header("etag").value();
  EXPECT_EQ(visit.ask("DELETE", "/v1/files/~/f", {{"if-match", "\"x\""}}).status, 412u);
  EXPECT_EQ(visit.ask("DELETE", "/v1/files/~/f", {{"if-match", etag}}).status, 204u);
  EXPECT_EQ(visit.ask("DELETE", "/v1/files/~/f", {{"if-match", etag}}).status, 404u);
}

TEST(MkcolTest, MakesADirectory) {
  Visit visit;
  EXPECT_EQ(visit.ask("MKCOL", "/v1/files/~/d").status, 201u);
  EXPECT_EQ(visit.ask("MKCOL", "/v1/files/~/e/", {{"nigh-mode", "2751"}}).status, 201u);
  EXPECT_EQ(mode_of(visit.home / "e"), 02751u);
  auto again = visit.ask("MKCOL", "/v1/files/~/d");
  EXPECT_EQ(again.status, 405u);
  EXPECT_TRUE(again.header("allow"));
  EXPECT_EQ(visit.ask("MKCOL", "/v1/files/~/none/d").status, 409u);
  EXPECT_EQ(visit.ask("MKCOL", "/v1/files/").status, 405u);
  EXPECT_EQ(visit.ask("MKCOL", "/v1/files/~/x", {{"nigh-mode", "rwx"}}).status, 400u);
  EXPECT_FALSE(exists(visit.home / "x"));
}

TEST(MkcolTest, MakesParentsAndIsContentWithWhatIsThere) {
  Visit visit;
  auto make = [&](const std::string& path) {
    return visit.ask("MKCOL", "/v1/files/~/" + path + "?parents=1", {{"nigh-mode", "0700"}}).status;
  };
  EXPECT_EQ(make("a/b//c/"), 201u);
  EXPECT_EQ(make("a/b/c"), 200u);
  EXPECT_EQ(make("a"), 200u);
  EXPECT_EQ(mode_of(visit.home / "a/b/c"), 0700u);
  visit.home.write("a/f", "x");
  EXPECT_EQ(make("a/f"), 405u);
  EXPECT_EQ(make("a/f/g"), 409u);
  ASSERT_EQ(::symlink("a", (visit.home / "link").c_str()), 0);
  EXPECT_EQ(make("link/new"), 201u);
  EXPECT_EQ(make("link"), 200u);
}

struct Move : Visit {
  std::uint32_t move(const std::string& from, const std::string& to,
                     std::vector<HeaderField> more = {}) {
    more.push_back({"destination", "/v1/files/" + to});
    return ask("MOVE", "/v1/files/" + from, more).status;
  }
};

TEST(MoveTest, Renames) {
  Move visit;
  visit.home.write("f", "x");
  EXPECT_EQ(visit.move("~/f", "~/g%20h"), 201u);
  EXPECT_EQ(visit.home.read("g h"), "x");
  visit.home.write("old", "old");
  EXPECT_EQ(visit.move("~/g%20h", "~/old"), 204u);
  EXPECT_EQ(visit.home.read("old"), "x");
  EXPECT_FALSE(exists(visit.home / "g h"));
  std::filesystem::create_directories(visit.home / "d/e");
  EXPECT_EQ(visit.move("~/d", "~/c"), 201u);
  EXPECT_TRUE(exists(visit.home / "c/e"));
}

TEST(MoveTest, OverwritesOnlyIfItMay) {
  Move visit;
  visit.home.write("f", "f");
  visit.home.write("g", "g");
  EXPECT_EQ(visit.move("~/f", "~/g", {{"overwrite", "F"}}), 412u);
  EXPECT_EQ(visit.home.read("g"), "g");
  EXPECT_EQ(visit.move("~/f", "~/h", {{"overwrite", "F"}}), 201u);
  EXPECT_EQ(visit.move("~/h", "~/g", {{"overwrite", "T"}}), 204u);
  EXPECT_EQ(visit.move("~/g", "~/h", {{"overwrite", "x"}}), 400u);
}

TEST(MoveTest, WhatCannotBeRenamedStays) {
  Move visit;
  visit.home.write("f", "f");
  std::filesystem::create_directories(visit.home / "d/e");
  EXPECT_EQ(visit.move("~/none", "~/x"), 404u);
  EXPECT_EQ(visit.move("~/f", "~/none/x"), 409u);
  EXPECT_EQ(visit.move("~/f", "~/d"), 409u) << "not into it, as mv would";
  EXPECT_EQ(visit.move("~/d", "~/f"), 409u);
  EXPECT_EQ(visit.move("~/d", "~/d/e/x"), 409u);
  EXPECT_EQ(visit.move("~/f", "proc/x"), 409u) << "another file system";
  EXPECT_EQ(visit.move("~/f", "~/x", {{"if-match", "\"other\""}}), 412u);
  EXPECT_EQ(visit.home.read("f"), "f");
}

TEST(MoveTest, ADestinationIsAPathOnThisServer) {
  Move visit;
  visit.home.write("f", "f");
  EXPECT_EQ(visit.ask("MOVE", "/v1/files/~/f").status, 400u);
  for (const char* destination :
       {"", "/etc/x", "https://other/v1/files/x", "/v1/tree/x", "/v1/files/~/%", "/v1/files/x?y=1"})
    EXPECT_EQ(visit.ask("MOVE", "/v1/files/~/f", {{"destination", destination}}).status, 400u)
        << destination;
}

TEST(MoveTest, ALinkIsMovedItself) {
  Move visit;
  visit.home.write("f", "f");
  ASSERT_EQ(::symlink("f", (visit.home / "link").c_str()), 0);
  EXPECT_EQ(visit.move("~/link", "~/other"), 201u);
  EXPECT_TRUE(is_symlink(visit.home / "other"));
  EXPECT_EQ(visit.home.read("f"), "f");
}

}  // namespace
}  // namespace nigh::resource
