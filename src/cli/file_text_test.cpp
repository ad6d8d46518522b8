// SPDX-License-Identifier: Apache-2.0
#include "cli/file_text.hpp"

#include <gmock/gmock.h>

#include <cstdlib>

#include "cli/file_json.hpp"

namespace nigh::cli {
namespace {

using testing::HasSubstr;

class InUtc : public testing::Test {
 protected:
  InUtc() {
    ::setenv("TZ", "UTC", 1);
    ::tzset();
  }
};
using FileTimeTest = InUtc;

TEST(ModeTextTest, SaysWhatLsSays) {
  auto text = [](FileKind kind, std::uint32_t mode) {
    return mode_text({.kind = kind, .mode = mode});
  };
  EXPECT_EQ(text(FileKind::file, 0644), "-rw-r--r--");
  EXPECT_EQ(text(FileKind::directory, 01777), "drwxrwxrwt");
  EXPECT_EQ(text(FileKind::directory, 01776), "drwxrwxrwT");
  EXPECT_EQ(text(FileKind::file, 06755), "-rwsr-sr-x");
  EXPECT_EQ(text(FileKind::file, 06644), "-rwSr-Sr--");
  EXPECT_EQ(text(FileKind::symlink, 0777)[0], 'l');
  EXPECT_EQ(text(FileKind::fifo, 0)[0], 'p');
  EXPECT_EQ(text(FileKind::socket, 0)[0], 's');
  EXPECT_EQ(text(FileKind::char_device, 0)[0], 'c');
  EXPECT_EQ(text(FileKind::block_device, 0)[0], 'b');
}

TEST(SizeTextTest, RoundsUpInPowersOf1024) {
  EXPECT_EQ(size_text(0), "0");
  EXPECT_EQ(size_text(1023), "1023");
  EXPECT_EQ(size_text(1024), "1.0K");
  EXPECT_EQ(size_text(1025), "1.1K");
  EXPECT_EQ(size_text(10 * 1024), "10K");
  EXPECT_EQ(size_text(10 * 1024 + 1), "11K");
  EXPECT_EQ(size_text(1023 * 1024), "1023K");
  EXPECT_EQ(size_text(1023 * 1024 + 1), "1.0M");
  EXPECT_EQ(size_text(45ull << 20), "45M");
  EXPECT_EQ(size_text(3ull << 40), "3.0T");
  EXPECT_EQ(size_text(~0ull), "16E");
}

TEST_F(FileTimeTest, RecentTimesHaveAClockAndOthersAYear) {
  constexpr std::time_t kNow = 1'700'000'000;  // 14 November 2023
  EXPECT_EQ(list_time(kNow - 60, kNow), "Nov 14 22:12");
  EXPECT_EQ(list_time(kNow - 200 * 86400, kNow), "Apr 28  2023");
  EXPECT_EQ(list_time(kNow + 60, kNow), "Nov 14  2023") << "of a clock that is wrong";
  EXPECT_EQ(list_time(-1, kNow), "Dec 31  1969");
  EXPECT_EQ(list_time(INT64_MAX, kNow), "@9223372036854775807");
}

TEST_F(FileTimeTest, FullTimesHaveNanoseconds) {
  EXPECT_EQ(local_time(0, 5), "1970-01-01 00:00:00.000000005 +0000");
  EXPECT_EQ(utc_time(1'700'000'000, 123'456'789), "2023-11-14T22:13:20.123456789Z");
}

TEST(FileTextTest, TakesPathsApartAndTogether) {
  EXPECT_EQ(last_component("a/b"), "b");
  EXPECT_EQ(last_component("/a/b//"), "b");
  EXPECT_EQ(last_component("b"), "b");
  EXPECT_EQ(last_component("/"), "/");
  EXPECT_EQ(last_component(""), "");
  EXPECT_EQ(joined("a", "b"), "a/b");
  EXPECT_EQ(joined("/", "b"), "/b");
  EXPECT_EQ(joined("", "b"), "~/b");
}

TEST(FileJsonTest, HoldsAllOfAnEntry) {
  FileInfo info{.path = "x", .kind = FileKind::symlink, .mode = 0777, .size = 1};
  info.target = "\xff";
  EXPECT_EQ(entry_json({"web1", "a/x"}, info),
            R"({"host":"web1","path":"a/x","name":"x","type":"symlink","mode":"0777","size":1,)"
            R"("mtime":"1970-01-01T00:00:00.000000000Z","uid":0,"gid":0,"user":"","group":"",)"
            R"("links":1,"target_base64":"/w=="})");
}

TEST(FileJsonTest, NamesThatAreNoTextComeInBase64) {
  auto json = entry_json({"web1", "a/\xff"}, {});
  EXPECT_THAT(json, HasSubstr(R"("path_base64":"YS//","name_base64":"/w==")"));
}

TEST(FileJsonTest, SaysWhatWasDoneAndWhatFailed) {
  EXPECT_EQ(done_json({"web1", "a"}, "moved", "b"),
            R"({"host":"web1","path":"a","done":"moved","to":"b"})");
  EXPECT_EQ(failure_json({"web1", "a"}, {Errc::not_found, "no"}),
            R"({"host":"web1","path":"a","error":{"code":"not-found","message":"no"}})");
  EXPECT_EQ(size_json({"web1", "a"}, {"a", 1, 2, 3, 4}),
            R"({"host":"web1","path":"a","files":1,"directories":2,"bytes":3,"allocated":4})");
}

}  // namespace
}  // namespace nigh::cli
