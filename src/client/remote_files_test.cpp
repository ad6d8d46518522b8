// SPDX-License-Identifier: Apache-2.0
// Paths as URLs, and what a host says about files.
#include <gmock/gmock.h>

#include "base/error.hpp"
#include "client/remote_files_path.hpp"
#include "client/remote_files_tree.hpp"

namespace nigh::client {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string url(std::string_view path) { return files_url("/v1/files/", path); }

TEST(FilesUrlTest, AbsolutePathsLoseTheFirstSlash) {
  EXPECT_EQ(url("/etc/hosts"), "/v1/files/etc/hosts");
  EXPECT_EQ(url("/"), "/v1/files/");
  EXPECT_EQ(url("//a"), "/v1/files//a");
}

TEST(FilesUrlTest, OthersAreBelowTheHome) {
  EXPECT_EQ(url("a/b"), "/v1/files/~/a/b");
  EXPECT_EQ(url(""), "/v1/files/~");
  EXPECT_EQ(url("~"), "/v1/files/~");
  EXPECT_EQ(url("~/a"), "/v1/files/~/a");
  EXPECT_EQ(url("~a"), "/v1/files/~/~a");
}

TEST(FilesUrlTest, AFolderOfTheRootThatIsCalledLikeTheHomeIsNotTheHome) {
  EXPECT_EQ(url("/~/a"), "/v1/files/./~/a");
  EXPECT_EQ(url("/~"), "/v1/files/./~");
  EXPECT_EQ(url("/~a"), "/v1/files/~a");
}

TEST(FilesUrlTest, EveryOtherByteIsEncoded) {
  EXPECT_EQ(url("/a b?c#d%e\n\xff*[+"), "/v1/files/a%20b%3Fc%23d%25e%0A%FF%2A%5B%2B");
}

TEST(FilesUrlTest, WhatNoFileCanBeCalledIsRefused) {
  EXPECT_THROW(url(std::string_view("a\0b", 3)), Failure);
  EXPECT_THROW(url(std::string(4097, 'a')), Failure);
}

std::vector<std::string> lines_of(LineReader& reader, std::string_view bytes) {
  std::vector<std::string> lines;
  reader.feed(bytes);
  for (;;) {
    auto line = reader.next();
    EXPECT_TRUE(line);
    if (!line || !*line) return lines;
    lines.emplace_back(**line);
  }
}

TEST(AsAskedTest, AMatchIsNamedLikeItsPattern) {
  EXPECT_EQ(as_asked("*.log", "~/a.log"), "a.log");
  EXPECT_EQ(as_asked("~/*.log", "~/a.log"), "~/a.log");
  EXPECT_EQ(as_asked("/var/*", "/var/log"), "/var/log");
  EXPECT_EQ(as_asked("*", "/elsewhere"), "/elsewhere");
  EXPECT_EQ(as_asked("", "~"), "~");
  EXPECT_EQ(as_asked("*", "~/~"), "~/~") << "~ alone is the home";
}

TEST(LineReaderTest, LinesMayComeInPieces) {
  LineReader reader;
  EXPECT_THAT(lines_of(reader, "a\nb\ncc"), ElementsAre("a", "b"));
  EXPECT_FALSE(reader.finish());
  EXPECT_THAT(lines_of(reader, ""), ElementsAre());
  EXPECT_THAT(lines_of(reader, "c"), ElementsAre());
  EXPECT_THAT(lines_of(reader, "\n\ne\n"), ElementsAre("ccc", "", "e"));
  EXPECT_TRUE(reader.finish());
}

TEST(LineReaderTest, ALineHasALimit) {
  std::string half(40'000, 'x');
  LineReader reader;
  EXPECT_THAT(lines_of(reader, half), ElementsAre());
  reader.feed(half);
  EXPECT_EQ(reader.next().error().code, Errc::too_large);
  LineReader other;
  auto whole = half + half + "\n";
  other.feed(whole);
  EXPECT_EQ(other.next().error().code, Errc::too_large);
}

std::string line_with(std::string_view name) {
  return std::string("{") + std::string(name) +
         R"(,"type":"file","mode":"0644","size":7,"mtime":"-5.000000001","uid":1,"gid":2,)"
         R"("user":"ada","group":"staff","links":3,"etag":"\"a-b-c\"","later":true})";
}

FileInfo info(std::string_view line, Names names) {
  auto entry = parse_entry(line, names);
  EXPECT_TRUE(entry) << line;
  return entry ? std::get<FileInfo>(*entry) : FileInfo();
}

TEST(ParseEntryTest, ReadsEveryMember) {
  auto entry = info(line_with(R"("name":"a b")"), Names::children);
  EXPECT_EQ(entry.path, "a b");
  EXPECT_EQ(entry.kind, FileKind::file);
  EXPECT_EQ(entry.mode, 0644u);
  EXPECT_EQ(entry.size, 7u);
  EXPECT_EQ(entry.mtime, -5);
  EXPECT_EQ(entry.mtime_nanoseconds, 1u);
  EXPECT_EQ(entry.uid, 1u);
  EXPECT_EQ(entry.gid, 2u);
  EXPECT_EQ(entry.user, "ada");
  EXPECT_EQ(entry.group, "staff");
  EXPECT_EQ(entry.links, 3u);
  EXPECT_EQ(entry.etag, "\"a-b-c\"");
}

TEST(ParseEntryTest, NamesAreBytes) {
  EXPECT_EQ(info(line_with(R"("name_base64":"/wo=")"), Names::children).path, "\xff\n");
  EXPECT_FALSE(parse_entry(line_with(R"("name_base64":"AA==")"), Names::children));
  EXPECT_FALSE(parse_entry(line_with(R"("name_base64":"?")"), Names::children));
  EXPECT_FALSE(parse_entry(line_with("\"name\":\"\xff\""), Names::children));
}

TEST(ParseEntryTest, ANameCannotLeaveTheFolderThatWasListed) {
  for (auto* bad : {R"("name":"")", R"("name":".")", R"("name":"..")", R"("name":"a/b")",
                    R"("path":"a")", R"("name":5)"})
    EXPECT_FALSE(parse_entry(line_with(bad), Names::children)) << bad;
  for (auto* bad : {R"("path":"/a")", R"("path":"a/../b")", R"("path":"a//b")", R"("path":"a/")"})
    EXPECT_FALSE(parse_entry(line_with(bad), Names::tree)) << bad;
  EXPECT_EQ(info(line_with(R"("path":"a/..b/c")"), Names::tree).path, "a/..b/c");
  EXPECT_EQ(info(line_with(R"("path":"/var/log/a")"), Names::matches).path, "/var/log/a");
}

TEST(ParseEntryTest, ALinkHasATarget) {
  auto entry = info(R"({"type":"symlink","mode":"0777","size":3,"mtime":"0.000000000","uid":0,)"
                    R"("gid":0,"links":1,"target_base64":"/w=="})",
                    Names::self);
  EXPECT_EQ(entry.kind, FileKind::symlink);
  EXPECT_EQ(entry.target, "\xff");
  EXPECT_EQ(entry.path, "");
}

TEST(ParseEntryTest, AnEntryMayHaveFailed) {
  auto entry = parse_entry(R"({"path":"a/b","error":"Permission\u001b denied","code":"refused"})",
                           Names::tree);
  ASSERT_TRUE(entry);
  auto failure = std::get<FileFailure>(*entry);
  EXPECT_EQ(failure.path, "a/b");
  EXPECT_EQ(failure.error.code, Errc::refused);
  EXPECT_EQ(failure.error.message, "Permission\\x1b denied");
}

TEST(ParseEntryTest, WhatMakesNoSenseIsMalformed) {
  const std::string deep(1000, '[');
  for (std::string_view bad :
       {std::string_view(), std::string_view("[]"), std::string_view("{}"), std::string_view("7"),
        std::string_view(R"({"a":{"b":{"c":1}}})"), std::string_view(deep)})
    EXPECT_EQ(parse_entry(bad, Names::self).error().code, Errc::malformed) << bad;
  auto good = line_with(R"("name":"a")");
  for (auto [from, to] : {std::pair{"\"file\"", "\"door\""},
                          {"0644", "10000"},
                          {"0644", "rwx"},
                          {"-5.000000001", "5"},
                          {"-5.000000001", "5.1"},
                          {"-5.000000001", "x.000000000"},
                          {":7", ":-7"},
                          {":7", ":\"7\""},
                          {"\"uid\":1", "\"uid\":4294967296"},
                          {"\"gid\":2", "\"gidd\":2"}}) {
    auto bad = good;
    bad.replace(bad.find(from), std::string_view(from).size(), to);
    EXPECT_FALSE(parse_entry(bad, Names::children)) << bad;
  }
}

TEST(ParseTreeSizeTest, ReadsSumsAndFailures) {
  auto entry = parse_tree_size(
      R"({"path":"a","files":2,"directories":1,"bytes":18446744073709551615,"allocated":4096})");
  ASSERT_TRUE(entry);
  auto size = std::get<TreeSize>(*entry);
  EXPECT_EQ(size.path, "a");
  EXPECT_EQ(size.files, 2u);
  EXPECT_EQ(size.directories, 1u);
  EXPECT_EQ(size.bytes, 18446744073709551615u);
  EXPECT_EQ(size.allocated, 4096u);
  auto failed = parse_tree_size(R"({"path_base64":"/w==","error":"no"})");
  ASSERT_TRUE(failed);
  EXPECT_EQ(std::get<FileFailure>(*failed).path, "\xff");
  EXPECT_THAT(parse_tree_size(R"({"path":"a"})").error().message, HasSubstr("makes no sense"));
}

}  // namespace
}  // namespace nigh::client
