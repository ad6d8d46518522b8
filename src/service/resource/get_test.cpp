// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "service/resource/http_date.hpp"
#include "service/resource/visit_for_test.hpp"

namespace nigh::resource {
namespace {

using for_test::MemoryChannel;
using for_test::Visit;

std::string pattern(std::size_t size) {
  std::string text(size, '\0');
  for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>(i * 31 + (i >> 8));
  return text;
}

void set_mtime(const std::string& path, std::int64_t seconds, long nanoseconds) {
  struct timespec times[2] = {{0, UTIME_OMIT}, {seconds, nanoseconds}};
  ASSERT_EQ(::utimensat(AT_FDCWD, path.c_str(), times, 0), 0);
}

TEST(GetTest, GivesAFileAndWhatItIs) {
  Visit visit;
  auto text = pattern(3 * 1024 * 1024 + 17);
  auto path = visit.home.write("a b", text, 0640);
  set_mtime(path, 784111777, 5);
  auto answer = visit.ask("GET", "/v1/files/~/a%20b");
  EXPECT_EQ(answer.status, 200u);
  EXPECT_TRUE(answer.body == text);
  EXPECT_EQ(answer.header("content-length"), std::to_string(text.size()));
  EXPECT_EQ(answer.header("accept-ranges"), "bytes");
  EXPECT_EQ(answer.header("content-type"), "application/octet-stream");
  EXPECT_EQ(answer.header("nigh-mode"), "0640");
  EXPECT_EQ(answer.header("nigh-mtime"), "784111777.000000005");
  EXPECT_EQ(answer.header("last-modified"), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(answer.header("content-range"), std::nullopt);
  struct stat status{};
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_EQ(answer.header("etag"),
            fmt::format("\"{:x}-{:x}-{:x}\"", status.st_ino, text.size(), 784111777000000005));
  auto absolute = visit.ask("GET", "/v1/files" + visit.home.path() + "/a%20b");
  EXPECT_TRUE(absolute.body == text);
}

TEST(GetTest, HeadSaysTheSameWithoutTheBytes) {
  Visit visit;
  visit.home.write("f", "hello");
  auto get = visit.ask("GET", "/v1/files/~/f"), head = visit.ask("HEAD", "/v1/files/~/f");
  EXPECT_EQ(head.status, 200u);
  EXPECT_EQ(head.body, "");
  ASSERT_EQ(head.headers.size(), get.headers.size());
  for (const auto& field : get.headers) EXPECT_EQ(head.header(field.name), field.value);
  auto absent = visit.ask("HEAD", "/v1/files/~/none");
  EXPECT_EQ(absent.status, 404u);
  EXPECT_EQ(absent.body, "");
  EXPECT_EQ(visit.ask("HEAD", "/v1/files/~/f", {{"range", "bytes=0-1"}}).status, 200u)
      << "ranges are GET's alone";
}

TEST(GetTest, GivesOneRange) {
  Visit visit;
  visit.home.write("f", "0123456789");
  auto answer = visit.ask("GET", "/v1/files/~/f", {{"range", "bytes=3-5"}});
  EXPECT_EQ(answer.status, 206u);
  EXPECT_EQ(answer.body, "345");
  EXPECT_EQ(answer.header("content-range"), "bytes 3-5/10");
  EXPECT_EQ(answer.header("content-length"), "3");
  EXPECT_EQ(visit.ask("GET", "/v1/files/~/f", {{"range", "bytes=-2"}}).body, "89");
  EXPECT_EQ(visit.ask("GET", "/v1/files/~/f", {{"range", "bytes=0-0,2-2"}}).status, 200u);
  auto beyond = visit.ask("GET", "/v1/files/~/f", {{"range", "bytes=10-"}});
  EXPECT_EQ(beyond.status, 416u);
  EXPECT_EQ(beyond.header("content-range"), "bytes */10");
}

TEST(GetTest, ARangeOfAnotherVersionIsTheWholeFile) {
  Visit visit;
  visit.home.write("f", "0123456789");
  auto etag = visit.ask("HEAD", "/v1/files/~/f").header("etag").value();
  auto ask = [&](const std::string& if_range) {
    return visit.ask("GET", "/v1/files/~/f", {{"range", "bytes=3-5"}, {"if-range", if_range}})
        .status;
  };
  EXPECT_EQ(ask(etag), 206u);
  EXPECT_EQ(ask("\"other\""), 200u);
  EXPECT_EQ(ask("Sun, 06 Nov 1994 08:49:37 GMT"), 200u);
}

TEST(GetTest, ConditionsSpareTheBytes) {
  Visit visit;
  visit.home.write("f", "hello");
  auto etag = visit.ask("HEAD", "/v1/files/~/f").header("etag").value();
  auto known = visit.ask("GET", "/v1/files/~/f", {{"if-none-match", etag}});
  EXPECT_EQ(known.status, 304u);
  EXPECT_EQ(known.header("etag"), etag);
  EXPECT_EQ(known.header("content-length"), std::nullopt);
  EXPECT_EQ(known.body, "");
  EXPECT_EQ(visit.ask("GET", "/v1/files/~/f", {{"if-match", "\"x\""}}).status, 412u);
  EXPECT_EQ(visit.ask("GET", "/v1/files/~/f", {{"if-match", "x"}}).status, 400u);
  EXPECT_EQ(visit.ask("GET", "/v1/files/~/none", {{"if-match", "*"}}).status, 404u);
}

TEST(GetTest, WhatIsNoFileIsNotGiven) {
  Visit visit;
  ASSERT_EQ(::mkfifo((visit.home / "fifo").c_str(), 0600), 0);
  visit.home.write("f", "");
  auto directory = visit.ask("GET", "/v1/files/~");
  EXPECT_EQ(directory.status, 409u);
  EXPECT_NE(directory.detail().find("is a directory"), std::string::npos);
  EXPECT_EQ(visit.ask("GET", "/v1/files/~/fifo").status, 409u) << "and nobody waits for a writer";
  EXPECT_EQ(visit.ask("GET", "/v1/files/dev/null").status, 409u);
  EXPECT_EQ(visit.ask("GET", "/v1/files/~/none").status, 404u);
  EXPECT_EQ(visit.ask("GET", "/v1/files/~/f/x").status, 404u);
  EXPECT_EQ(visit.ask("GET", "/v1/files/~/f/").status, 404u);
  EXPECT_EQ(visit.ask("GET", "/v1/files/~/" + std::string(300, 'x')).status, 400u);
  auto empty = visit.ask("GET", "/v1/files/~/f");
  EXPECT_EQ(empty.status, 200u);
  EXPECT_EQ(empty.header("content-length"), "0");
}

TEST(GetTest, LinksAreFollowed) {
  Visit visit;
  visit.home.write("real", "hello");
  ASSERT_EQ(::symlink("real", (visit.home / "link").c_str()), 0);
  ASSERT_EQ(::symlink("loop", (visit.home / "loop").c_str()), 0);
  EXPECT_EQ(visit.ask("GET", "/v1/files/~/link").body, "hello");
  EXPECT_EQ(visit.ask("GET", "/v1/files/~/loop").status, 409u);
}

TEST(GetTest, NamesAreBytes) {
  Visit visit;
  visit.home.write("\xff\n", "odd");
  EXPECT_EQ(visit.ask("GET", "/v1/files/~/%FF%0A").body, "odd");
  auto absent = visit.ask("GET", "/v1/files/~/%FE");
  EXPECT_EQ(absent.status, 404u);
  EXPECT_NE(absent.detail().find("\\xfe"), std::string::npos) << absent.detail();
}

TEST(GetTest, AFileThatShrinksMeanwhileEndsTheAnswerShort) {
  Visit visit;
  auto path = visit.home.write("f", pattern(3 << 20));
  MemoryChannel channel("");
  int pieces = 0;
  channel.on_write = [&] {
    // After the head and the first MiB.
    if (++pieces == 2) ASSERT_EQ(::truncate(path.c_str(), (1 << 20) + 7), 0);
  };
  EXPECT_THROW(serve(channel, {"GET", "", "/v1/files/~/f", {}}, visit.home.path()), Failure);
  EXPECT_FALSE(channel.finished);
  auto answer = for_test::answer_in(channel.output);
  EXPECT_EQ(answer.header("content-length"), std::to_string(3 << 20));
  EXPECT_EQ(answer.body.size(), (1u << 20) + 7);
}

TEST(ServeTest, UnknownResourcesMethodsAndParametersAreProblems) {
  Visit visit;
  EXPECT_EQ(visit.ask("GET", "/v1/other/x").status, 404u);
  EXPECT_EQ(visit.ask("GET", "/v1/files").status, 404u);
  auto post = visit.ask("POST", "/v1/files/~/x");
  EXPECT_EQ(post.status, 405u);
  EXPECT_EQ(post.header("allow"), "GET, HEAD, PUT, DELETE, MKCOL, MOVE");
  EXPECT_EQ(post.header("content-type"), "application/problem+json");
  EXPECT_EQ(post.header("content-length"), std::to_string(post.body.size()));
  EXPECT_EQ(nlohmann::json::parse(post.body).at("type"), "urn:nigh:problem:method-not-allowed");
  EXPECT_EQ(visit.ask("PUT", "/v1/tree/~").header("allow"), "GET");
  EXPECT_EQ(visit.ask("CONNECT", "/v1/files/~").status, 405u) << "without its protocol";
  EXPECT_EQ(visit.ask("GET", "/v1/files/~?recursive=1").status, 400u);
  EXPECT_EQ(visit.ask("GET", "/v1/files/~?=").status, 400u);
  EXPECT_EQ(visit.ask("GET", "/v1/files/a%00b").status, 400u);
  EXPECT_EQ(visit.ask("GET", "/v1/files/%").status, 400u);
}

}  // namespace
}  // namespace nigh::resource
