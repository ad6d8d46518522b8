// SPDX-License-Identifier: Apache-2.0
#include "files/tree_digest.hpp"

#include <sys/xattr.h>

#include "files/files_for_test.hpp"

namespace nigh::files {
namespace {

using namespace for_test;
using ::testing::ElementsAre;

constexpr std::uint64_t kSeed = 99;

class TreeDigestTest : public ::testing::Test {
 protected:
  // A small tree whose every time is the same.
  static void fill(const Folder& folder, bool backwards = false) {
    std::vector<std::string> names{"a/one", "a/two", "a/b/three", "a-b/four", "z"};
    if (backwards) std::ranges::reverse(names);
    for (auto name : {"a", "a/b", "a-b"}) ::mkdir((folder / name).c_str(), 0755);
    for (const auto& name : names) folder.write(name, "text of " + name, 0644);
    ::mkfifo((folder / "a/pipe").c_str(), 0600);
    EXPECT_EQ(::symlink("one", (folder / "a/link").c_str()), 0);
    names.insert(names.end(), {"a/pipe", "a/link", "a/b", "a", "a-b"});
    for (const auto& name : names) set_mtime(folder / name, 1000);
  }
  TreeDigest digest(const Folder& folder, std::uint64_t seed = kSeed) {
    return unwrap(
        digest_tree(open_folder(folder), selection_, owners_, seed, expect_no_failure(), stop_));
  }
  Hash128 root(const Folder& folder) { return digest(folder).root; }

  Folder folder_;
  Selection selection_;
  Owners owners_;
  std::atomic<bool> stop_ = false;
};

std::vector<std::string> paths_of(const TreeDigest& tree) {
  std::vector<std::string> paths;
  for (const auto& directory : tree.directories) paths.push_back(directory.path);
  return paths;
}

TEST_F(TreeDigestTest, EqualTreesAreEqualHoweverTheyWereMade) {
  Folder other;
  fill(folder_);
  fill(other, true);
  for (bool all : {false, true}) {
    if (all) selection_.preserve = {true, false, true, true, true, true, true};
    auto a = digest(folder_), b = digest(other);
    EXPECT_EQ(a.root, b.root);
    for (std::size_t i = 0; i < a.directories.size(); ++i)
      EXPECT_EQ(a.directories[i].digest, b.directories.at(i).digest) << a.directories[i].path;
  }
  EXPECT_NE(digest(folder_, 1).root, digest(folder_, 2).root);
}

TEST_F(TreeDigestTest, CountsWhatTakesPartInTheOrderOfPaths) {
  fill(folder_);
  auto tree = digest(folder_);
  EXPECT_THAT(paths_of(tree), ElementsAre("", "a", "a/b", "a-b"));
  EXPECT_TRUE(tree.complete);
  EXPECT_EQ(tree.files, 6U);  // the link stands for its file; the FIFO is left out
  EXPECT_EQ(tree.bytes, 3 * 13U + 17U + 16U + 9U);
  EXPECT_EQ(tree.directories[1].files, 3U);
  selection_.preserve.specials = selection_.preserve.symlinks = true;
  tree = digest(folder_);
  EXPECT_EQ(tree.files, 7U);
  EXPECT_EQ(tree.bytes, 2 * 13U + 17U + 16U + 9U);
}

TEST_F(TreeDigestTest, EachChangeChangesOnlyItsDirectory) {
  fill(folder_);
  selection_.preserve = {.owner = ::geteuid() == 0,
                         .xattrs = true,
                         .set_id = true,
                         .specials = true,
                         .symlinks = true};
  std::vector<std::pair<std::string, std::function<int()>>> changes{
      {"mode", [&] { return ::chmod((folder_ / "a/one").c_str(), 0600); }},
      {"set-id", [&] { return ::chmod((folder_ / "a/one").c_str(), 04600); }},
      {"time", [&] { return set_mtime(folder_ / "a/one", 1000, 1), 0; }},
      {"size",
       [&] {
         folder_.write("a/one", "x", 04600);
         return set_mtime(folder_ / "a/one", 1000, 1), 0;
       }},
      {"name", [&] { return ::rename((folder_ / "a/one").c_str(), (folder_ / "a/on").c_str()); }},
      {"kind",
       [&] {
         ::unlink((folder_ / "a/pipe").c_str());
         return ::mknod((folder_ / "a/pipe").c_str(), S_IFSOCK | 0600, 0);
       }},
      {"target",
       [&] {
         ::unlink((folder_ / "a/link").c_str());
         int made = ::symlink("two", (folder_ / "a/link").c_str());
         return set_mtime(folder_ / "a/link", 1000), made;
       }},
      {"xattr", [&] { return ::setxattr((folder_ / "a/on").c_str(), "user.x", "1", 1, 0); }},
      {"xattr's value",
       [&] { return ::setxattr((folder_ / "a/on").c_str(), "user.x", "2", 1, 0); }},
      {"directory's mode", [&] { return ::chmod((folder_ / "a/b").c_str(), 0700); }},
      {"directory's time", [&] { return set_mtime(folder_ / "a/b", 7), 0; }},
      {"owner",
       [&] {
         return selection_.preserve.owner ? ::chown((folder_ / "a/on").c_str(), 1, 0)
                                          : ::unlink((folder_ / "a/on").c_str());
       }},
      {"group", [&] {
         return selection_.preserve.owner ? ::chown((folder_ / "a/on").c_str(), 1, 1)
                                          : ::unlink((folder_ / "a/two").c_str());
       }}};
  auto before = digest(folder_);
  for (const auto& [what, change] : changes) {
    ASSERT_EQ(change(), 0) << what;
    set_mtime(folder_ / "a", 1000);
    auto after = digest(folder_);
    EXPECT_NE(after.root, before.root) << what;
    for (std::size_t i : {0U, 2U, 3U})
      EXPECT_EQ(after.directories[i].digest, before.directories[i].digest) << what;
    EXPECT_NE(after.directories[1].digest, before.directories[1].digest) << what;
    before = after;
  }
}

TEST_F(TreeDigestTest, WhatIsNotPreservedChangesNothing) {
  fill(folder_);
  auto before = root(folder_);
  ASSERT_EQ(::setxattr((folder_ / "a/one").c_str(), "user.x", "1", 1, 0), 0);
  ::chmod((folder_ / "a/two").c_str(), 04644);
  ::unlink((folder_ / "a/pipe").c_str());
  ASSERT_EQ(::symlink("nowhere", (folder_ / "a/dangling").c_str()), 0);
  ASSERT_EQ(::symlink("b", (folder_ / "a/to-directory").c_str()), 0);
  folder_.write("a/.nigh-tmp-0123456789abcdef", "");
  if (::geteuid() == 0) {
    ASSERT_EQ(::chown((folder_ / "a/one").c_str(), 1, 1), 0);
  }
  set_mtime(folder_ / "a", 1000);
  EXPECT_EQ(root(folder_), before);
}

TEST_F(TreeDigestTest, WhichFilesAreOneCountsIfHardLinksDo) {
  Folder other;
  fill(folder_);
  fill(other);
  for (auto name : {"a/x", "z2"}) {
    ASSERT_EQ(::link((folder_ / "z").c_str(), (folder_ / name).c_str()), 0);
    other.write(name, "text of z", 0644);
    set_mtime(other / name, 1000);
  }
  for (const auto* folder : {&folder_, &other}) set_mtime(*folder / "a", 1000);
  EXPECT_EQ(root(folder_), root(other));
  selection_.preserve.hard_links = true;
  EXPECT_NE(root(folder_), root(other));
  for (auto name : {"a/x", "z2"}) {
    ::unlink((other / name).c_str());
    ASSERT_EQ(::link((other / "z").c_str(), (other / name).c_str()), 0);
  }
  set_mtime(other / "a", 1000);
  EXPECT_EQ(root(folder_), root(other));
}

TEST_F(TreeDigestTest, AFolderOfManyIsHashedInPieces) {
  for (int i = 0; i < 1500; ++i) {
    folder_.write("a name of some length " + std::to_string(i), "");
    set_mtime(folder_ / "a name of some length " + std::to_string(i), 5);
  }
  auto before = root(folder_);
  EXPECT_EQ(root(folder_), before);
  set_mtime(folder_ / "a name of some length 0", 6);
  auto first = root(folder_);
  EXPECT_NE(first, before);
  set_mtime(folder_ / "a name of some length 999", 6);
  EXPECT_NE(root(folder_), first);
}

TEST_F(TreeDigestTest, FiltersNamesAndIgnoreFilesLeaveOut) {
  fill(folder_);
  selection_.filter = unwrap(Filter::make({{false, "b/"}}, {}));
  EXPECT_THAT(paths_of(digest(folder_)), ElementsAre("", "a", "a-b"));
  selection_.filter = unwrap(Filter::make({}, {".ignore"}));
  folder_.write("a/.ignore", "/b\none\n");
  auto tree = digest(folder_);
  EXPECT_THAT(paths_of(tree), ElementsAre("", "a", "a-b"));
  EXPECT_EQ(tree.directories[1].files, 3U);  // two, link, .ignore
  selection_.names = {"z", "a-b", "none"};
  tree = digest(folder_);
  EXPECT_THAT(paths_of(tree), ElementsAre("", "a-b"));
  EXPECT_EQ(tree.files, 2U);
}

TEST_F(TreeDigestTest, UnreadableDirectoriesAreReportedAndTheRestGoesOn) {
  if (::geteuid() != 0) GTEST_SKIP() << "it has to be somebody else's";
  fill(folder_);
  ::chmod(folder_.path().c_str(), 0755);
  ::chmod((folder_ / "a/b").c_str(), 0700);
  EXPECT_TRUE(as_nobody([&] {
    Failures failures;
    auto tree = unwrap(
        digest_tree(open_folder(folder_), selection_, owners_, kSeed, failures.hear(), stop_));
    return !tree.complete && paths_of(tree) == std::vector<std::string>{"", "a", "a-b"} &&
           failures.heard == decltype(failures.heard){{folder_ / "a/b", Errc::refused}};
  }));
  ::chmod(folder_.path().c_str(), 0711);
  EXPECT_TRUE(as_nobody([&] {
    auto tree =
        digest_tree(unwrap(Directory::open(folder_.path())), selection_, owners_, kSeed, {}, stop_);
    return !tree && tree.error().code == Errc::refused;
  }));
}

TEST_F(TreeDigestTest, DepthTakesNeitherStackNorDescriptors) {
  auto top = open_folder(folder_);
  make_deep(top, "d", 400);
  {
    FewDescriptors few(100);
    auto tree = digest(folder_);
    EXPECT_EQ(tree.directories.size(), 401U);
    EXPECT_TRUE(std::ranges::is_sorted(paths_of(tree), path_before));
  }
  EXPECT_TRUE(remove_tree(top, "d", expect_no_failure()));
}

TEST_F(TreeDigestTest, PathsBeyondAllUseAreReported) {
  auto top = open_folder(folder_);
  make_deep(top, std::string(250, 'd'), 70);
  Failures failures;
  auto tree = unwrap(digest_tree(top, selection_, owners_, kSeed, failures.hear(), stop_));
  EXPECT_FALSE(tree.complete);
  EXPECT_EQ(tree.directories.size(), 66U);
  EXPECT_EQ(failures.heard.size(), 1U);
  EXPECT_EQ(failures.heard.at(0).second, Errc::usage);
  EXPECT_TRUE(remove_tree(top, std::string(250, 'd'), expect_no_failure()));
}

TEST_F(TreeDigestTest, StopsWhenItIsTold) {
  fill(folder_);
  stop_ = true;
  auto tree = digest_tree(open_folder(folder_), selection_, owners_, kSeed, {}, stop_);
  ASSERT_FALSE(tree);
  EXPECT_EQ(tree.error().code, Errc::cancelled);
}

TEST_F(TreeDigestTest, StopsAmidOneDirectory) {
  for (int i = 0; i < 10; ++i) folder_.write("file " + std::to_string(i), "");
  auto hear = [&](const std::string&, const Error&) { stop_ = true; };
  // An ignore file that is none is heard of before the entries.
  selection_.filter = unwrap(Filter::make({}, {".ignore"}));
  ::mkdir((folder_ / ".ignore").c_str(), 0700);
  auto tree = digest_tree(open_folder(folder_), selection_, owners_, kSeed, hear, stop_);
  ASSERT_FALSE(tree);
  EXPECT_EQ(tree.error().code, Errc::cancelled);
}

}  // namespace
}  // namespace nigh::files
