// SPDX-License-Identifier: Apache-2.0
#include "files/new_file.hpp"

#include <ctime>

#include "files/files_for_test.hpp"
#include "files/names.hpp"
#include "files/temporary.hpp"

namespace nigh::files {
namespace {

using namespace for_test;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::StartsWith;

class NewFileTest : public ::testing::Test {
 protected:
  void write(const NewFile& file, std::string_view text) {
    ASSERT_TRUE(write_all(file.fd(), text, 0, file.path()));
  }
  Result<void> commit(NewFile& file, Durability durability = Durability::none) {
    return file.commit(top_, {.mode = 0644, .mtime = {1, 2}}, {}, durability);
  }

  Folder folder_;
  Directory top_ = open_folder(folder_);
};

TEST_F(NewFileTest, TakesItsNameAtOnceWithAllThatBelongsToIt) {
  auto file = unwrap(NewFile::create(top_, "f"));
  write(file, "new");
  EXPECT_THAT(names_in(top_), ElementsAre(StartsWith(".nigh-tmp-")));
  EXPECT_EQ(mode_of(folder_ / names_in(top_).front()), 0600U);
  EXPECT_EQ(file.path(), folder_ / "f");
  EXPECT_EQ(file.initial_size(), 0U);
  ASSERT_TRUE(commit(file));
  EXPECT_THAT(names_in(top_), ElementsAre("f"));
  EXPECT_EQ(folder_.read("f"), "new");
  EXPECT_EQ(mode_of(folder_ / "f"), 0644U);
  EXPECT_EQ(unwrap(stat_entry(top_, "f", false)).mtime, (Time{1, 2}));
}

TEST_F(NewFileTest, WhoReadsTheOldOneGoesOnReadingIt) {
  folder_.write("f", "old");
  auto old = unwrap(open_file(top_, "f"));
  auto file = unwrap(NewFile::create(top_, "f"));
  write(file, "new");
  EXPECT_EQ(folder_.read("f"), "old");
  ASSERT_TRUE(commit(file, Durability::file));
  EXPECT_EQ(folder_.read("f"), "new");
  std::string text(3, '\0');
  EXPECT_EQ(unwrap(read_full(old.get(), text, 0, "f")), 3U);
  EXPECT_EQ(text, "old");
}

TEST_F(NewFileTest, ALinkOfItsNameIsReplacedNotFollowed) {
  folder_.write("target", "old");
  ASSERT_EQ(::symlink("target", (folder_ / "f").c_str()), 0);
  auto file = unwrap(NewFile::create(top_, "f"));
  write(file, "new");
  ASSERT_TRUE(commit(file));
  EXPECT_EQ(folder_.read("target"), "old");
  EXPECT_EQ(unwrap(stat_entry(top_, "f", false)).kind, Kind::file);
}

TEST_F(NewFileTest, IsGoneWhenItIsNotCommitted) {
  {
    auto file = unwrap(NewFile::create(top_, "f"));
  }
  EXPECT_THAT(names_in(top_), IsEmpty());
  auto file = unwrap(NewFile::create(top_, "f"));
  file = unwrap(NewFile::create(top_, "g"));
  EXPECT_EQ(names_in(top_).size(), 1U);
  file.discard(top_);
  EXPECT_THAT(names_in(top_), IsEmpty());
}

TEST_F(NewFileTest, ADirectoryIsNotReplaced) {
  ::mkdir((folder_ / "d").c_str(), 0700);
  {
    auto file = unwrap(NewFile::create(top_, "d"));
    auto committed = commit(file);
    ASSERT_FALSE(committed);
    EXPECT_EQ(committed.error().message, "cannot replace " + folder_ / "d" + ": Is a directory");
  }
  EXPECT_THAT(names_in(top_), ElementsAre("d"));
}

TEST_F(NewFileTest, AnAttributeThatCannotBeSetDoesNotKeepItFromItsName) {
  auto file = unwrap(NewFile::create(top_, "f"));
  Entry entry{.mode = 0600, .xattrs = {{"security.x", ""}}};
  EXPECT_EQ(file.commit(top_, entry, {.xattrs = true}, Durability::none).error().code,
            Errc::refused);
  EXPECT_THAT(names_in(top_), ElementsAre("f"));
}

TEST_F(NewFileTest, NamesOfManyBytesAndOfAnyAreFine) {
  for (const std::string& name : {std::string(255, 'x'), std::string("\xFF\n\x01")}) {
    auto file = unwrap(NewFile::create(top_, name));
    EXPECT_TRUE(commit(file));
    auto partial = unwrap(NewFile::open_partial(top_, name));
    EXPECT_TRUE(commit(partial));
  }
  EXPECT_EQ(names_in(top_).size(), 2U);
  for (std::string_view name : {"..", "a/b", ""}) {
    EXPECT_EQ(NewFile::create(top_, name).error().code, Errc::usage);
    EXPECT_EQ(NewFile::open_partial(top_, name).error().code, Errc::usage);
    EXPECT_EQ(NewFile::open_in_place(top_, name).error().code, Errc::usage);
  }
}

TEST_F(NewFileTest, APartialSurvivesAndIsFoundAgain) {
  {
    auto partial = unwrap(NewFile::open_partial(top_, "big"));
    write(partial, "half");
  }
  EXPECT_THAT(names_in(top_), ElementsAre(partial_name("big")));
  EXPECT_EQ(mode_of(folder_ / partial_name("big")), 0600U);
  auto again = unwrap(NewFile::open_partial(top_, "big"));
  EXPECT_EQ(again.initial_size(), 4U);
  ASSERT_TRUE(write_all(again.fd(), " and half", 4, again.path()));
  ASSERT_TRUE(commit(again));
  EXPECT_EQ(folder_.read("big"), "half and half");
  EXPECT_THAT(names_in(top_), ElementsAre("big"));
}

TEST_F(NewFileTest, ADiscardedPartialIsGone) {
  unwrap(NewFile::open_partial(top_, "big")).discard(top_);
  EXPECT_THAT(names_in(top_), IsEmpty());
}

TEST_F(NewFileTest, OnlyOneProcessWritesAPartial) {
  auto partial = unwrap(NewFile::open_partial(top_, "big"));
  EXPECT_TRUE(in_child([&] {
    auto other = NewFile::open_partial(top_, "big");
    return !other && other.error().code == Errc::unavailable;
  }));
  ASSERT_TRUE(commit(partial));
  EXPECT_TRUE(in_child([&] { return NewFile::open_partial(top_, "big").has_value(); }));
}

TEST_F(NewFileTest, APartialOfAKilledProcessIsTakenOver) {
  EXPECT_TRUE(in_child([&] {
    auto partial = unwrap(NewFile::open_partial(top_, "big"));
    return ::write(partial.fd(), "12345", 5) == 5;  // _exit() runs no destructor
  }));
  EXPECT_EQ(unwrap(NewFile::open_partial(top_, "big")).initial_size(), 5U);
}

TEST_F(NewFileTest, WhatOthersCouldHavePreparedIsNoPartial) {
  auto name = partial_name("big");
  folder_.write("secret", "precious");
  auto expect_new = [&](std::string_view why) {
    auto partial = NewFile::open_partial(top_, "big");
    ASSERT_TRUE(partial) << why << ": " << partial.error().message;
    EXPECT_EQ(partial->initial_size(), 0U) << why;
    partial->discard(top_);
  };
  folder_.write(name, "prepared", 0666);
  expect_new("writable by others");
  ASSERT_EQ(::symlink("secret", (folder_ / name).c_str()), 0);
  expect_new("a link");
  ASSERT_EQ(::link((folder_ / "secret").c_str(), (folder_ / name).c_str()), 0);
  expect_new("another name of a file");
  ASSERT_EQ(::mkfifo((folder_ / name).c_str(), 0600), 0);
  expect_new("a FIFO");
  EXPECT_EQ(folder_.read("secret"), "precious");
  if (::geteuid() != 0) return;
  folder_.write(name, "prepared", 0600);
  ASSERT_EQ(::chown((folder_ / name).c_str(), kNobody, kNobody), 0);
  expect_new("somebody else's");
}

TEST_F(NewFileTest, InPlaceTheFileStaysTheSame) {
  folder_.write("f", "0123456789", 0600);
  auto before = unwrap(stat_entry(top_, "f", false)).inode;
  auto file = unwrap(NewFile::open_in_place(top_, "f"));
  EXPECT_EQ(file.initial_size(), 10U);
  write(file, "abc");
  ASSERT_TRUE(commit(file, Durability::file));
  EXPECT_EQ(folder_.read("f"), "abc3456789");
  EXPECT_EQ(unwrap(stat_entry(top_, "f", false)).inode, before);
  EXPECT_EQ(mode_of(folder_ / "f"), 0644U);
}

TEST_F(NewFileTest, InPlaceOnlyWhatItMadeIsDiscarded) {
  folder_.write("old", "x");
  unwrap(NewFile::open_in_place(top_, "old")).discard(top_);
  unwrap(NewFile::open_in_place(top_, "new")).discard(top_);
  {
    auto kept = unwrap(NewFile::open_in_place(top_, "kept"));
  }
  EXPECT_THAT(names_in(top_), ElementsAre("kept", "old"));
}

TEST_F(NewFileTest, InPlaceNeverWritesThroughALinkOrToADevice) {
  folder_.write("f", "x");
  ASSERT_EQ(::symlink("f", (folder_ / "l").c_str()), 0);
  ASSERT_EQ(::mkfifo((folder_ / "p").c_str(), 0600), 0);
  EXPECT_EQ(NewFile::open_in_place(top_, "l").error().code, Errc::usage);
  EXPECT_EQ(NewFile::open_in_place(top_, "p").error().code, Errc::usage);
}

TEST_F(NewFileTest, StaleMeansOldOursAndTemporary) {
  std::vector<std::string> names{".nigh-tmp-0123456789abcdef", partial_name("x"), "other"};
  for (const auto& name : names) {
    folder_.write(name, "x");
    set_mtime(folder_ / name, 1);  // as a transfer does just before the rename
  }
  remove_stale(top_, names);
  EXPECT_EQ(names_in(top_).size(), 3U);
  remove_temporaries(top_, names, std::time(nullptr) + 10);
  EXPECT_THAT(names_in(top_), ElementsAre("other", partial_name("x")));
}

TEST_F(NewFileTest, PartialsGoUnlessTheyAreWritten) {
  folder_.write(partial_name("gone"), "x");
  auto written = NewFile::open_partial(top_, "written");
  ASSERT_TRUE(written);
  set_mtime(folder_ / "", 1);
  remove_partials(top_, {partial_name("gone"), partial_name("written"), partial_name("never")});
  EXPECT_THAT(names_in(top_), ElementsAre(partial_name("written")));
  struct stat status;
  ASSERT_EQ(::fstat(top_.fd(), &status), 0);
  EXPECT_EQ(status.st_mtim.tv_sec, 1);
}

}  // namespace
}  // namespace nigh::files
