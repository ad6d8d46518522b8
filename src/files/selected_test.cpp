// SPDX-License-Identifier: Apache-2.0
#include <sys/xattr.h>

#include <algorithm>

#include "files/files_for_test.hpp"
#include "files/new_file.hpp"
#include "files/tree_digest.hpp"

namespace nigh::files {
namespace {

using namespace for_test;
using ::testing::ElementsAre;

class SelectedTest : public ::testing::Test {
 protected:
  SelectedTest() {
    folder_.write("file", "12345", 0640);
    ::mkdir((folder_ / "dir").c_str(), 0700);
    ::mkfifo((folder_ / "pipe").c_str(), 0600);
    for (auto [target, name] : {std::pair{"file", "to-file"}, {"dir", "to-dir"}, {"no", "to-no"}})
      EXPECT_EQ(::symlink(target, (folder_ / name).c_str()), 0);
  }
  std::vector<Entry> list_it() {
    return unwrap(list_selected(top_, "", selection_, expect_no_failure()));
  }
  std::optional<Entry> select(std::string_view name) {
    return selected(top_, unwrap(stat_entry(top_, name, selection_.preserve.xattrs)), name,
                    selection_);
  }

  Folder folder_;
  Directory top_ = open_folder(folder_);
  Selection selection_;
};

TEST_F(SelectedTest, ALinkStandsForItsFileUnlessLinksArePreserved) {
  EXPECT_THAT(names_of(list_it()), ElementsAre("dir", "file", "to-file"));
  auto entry = select("to-file");
  ASSERT_TRUE(entry);
  EXPECT_EQ(entry->name, "to-file");
  EXPECT_EQ(entry->kind, Kind::file);
  EXPECT_EQ(entry->size, 5U);
  EXPECT_EQ(entry->mode, 0640U);
  EXPECT_EQ(entry->target, "");
  EXPECT_FALSE(select("to-dir"));
  EXPECT_FALSE(select("to-no"));
  selection_.preserve.symlinks = true;
  EXPECT_THAT(names_of(list_it()), ElementsAre("dir", "file", "to-dir", "to-file", "to-no"));
  EXPECT_EQ(select("to-no")->target, "no");
}

TEST_F(SelectedTest, ThatFileIsOpenedThroughItsLinkOnlyThen) {
  EXPECT_TRUE(open_selected(top_, "to-file", {}));
  EXPECT_TRUE(open_selected(top_, "file", {}));
  EXPECT_EQ(open_selected(top_, "to-dir", {}).error().code, Errc::usage);
  EXPECT_EQ(open_selected(top_, "pipe", {}).error().code, Errc::usage);
  EXPECT_EQ(open_selected(top_, "to-file", {.symlinks = true}).error().code, Errc::usage);
}

TEST_F(SelectedTest, ExtendedAttributesAreThoseOfTheFile) {
  ASSERT_EQ(::setxattr((folder_ / "file").c_str(), "user.x", "1", 1, 0), 0);
  selection_.preserve.xattrs = true;
  EXPECT_THAT(select("to-file")->xattrs, ElementsAre(Xattr{"user.x", "1"}));
  auto entries = list_it();
  EXPECT_EQ(std::ranges::count(entries, std::vector{Xattr{"user.x", "1"}}, &Entry::xattrs), 2);
}

TEST_F(SelectedTest, SpecialsTakePartOnRequest) {
  EXPECT_FALSE(select("pipe"));
  selection_.preserve.specials = true;
  EXPECT_TRUE(select("pipe"));
  EXPECT_THAT(names_of(list_it()), ElementsAre("dir", "file", "pipe", "to-file"));
}

TEST_F(SelectedTest, FiltersSeeThePathFromTheTop) {
  folder_.write("dir/file", "");
  selection_.filter = unwrap(Filter::make({{false, "/file"}, {false, "to-*"}}, {}));
  EXPECT_FALSE(select("file"));
  EXPECT_THAT(names_of(list_it()), ElementsAre("dir"));
  auto dir = unwrap(top_.child("dir"));
  EXPECT_THAT(names_of(unwrap(list_selected(dir, "dir", selection_, expect_no_failure()))),
              ElementsAre("file"));
}

TEST_F(SelectedTest, NamesAreThoseOfTheTopOnly) {
  folder_.write("dir/other", "");
  selection_.names = {"dir", "absent"};
  EXPECT_THAT(names_of(list_it()), ElementsAre("dir"));
  auto dir = unwrap(top_.child("dir"));
  EXPECT_THAT(names_of(unwrap(list_selected(dir, "dir", selection_, expect_no_failure()))),
              ElementsAre("other"));
}

TEST_F(SelectedTest, IgnoreFilesHoldUntilTheirFolderIsLeft) {
  folder_.write(".ignore", "file\n!to-file\n");
  selection_.filter = unwrap(Filter::make({}, {".ignore", ".absent"}));
  EXPECT_THAT(names_of(list_it()), ElementsAre(".ignore", "dir", "to-file"));
  EXPECT_FALSE(select("file"));
  selection_.filter.leave();
  EXPECT_TRUE(select("file"));
}

TEST_F(SelectedTest, AnIgnoreFileOfMoreThanAMegabyteIsReported) {
  folder_.write(".ignore", "file\n" + std::string(1 << 20, '\n'));
  selection_.filter = unwrap(Filter::make({}, {".ignore"}));
  Failures failures;
  auto entries = unwrap(list_selected(top_, "", selection_, failures.hear()));
  EXPECT_THAT(names_of(entries), ElementsAre(".ignore", "dir", "file", "to-file"));
  EXPECT_THAT(failures.heard, ElementsAre(std::pair(folder_ / ".ignore", Errc::too_large)));
}

TEST_F(SelectedTest, TemporariesGoToWhoAsksForThem) {
  folder_.write(".nigh-tmp-0123456789abcdef", "");
  std::vector<std::string> temporaries;
  auto entries = unwrap(list_selected(top_, "", selection_, expect_no_failure(), &temporaries));
  EXPECT_EQ(entries.size(), 3U);
  EXPECT_THAT(temporaries, ElementsAre(".nigh-tmp-0123456789abcdef"));
}

TEST(CompareTest, AttributesAreComparedAsFarAsTheyArePreserved) {
  Entry a{.kind = Kind::file, .mode = 04755, .mtime = {1, 2}, .xattrs = {{"user.x", "1"}}};
  ComparedOwner me{"me", "us"}, you{"you", "us"};
  auto b = a;
  EXPECT_TRUE(same_attributes(a, me, b, me, {true, false, true, true, true, true, true}));
  EXPECT_TRUE(same_attributes(a, me, b, you, {}));
  EXPECT_FALSE(same_attributes(a, me, b, you, {.owner = true}));
  b.mode = 0755;
  EXPECT_TRUE(same_attributes(a, me, b, me, {}));
  EXPECT_FALSE(same_attributes(a, me, b, me, {.set_id = true}));
  b.xattrs.clear();
  EXPECT_TRUE(same_attributes(a, me, b, me, {}));
  EXPECT_FALSE(same_attributes(a, me, b, me, {.xattrs = true}));
  b.mode = 0750;
  EXPECT_FALSE(same_attributes(a, me, b, me, {}));
  b = a;
  b.mtime.nanoseconds = 3;
  EXPECT_FALSE(same_attributes(a, me, b, me, {}));
  a.kind = b.kind = Kind::symlink;
  b = a;
  b.mode = 0777;
  EXPECT_TRUE(same_attributes(a, me, b, me, {}));
}

TEST(CompareTest, ContentIsWhatTheKindHas) {
  Entry a{.kind = Kind::file, .size = 1, .mtime = {1, 2}};
  auto b = a;
  EXPECT_TRUE(same_content(a, b));
  b.mtime.seconds = 2;
  EXPECT_FALSE(same_content(a, b));
  a.kind = b.kind = Kind::directory;
  EXPECT_TRUE(same_content(a, b));
  b.kind = Kind::fifo;
  EXPECT_FALSE(same_content(a, b));
  a.kind = b.kind = Kind::symlink;
  EXPECT_TRUE(same_content(a, b));
  b.target = "x";
  EXPECT_FALSE(same_content(a, b));
  a.kind = b.kind = Kind::block_device;
  EXPECT_TRUE(same_content(a, b));
  b.device_minor = 1;
  EXPECT_FALSE(same_content(a, b));
}

TEST(PathBeforeTest, ADirectoryIsFollowedByWhatIsInItThenByLaterNames) {
  std::vector<std::string> sorted{"",    "\x01", "a",   "a/\x01", "a/b", "a/b/c", "a/b-",
                                  "a\n", "a-",   "a-b", "a.b/c",  "a0",  "b",     "\xFF"};
  EXPECT_TRUE(std::ranges::is_sorted(sorted, path_before));
  for (std::size_t i = 0; i < sorted.size(); ++i)
    for (std::size_t j = 0; j < sorted.size(); ++j)
      EXPECT_EQ(path_before(sorted[i], sorted[j]), i < j) << sorted[i] << " " << sorted[j];
}

}  // namespace
}  // namespace nigh::files
