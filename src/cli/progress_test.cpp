// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "cli/progress_line.hpp"
#include "cli/utf8.hpp"

namespace nigh::cli {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

ProgressView some_view() {
  ProgressView view;
  view.progress = {.files_done = 120,
                   .files_total = 400,
                   .bytes_done = 1'240'000'000,
                   .bytes_total = 4'000'000'000,
                   .counted = true,
                   .current = "some/folder/with/a/long/path/to/picture.jpeg"};
  view.rate = 110e6;
  view.left = 25s;
  return view;
}

TEST(ProgressLine, HasEverythingWhereThereIsRoom) {
  EXPECT_EQ(
      progress_line(some_view(), 120),
      " 31 %  [=========>                    ]  1.2 GB of 4.0 GB  110 MB/s     0:25  120/400  "
      "some/folder/wit...to/picture.jpeg");
}

TEST(ProgressLine, HasPercentAndRateOnTheNarrowestTerminal) {
  EXPECT_EQ(progress_line(some_view(), 19), " 31 %  110 MB/s");
  EXPECT_EQ(progress_line(some_view(), 4), " 31 ");
  EXPECT_EQ(progress_line(some_view(), 0), "");
}

TEST(ProgressLine, IsNeverWiderThanTheTerminal) {
  auto view = some_view();
  for (std::size_t columns = 0; columns < 300; ++columns)
    EXPECT_LE(columns_of(progress_line(view, columns)), columns);
  view.progress.current = std::string(500, '\x1b');
  view.progress.counted = false;
  for (std::size_t columns = 0; columns < 300; ++columns)
    EXPECT_LE(columns_of(progress_line(view, columns)), columns);
}

TEST(ProgressLine, ShowsNoPercentWhileTheTotalGrows) {
  auto view = some_view();
  view.progress.counted = false;
  EXPECT_THAT(progress_line(view, 120), StartsWith(" -- %"));
  EXPECT_THAT(progress_line(view, 120), HasSubstr("1.2 GB of 4.0 GB or more"));
  EXPECT_THAT(progress_line(view, 120), HasSubstr("120/400+"));
}

TEST(ProgressLine, ShowsNoCountForOneFileAndNoTimeThatNobodyKnows) {
  auto view = some_view();
  view.progress.files_done = 0;
  view.progress.files_total = 1;
  view.left.reset();
  EXPECT_THAT(progress_line(view, 120), Not(HasSubstr("0/1")));
  EXPECT_THAT(progress_line(view, 120), Not(HasSubstr("0:25")));
}

TEST(ProgressLine, DoesNotLetANameSteerTheTerminal) {
  auto view = some_view();
  view.progress.current = "a\x1b[2J\n";
  auto line = progress_line(view, 120);
  EXPECT_THAT(line, HasSubstr("a\\x1b[2J\\x0a"));
}

TEST(ProgressLine, NothingToDoIsAllDone) {
  ProgressView view;
  view.progress.counted = true;
  EXPECT_THAT(progress_line(view, 60), StartsWith("100 %"));
}

TEST(ProgressNote, IsALineForALog) {
  EXPECT_EQ(progress_note(some_view()),
            "1.2 GB of 4.0 GB, 31 %, 110 MB/s, 0:25 left, 120 of 400 files");
  auto view = some_view();
  view.progress.counted = false;
  view.left.reset();
  EXPECT_EQ(progress_note(view), "1.2 GB of 4.0 GB or more, 110 MB/s, 120 of 400 or more files");
}

TEST(ClockTime, HasHoursOnlyWhereThereAreAny) {
  EXPECT_EQ(clock_time(0s), "0:00");
  EXPECT_EQ(clock_time(65s), "1:05");
  EXPECT_EQ(clock_time(3723s), "1:02:03");
  EXPECT_EQ(clock_time(100h), "100:00:00");
}

TEST(ProgressBar, GrowsFromEmptyToFull) {
  EXPECT_EQ(progress_bar(0, 12), "[>         ]");
  EXPECT_EQ(progress_bar(0.45, 12), "[====>     ]");
  EXPECT_EQ(progress_bar(1, 12), "[==========]");
  EXPECT_EQ(progress_bar(7, 12), "[==========]");
  EXPECT_EQ(progress_bar(0.5, 2), "  ");
}

TEST(Elide, LeavesOutTheMiddleByCharacters) {
  EXPECT_EQ(elide("short", 5), "short");
  EXPECT_EQ(elide("abcdefghij", 7), "ab...ij");
  EXPECT_EQ(elide("abcdefghij", 8), "ab...hij");
  EXPECT_EQ(elide("äöüäöüäöü", 7), "äö...öü");
  EXPECT_EQ(elide("abcdef", 2), "..");
  EXPECT_EQ(elide("", 0), "");
  EXPECT_TRUE(is_utf8(elide("\xff\xfe ä\n", 6)));
}

}  // namespace
}  // namespace nigh::cli
