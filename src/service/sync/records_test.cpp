// SPDX-License-Identifier: Apache-2.0
#include "service/sync/records.hpp"

#include <gtest/gtest.h>

#include "service/sync/answers.hpp"
#include "service/sync/permission.hpp"

namespace nigh::sync {
namespace {

constexpr EntryFields kAll{true, true, true};

files::Entry file(std::string name) { return {.name = std::move(name), .mode = 0644, .size = 3}; }

bool is_accepted(const Record& record) {
  std::string bytes;
  put_record(bytes, record, kAll);
  wire::VarintReader in(bytes);
  return get_record(in, kAll).has_value() && in.at_end();
}

TEST(Records, WhatIsWrittenIsReadAgain) {
  auto entry = file("näme\n");
  entry.mtime = {-5, 999'999'999};
  entry.xattrs = {{"user.a", std::string("\0b", 2)}};
  std::string bytes;
  put_record(bytes, FileRecord{7, entry, true, {1, 2}, "abc"}, kAll);
  put_record(bytes, CopiesRecord{3, {{0, 10, 90}, {10, 5, 0}, {100, 7, 200}}}, kAll);
  wire::VarintReader in(bytes);
  auto first = std::get<FileRecord>(*get_record(in, kAll));
  EXPECT_EQ(first.entry.name, entry.name);
  EXPECT_EQ(first.entry.mtime, entry.mtime);
  EXPECT_EQ(first.entry.xattrs, entry.xattrs);
  EXPECT_EQ(first.data, "abc");
  auto second = std::get<CopiesRecord>(*get_record(in, kAll));
  EXPECT_EQ(second.pieces, (std::vector<delta::Piece>{{0, 10, 90}, {10, 5, 0}, {100, 7, 200}}));
  EXPECT_TRUE(in.at_end());
}

TEST(Records, NamesThatLeadElsewhereAreRefused) {
  for (std::string name :
       {"", ".", "..", "a/b", "/etc", "../x", ".nigh-part-0123456789abcdef", ".nigh-tmp-x"})
    EXPECT_FALSE(is_accepted(FileRecord{0, file(name), false, {}, "abc"})) << name;
  EXPECT_FALSE(is_accepted(FileRecord{0, file(std::string("a\0b", 3)), false, {}, "abc"}));
  EXPECT_FALSE(is_accepted(FileRecord{0, file(std::string(256, 'a')), false, {}, "abc"}));
  EXPECT_TRUE(is_accepted(FileRecord{0, file(std::string(255, 'a')), false, {}, "abc"}));
}

TEST(Records, PathsThatLeadElsewhereAreRefused) {
  for (std::string path :
       {"/", "/a", "a/", "a//b", "..", "a/..", "a/../b", "./a", "a/./b", "a/.nigh-tmp-x/b"}) {
    EXPECT_FALSE(is_valid_path(path)) << path;
    EXPECT_FALSE(is_accepted(LinkRecord{0, file("x"), false, path})) << path;
    EXPECT_FALSE(is_accepted(CandidateRecord{1, 0, file("x"), path, false})) << path;
    files::Entry folder{.name = "d", .kind = files::Kind::directory};
    EXPECT_FALSE(is_accepted(FolderRecord{path, folder, true})) << path;
    EXPECT_FALSE(decode_ask(encode(Ask{.path = path}).payload())) << path;
  }
  EXPECT_TRUE(is_valid_path(""));
  EXPECT_TRUE(is_valid_path("a/b c/..d"));
}

TEST(Records, ValuesThatLinuxDoesNotHaveAreRefused) {
  auto changed = [](auto change) {
    auto entry = file("x");
    change(entry);
    return is_accepted(AttributesRecord{0, entry});
  };
  EXPECT_TRUE(changed([](auto&) {}));
  EXPECT_FALSE(changed([](auto& e) { e.mode = 010000; }));
  EXPECT_FALSE(changed([](auto& e) { e.mtime.nanoseconds = 1'000'000'000; }));
  EXPECT_FALSE(changed([](auto& e) { e.size = UINT64_MAX; }));
  EXPECT_FALSE(changed([](auto& e) { e.kind = static_cast<files::Kind>(7); }));
  EXPECT_FALSE(changed([](auto& e) { e.xattrs = {{"trusted.x", ""}}; }));
  EXPECT_FALSE(changed([](auto& e) { e.xattrs = {{"security.capability", ""}}; }));
  EXPECT_FALSE(changed([](auto& e) { e.kind = files::Kind::symlink; }));  // without a target
}

TEST(Records, CopiesThatWrapAroundAreRefused) {
  for (delta::Piece piece : {delta::Piece{0, 1, UINT64_MAX}, delta::Piece{UINT64_MAX, 1, 0},
                             delta::Piece{0, UINT64_MAX, 0}})
    EXPECT_FALSE(is_accepted(CopiesRecord{0, {piece}}));
}

TEST(Records, CountsThatTheBytesDoNotBackAllocateNothing) {
  std::string bytes;
  wire::put_varint(bytes, UINT32_MAX);
  EXPECT_FALSE(decode_owners(bytes));
  EXPECT_FALSE(decode_round(std::string("\0\0\1", 3) + bytes));
  EXPECT_FALSE(decode_digests(std::string(16, '\0') + "\1\1" + bytes));
}

TEST(Records, ARoundWithASingleSourceHasJustThat) {
  EXPECT_TRUE(decode_round(encode(Round{.names = {{"a"}}, .single = true}).payload()));
  EXPECT_FALSE(decode_round(encode(Round{.names = {{"a", "b"}}, .single = true}).payload()));
  EXPECT_FALSE(decode_round(encode(Round{.single = true}).payload()));
  EXPECT_FALSE(decode_round(encode(Round{.names = std::vector<std::string>()}).payload()));
}

// ---- what was asked for ------------------------------------------------------------------------

Spec asked(std::vector<std::string> sources, bool contents = false) {
  return make_spec({}, ServerRole::sends, std::move(sources), contents);
}

bool takes(const Spec& spec, Round round, std::string_view path,
           files::Kind kind = files::Kind::file) {
  auto permission = Permission::only(spec, spec.paths);
  try {
    permission.check_round(round);
    permission.check_path(round, path, kind);
    return true;
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.code(), Errc::refused);
    return false;
  }
}

TEST(Permission, AServerGivesOnlyTheNamesThatWereAskedFor) {
  auto one = asked({"dir/file.txt"});
  EXPECT_TRUE(takes(one, {.names = {{"file.txt"}}}, "file.txt"));
  EXPECT_FALSE(takes(one, {.names = {{".bashrc"}}}, ".bashrc"));
  EXPECT_FALSE(takes(one, {.names = {{"file.txt"}}}, ".bashrc"));
  EXPECT_FALSE(takes(one, {.names = {{"file.txt", ".bashrc"}}}, "file.txt"));
  EXPECT_FALSE(takes(one, {}, "anything"));  // what is in a folder
}

TEST(Permission, PatternsAreCheckedHere) {
  auto pattern = asked({"logs/*.log"});
  EXPECT_TRUE(takes(pattern, {.names = {{"a.log"}}}, "a.log"));
  EXPECT_FALSE(takes(pattern, {.names = {{"a.sh"}}}, "a.sh"));
}

TEST(Permission, WhatAFilterLeavesOutIsNotTaken) {
  TransferOptions options;
  options.filter = {{false, ".ssh"}, {false, "*.key"}};
  auto spec = make_spec(options, ServerRole::sends, {"src/"}, true);
  EXPECT_TRUE(takes(spec, {}, "a/b"));
  EXPECT_FALSE(takes(spec, {}, ".ssh", files::Kind::directory));
  EXPECT_FALSE(takes(spec, {}, ".ssh/authorized_keys"));
  EXPECT_FALSE(takes(spec, {}, "a/b.key"));
}

TEST(Permission, LinksDevicesAndRemovalsHaveToBeAskedFor) {
  auto plain = asked({"src/"}, true);
  EXPECT_FALSE(takes(plain, {}, "x", files::Kind::symlink));
  EXPECT_FALSE(takes(plain, {}, "x", files::Kind::char_device));
  EXPECT_THROW(Permission::only(plain, plain.paths).check_removal({}), Failure);
  TransferOptions options;
  options.archive();
  options.remove_extra = true;
  auto all = make_spec(options, ServerRole::sends, {"src/"}, true);
  EXPECT_TRUE(takes(all, {}, "x", files::Kind::symlink));
  EXPECT_NO_THROW(Permission::only(all, all.paths).check_removal({}));
  EXPECT_THROW(Permission::only(all, all.paths).check_removal({.names = {{"x"}}}), Failure);
}

}  // namespace
}  // namespace nigh::sync
