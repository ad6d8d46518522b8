// SPDX-License-Identifier: Apache-2.0
#include "files/attributes.hpp"

#include <sys/sysmacros.h>
#include <sys/xattr.h>

#include "files/files_for_test.hpp"

namespace nigh::files {
namespace {

using namespace for_test;
using ::testing::ElementsAre;

class AttributesTest : public ::testing::Test {
 protected:
  Result<void> apply_to(const std::string& name, const Entry& entry, const Preserve& preserve) {
    UniqueFd fd(::open((folder_ / name).c_str(), O_RDONLY | O_CLOEXEC));
    return apply(fd.get(), entry, preserve, folder_ / name);
  }
  Entry read(std::string_view name) { return unwrap(stat_entry(top_, name, true)); }

  Folder folder_;
  Directory top_ = open_folder(folder_);
};

// An ACL as the kernel keeps it: version 2, then tag, permissions and id of each line.
std::string acl(unsigned group, unsigned mask) {
  std::string bytes("\x02\0\0\0", 4);
  auto line = [&bytes](unsigned tag, unsigned permissions, std::uint32_t id) {
    for (unsigned byte : {tag, 0U, permissions, 0U}) bytes += static_cast<char>(byte);
    for (int i = 0; i < 4; ++i) bytes += static_cast<char>(id >> (8 * i));
  };
  constexpr std::uint32_t kNone = 0xFFFFFFFF;
  line(0x01, 6, kNone);
  line(0x02, 4, 1234);
  line(0x04, group, kNone);
  line(0x10, mask, kNone);
  line(0x20, 0, kNone);
  return bytes;
}

TEST_F(AttributesTest, ModeAndTimeAreSetToTheNanosecond) {
  folder_.write("f", "x");
  ASSERT_TRUE(apply_to("f", {.mode = 0751, .mtime = {-1, 999999999}}, {}));
  EXPECT_EQ(mode_of(folder_ / "f"), 0751U);
  EXPECT_EQ(read("f").mtime, (Time{-1, 999999999}));
}

TEST_F(AttributesTest, SetIdBitsAreDroppedUnlessAskedFor) {
  folder_.write("f", "x", 04755);
  Entry entry{.mode = 07755};
  ASSERT_TRUE(apply_to("f", entry, {}));
  EXPECT_EQ(mode_of(folder_ / "f"), 0755U);
  ASSERT_TRUE(apply_to("f", entry, {.set_id = true}));
  EXPECT_EQ(mode_of(folder_ / "f"), 07755U);
}

TEST_F(AttributesTest, ADirectoryKeepsTheGroupBitThatItInherited) {
  ::mkdir((folder_ / "d").c_str(), 0700);
  ::chmod((folder_ / "d").c_str(), 02700);
  ASSERT_TRUE(apply_to("d", {.kind = Kind::directory, .mode = 04755}, {}));
  EXPECT_EQ(mode_of(folder_ / "d"), 02755U);
}

TEST_F(AttributesTest, OwnersAreSetBeforeModesBecauseThatClearsSetIdBits) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root gives files away";
  folder_.write("f", "x");
  Entry entry{.mode = 06755, .uid = 1234, .gid = 2345};
  ASSERT_TRUE(apply_to("f", entry, {.owner = true, .set_id = true}));
  EXPECT_EQ(read("f").uid, 1234U);
  EXPECT_EQ(read("f").gid, 2345U);
  EXPECT_EQ(mode_of(folder_ / "f"), 06755U);
  ASSERT_TRUE(apply_to("f", {.mode = 0600, .uid = 1, .gid = 1}, {}));
  EXPECT_EQ(read("f").uid, 1234U);
}

TEST_F(AttributesTest, OthersThanRootGiveNothingAwayAndKeepNoForeignSetIdBits) {
  ::chmod(folder_.path().c_str(), 0777);
  Entry entry{.mode = 06751, .uid = 0, .gid = 1, .mtime = {5, 0}};
  EXPECT_TRUE(as_nobody([&] {
    folder_.write("f", "x");
    return apply_to("f", entry, {.owner = true, .set_id = true}).has_value();
  }));
  EXPECT_EQ(read("f").mode, 0751U);
  EXPECT_NE(read("f").uid, 0U);
  EXPECT_EQ(read("f").mtime.seconds, 5);
}

TEST_F(AttributesTest, OneFailureDoesNotKeepTheRest) {
  if (::geteuid() != 0) GTEST_SKIP() << "the file has to be somebody else's";
  ::chmod(folder_.path().c_str(), 0755);
  auto file = folder_.write("f", "x", 0666);
  EXPECT_TRUE(as_nobody([&] {
    auto applied = apply_to("f", {.mode = 0600}, {});
    return !applied && applied.error().code == Errc::refused &&
           applied.error().message ==
               "cannot change the mode of " + file + ": Operation not permitted";
  }));
  Entry entry{.mode = 0640, .mtime = {7, 0}, .xattrs = {{"trusted.x", "1"}, {"user.y", "2"}}};
  auto applied = apply_to("f", entry, {.xattrs = true});
  ASSERT_FALSE(applied);
  EXPECT_EQ(applied.error().code, Errc::refused);
  EXPECT_EQ(mode_of(file), 0640U);
  EXPECT_EQ(read("f").mtime.seconds, 7);
  EXPECT_THAT(read("f").xattrs, ElementsAre(Xattr{"user.y", "2"}));
  EXPECT_EQ(::getxattr(file.c_str(), "trusted.x", nullptr, 0), -1);
}

TEST_F(AttributesTest, ExtendedAttributesBecomeThoseOfTheEntry) {
  auto file = folder_.write("f", "x", 0600);
  ASSERT_EQ(::setxattr(file.c_str(), "user.old", "1", 1, 0), 0);
  ASSERT_EQ(::setxattr(file.c_str(), "user.same", "1", 1, 0), 0);
  Entry entry{.mode = 0600, .xattrs = {{"user.new", std::string("\0\xFF", 2)}, {"user.same", "2"}}};
  ASSERT_TRUE(apply_to("f", entry, {}));
  EXPECT_EQ(read("f").xattrs.size(), 2U);
  EXPECT_EQ(read("f").xattrs[0].name, "user.old");
  ASSERT_TRUE(apply_to("f", entry, {.xattrs = true}));
  EXPECT_EQ(read("f").xattrs, entry.xattrs);
}

TEST_F(AttributesTest, AccessControlListsGoWithTheMode) {
  folder_.write("f", "x", 0600);
  Entry entry{.mode = 0660, .xattrs = {{"system.posix_acl_access", acl(0, 6)}}};
  auto applied = apply_to("f", entry, {.xattrs = true});
  ASSERT_TRUE(applied) << applied.error().message;
  EXPECT_EQ(read("f").xattrs, entry.xattrs);
  EXPECT_EQ(mode_of(folder_ / "f"), 0660U);
  ASSERT_TRUE(apply_to("f", {.mode = 0640}, {.xattrs = true}));
  EXPECT_TRUE(read("f").xattrs.empty());
}

TEST_F(AttributesTest, AListThatCannotBeSetDoesNotLeaveItsMaskToTheGroup) {
  folder_.write("f", "x", 0600);
  Entry entry{.mode = 0660, .xattrs = {{"system.posix_acl_access", "nonsense"}}};
  EXPECT_FALSE(apply_to("f", entry, {.xattrs = true}));
  EXPECT_EQ(mode_of(folder_ / "f"), 0600U);
}

TEST_F(AttributesTest, LinksGetTimesOfTheirOwn) {
  folder_.write("f", "x");
  set_mtime(folder_ / "f", 1);
  Preserve preserve{.symlinks = true};
  Entry entry{.name = "l", .kind = Kind::symlink, .mtime = {3, 4}, .target = "f"};
  ASSERT_TRUE(make_special(top_, entry, preserve));
  EXPECT_EQ(read("l").target, "f");
  EXPECT_EQ(read("l").mtime, (Time{3, 4}));
  EXPECT_EQ(read("f").mtime, (Time{1, 0}));
  entry.mtime = {5, 6};
  ASSERT_TRUE(apply_at(top_, entry, preserve));
  EXPECT_EQ(read("l").mtime, (Time{5, 6}));
}

TEST_F(AttributesTest, SpecialFilesReplaceWhatHasTheirName) {
  folder_.write("x", "a file");
  for (auto kind : {Kind::fifo, Kind::socket}) {
    ASSERT_TRUE(make_special(top_, {.name = "x", .kind = kind, .mode = 0620, .mtime = {9, 9}}, {}));
    EXPECT_EQ(read("x").kind, kind);
    EXPECT_EQ(read("x").mode, 0620U);
    EXPECT_EQ(read("x").mtime, (Time{9, 9}));
  }
  EXPECT_THAT(names_in(top_), ElementsAre("x"));
}

TEST_F(AttributesTest, ASpecialFileThatCannotTakeItsNameLeavesNothing) {
  ::mkdir((folder_ / "d").c_str(), 0700);
  auto made = make_special(top_, {.name = "d", .kind = Kind::fifo}, {});
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().message, "cannot replace " + folder_ / "d" + ": Is a directory");
  EXPECT_THAT(names_in(top_), ElementsAre("d"));
  Entry link{.name = "l", .kind = Kind::symlink, .target = std::string("a\0b", 3)};
  EXPECT_EQ(make_special(top_, link, {}).error().code, Errc::usage);
  link.target = "";
  EXPECT_EQ(make_special(top_, link, {}).error().code, Errc::usage);
}

TEST_F(AttributesTest, DevicesAreForRoot) {
  ::chmod(folder_.path().c_str(), 0777);
  Entry null{.name = "null", .kind = Kind::char_device, .device_major = 1, .device_minor = 3};
  EXPECT_TRUE(as_nobody([&] {
    auto made = make_special(top_, null, {});
    return !made && made.error().code == Errc::refused;
  }));
  if (::geteuid() != 0) return;
  ASSERT_TRUE(make_special(top_, null, {}));
  EXPECT_EQ(read("null").kind, Kind::char_device);
  EXPECT_EQ(read("null").device_minor, 3U);
}

TEST(OwnersTest, NamesAndNumbersBothWays) {
  Owners owners;
  EXPECT_EQ(owners.user(0), "root");
  EXPECT_EQ(owners.user(0), "root");
  EXPECT_EQ(owners.group(0), "root");
  EXPECT_EQ(owners.user(3999999999), "");
  EXPECT_EQ(owners.uid("root", 7), 0U);
  EXPECT_EQ(owners.gid("root", 7), 0U);
  EXPECT_EQ(owners.uid("nobody here is called that", 7), 7U);
  EXPECT_EQ(owners.gid("", 7), 7U);
  EXPECT_EQ(owners.uid(std::string("root\0x", 6), 7), 7U);
}

}  // namespace
}  // namespace nigh::files
