// SPDX-License-Identifier: Apache-2.0
#include "service/resource/request.hpp"

#include <gtest/gtest.h>

#include "service/resource/attributes.hpp"
#include "service/resource/location.hpp"
#include "service/resource/problem.hpp"

namespace nigh::resource {
namespace {

TEST(PlaceTest, IsPercentEncodedBytes) {
  const std::pair<const char*, const char*> table[] = {
      {"etc/hosts", "/etc/hosts"},
      {"", "/"},
      {"a%20b", "/a b"},
      {"a+b", "/a+b"},
      {"a%2Fb", "/a/b"},
      {"a%2fb/", "/a/b/"},
      {"%ff%FE", "/\xff\xfe"},
      {"100%25", "/100%"},
      {"%0A", "/\n"},
      {"../x/./y", "/../x/./y"},
      {"~", "/home/ada"},
      {"~/", "/home/ada/"},
      {"~/x", "/home/ada/x"},
      {"%7E/x", "/home/ada/x"},
      {"~x/y", "/~x/y"},
      {"/~/x", "//~/x"},
      {"a/~", "/a/~"},
  };
  for (const auto& [text, path] : table)
    EXPECT_EQ(parse_place(text, "/home/ada")->path, path) << text;
  EXPECT_EQ(parse_place("~/a%20b", "/home/ada")->asked, "~/a b");
}

TEST(PlaceTest, BadEncodingAndNulAreRefused) {
  for (const char* text : {"%", "a%2", "%g0", "%0g", "%%41", "a%00b", "~/%00"}) {
    auto place = parse_place(text, "/home/ada");
    ASSERT_FALSE(place) << text;
    EXPECT_EQ(place.error().code, Errc::malformed);
  }
}

TEST(QueryTest, IsDecodedPairs) {
  EXPECT_EQ(parse_query(""), Query{});
  EXPECT_EQ(parse_query("a=1&b"), (Query{{"a", "1"}, {"b", ""}}));
  EXPECT_EQ(parse_query("%61=%3D%26&a=b=c"), (Query{{"a", "=&"}, {"a", "b=c"}}));
  EXPECT_FALSE(parse_query("a=%4"));
}

TEST(RequestTest, FlagsAreOneOrZero) {
  RequestHead head;
  Request request{head, {}, {{"yes", "1"}, {"no", "0"}, {"what", "true"}, {"empty", ""}}, "/"};
  EXPECT_TRUE(request.flag("yes"));
  EXPECT_FALSE(request.flag("no"));
  EXPECT_FALSE(request.flag("absent"));
  EXPECT_THROW((void)request.flag("what"), Refused);
  EXPECT_THROW((void)request.flag("empty"), Refused);
}

TEST(RequestTest, FieldsOfOneNameAreOneList) {
  RequestHead head{"GET", "", "/", {{"if-match", "\"a\""}, {"x", "y"}, {"if-match", "\"b\""}}};
  Request request{head, {}, {}, "/"};
  EXPECT_EQ(request.header("if-match"), "\"a\", \"b\"");
  EXPECT_EQ(request.header("y"), std::nullopt);
}

TEST(LocationTest, SplitsOffTheLastName) {
  const std::tuple<const char*, const char*, const char*, bool> table[] = {
      {"/a/b", "/a", "b", false}, {"/a", "/", "a", false},      {"/", "/", "", true},
      {"//", "/", "", true},      {"/a/b//", "/a", "b", true},  {"/a//b", "/a/", "b", false},
      {"//a", "/", "a", false},   {"/a/..", "/a", "..", false}, {"/a/.", "/a", ".", false},
  };
  for (const auto& [path, folder, name, slash] : table) {
    auto where = locate(path);
    EXPECT_EQ(where.folder, folder) << path;
    EXPECT_EQ(where.name, name) << path;
    EXPECT_EQ(where.slash, slash) << path;
  }
}

TEST(AttributesTest, ModesAreOctal) {
  EXPECT_EQ(parse_mode("0644"), 0644u);
  EXPECT_EQ(parse_mode("7777"), 07777u);
  EXPECT_EQ(parse_mode("0"), 0u);
  EXPECT_EQ(mode_text(parse_mode("755").value()), "0755");
  for (const char* text : {"", "8", "10000", "-1", "0x1", "644 ", "rw-r--r--"})
    EXPECT_FALSE(parse_mode(text)) << text;
}

TEST(AttributesTest, TimesAreSecondsAndWhatTheFractionAdds) {
  EXPECT_EQ(parse_time("12"), (files::Time{12, 0}));
  EXPECT_EQ(parse_time("12.5"), (files::Time{12, 500000000}));
  EXPECT_EQ(parse_time("-2.000000001"), (files::Time{-2, 1}));
  EXPECT_EQ(time_text({-2, 1}), "-2.000000001");
  EXPECT_EQ(time_text({1700000000, 120}), "1700000000.000000120");
  for (const char* text :
       {"", ".", "1.", ".5", "1.0000000001", "1.x", "x", "1 ", "1.5 ", "99999999999999999999"})
    EXPECT_FALSE(parse_time(text)) << text;
}

TEST(AttributesTest, AnEntityTagChangesWithInodeSizeAndTime) {
  files::Entry file;
  file.inode = 0x2a;
  file.size = 255;
  file.mtime = {1, 1};
  EXPECT_EQ(etag(file), "\"2a-ff-3b9aca01\"");
  auto other = file;
  other.mtime.nanoseconds = 2;
  EXPECT_NE(etag(other), etag(file));
  other.mtime = {-1, 0};
  EXPECT_EQ(etag(other), "\"2a-ff-ffffffffc4653600\"");
}

}  // namespace
}  // namespace nigh::resource
