// SPDX-License-Identifier: Apache-2.0
#include "cli/transfer_lines.hpp"

#include <gtest/gtest.h>

#include "cli/transfer_summary.hpp"

namespace nigh::cli {
namespace {

using Action = TransferItem::Action;
using namespace std::chrono_literals;

TEST(ItemLine, IsASignAndAPath) {
  TransferItem item{.action = Action::created, .path = "a/b", .digest = "0123"};
  EXPECT_EQ(item_line(item, false), "+ a/b");
  EXPECT_EQ(item_line(item, true), "+ a/b  xxh3:0123");
  item.action = Action::updated;
  EXPECT_EQ(item_line(item, false), "* a/b");
  item.action = Action::attributes;
  EXPECT_EQ(item_line(item, false), ". a/b");
  item.action = Action::removed;
  item.kind = FileKind::directory;
  EXPECT_EQ(item_line(item, false), "- a/b/");
}

TEST(ItemLine, TellsWhereItCameFrom) {
  TransferItem item{.action = Action::moved, .path = "new", .from = "old"};
  EXPECT_EQ(item_line(item, false), "> old -> new");
  item.action = Action::copied;
  EXPECT_EQ(item_line(item, false), "& old -> new");
  item.action = Action::linked;
  EXPECT_EQ(item_line(item, false), "= old -> new");
}

TEST(ItemLine, TellsWhySomethingIsSkipped) {
  TransferItem item{.action = Action::skipped, .kind = FileKind::fifo, .path = "p"};
  item.reason = "a FIFO";
  EXPECT_EQ(item_line(item, true), "! p (a FIFO)");
}

TEST(ItemLine, IsOneLineWhateverTheNameIs) {
  TransferItem item{.action = Action::created, .path = "a\n\x1b[2J\xff"};
  EXPECT_EQ(item_line(item, false), "+ a\\x0a\\x1b[2J\\xff");
  item.path = "";
  EXPECT_EQ(item_line(item, false), "+ ./");
}

TEST(TransferJson, HasItems) {
  TransferItem item{.action = Action::updated, .path = "a\"b", .size = 5, .sent = 3, .digest = "f"};
  EXPECT_EQ(item_json(item), R"({"type":"item","action":"updated","kind":"file","path":"a\"b",)"
                             R"("size":5,"sent":3,"digest":"f"})");
  item = {.action = Action::moved, .kind = FileKind::directory, .path = "\xff", .from = "b"};
  EXPECT_EQ(item_json(item), R"({"type":"item","action":"moved","kind":"directory",)"
                             R"("path_base64":"/w==","from":"b"})");
}

TEST(TransferJson, HasFailuresAndProgress) {
  EXPECT_EQ(failure_json("web1", {"a", {Errc::refused, "not permitted"}}),
            R"({"type":"failure","host":"web1","path":"a","code":"refused",)"
            R"("message":"not permitted"})");
  ProgressView view{.progress = {.files_done = 1,
                                 .files_total = 2,
                                 .bytes_done = 3,
                                 .bytes_total = 4,
                                 .counted = true,
                                 .current = "x"},
                    .rate = 5.6,
                    .left = {}};
  EXPECT_EQ(progress_json(view),
            R"({"type":"progress","files_done":1,"files_total":2,"bytes_done":3,"bytes_total":4,)"
            R"("counted":true,"bytes_per_second":5,"seconds_left":null,"current":"x"})");
}

TransferOutcome some_outcome() {
  TransferOutcome outcome;
  outcome.report.files = 1204;
  outcome.report.bytes = 3'200'000'000;
  outcome.report.literal = 3'000'000;
  outcome.report.wire_sent = 11'000'000;
  outcome.report.wire_received = 1'000'000;
  outcome.report.elapsed = 4100ms;
  return outcome;
}

TEST(Summary, SaysWhatWasDoneHowFastAndWhatWasNot) {
  auto outcome = some_outcome();
  EXPECT_EQ(summary_line(outcome),
            "copied 1,204 files, 3.2 GB in 4.1 s (780 MB/s); 12 MB over the wire (ratio 267)");
  outcome.report.skipped = 4;
  outcome.skipped_kinds[static_cast<std::size_t>(FileKind::symlink)] = 2;
  outcome.skipped_kinds[static_cast<std::size_t>(FileKind::char_device)] = 1;
  outcome.skipped_kinds[static_cast<std::size_t>(FileKind::block_device)] = 1;
  outcome.report.failed = 1;
  EXPECT_EQ(summary_line(outcome),
            "copied 1,204 files, 3.2 GB in 4.1 s (780 MB/s); 12 MB over the wire (ratio 267); "
            "4 skipped (2 links, 2 devices), 1 failed");
}

TEST(Summary, IsShortForOneFile) {
  TransferOutcome outcome;
  outcome.report.files = 1;
  outcome.report.bytes = 3'200'000;
  outcome.report.wire_sent = 3'200'100;
  outcome.report.elapsed = 400ms;
  EXPECT_EQ(summary_line(outcome), "copied 1 file, 3.2 MB in 0.40 s (8.0 MB/s)");
}

TEST(Summary, NamesAllThatWasDone) {
  auto outcome = some_outcome();
  outcome.report.directories = 3;
  outcome.report.moved = 1;
  outcome.report.removed = 2;
  outcome.dry_run = true;
  EXPECT_EQ(summary_line(outcome),
            "would have copied 1,204 files, 3.2 GB, made 3 folders, moved 1 file, deleted 2 items "
            "in 4.1 s; 12 MB over the wire (ratio 267)");
}

TEST(Summary, SaysThatThereWasNothingToDo) {
  TransferOutcome outcome;
  outcome.report.unchanged = 1204;
  outcome.report.elapsed = 300ms;
  outcome.report.wire_sent = 2000;
  EXPECT_EQ(summary_line(outcome),
            "compared 1,204 files in 0.30 s: nothing to do; 2.0 kB over the wire");
}

TEST(Summary, OfAnInterruptedTransferSaysHowToGoOn) {
  EXPECT_EQ(interrupted_line({.files_done = 120,
                              .files_total = 400,
                              .bytes_done = 1'240'000'000,
                              .bytes_total = 4'000'000'000}),
            "interrupted after 120 of 400 files, 1.2 GB of 4.0 GB; the same command goes on from "
            "there");
}

TEST(Summary, AddsUpWhatWentOnWithSeveralHosts) {
  auto outcome = some_outcome();
  auto other = some_outcome().report;
  other.failures.assign(1500, {"x", {Errc::system, "y"}});
  other.failed = 1500;
  outcome.add(other);
  EXPECT_EQ(outcome.report.files, 2408u);
  EXPECT_EQ(outcome.report.elapsed, 8200ms);
  EXPECT_EQ(outcome.report.failed, 1500u);
  EXPECT_EQ(outcome.report.failures.size(), 1000u);
}

TEST(ExitStatus, TellsHowMuchWasDone) {
  TransferOutcome outcome;
  EXPECT_EQ(exit_status(outcome), 0);
  outcome.report.files = 1;
  outcome.report.failed = 2;
  outcome.vanished = 1;
  EXPECT_EQ(exit_status(outcome), 23);
  outcome.vanished = 2;
  EXPECT_EQ(exit_status(outcome), 24);
  outcome.broken = true;
  EXPECT_EQ(exit_status(outcome), 23);
  outcome.report.files = 0;
  EXPECT_EQ(exit_status(outcome), 1);
  outcome.interrupted = 2;
  EXPECT_EQ(exit_status(outcome), 130);
}

TEST(ExitStatus, IsOneWhenNoSourceIsThere) {
  TransferOutcome outcome;
  outcome.sources = 2;
  outcome.missing = 2;
  outcome.report.failed = 2;
  EXPECT_EQ(exit_status(outcome), 1);
  outcome.missing = 1;
  EXPECT_EQ(exit_status(outcome), 23);
}

TEST(Elapsed, IsAsExactAsItMatters) {
  EXPECT_EQ(describe_elapsed(30ms), "0.03 s");
  EXPECT_EQ(describe_elapsed(4100ms), "4.1 s");
  EXPECT_EQ(describe_elapsed(999ms), "1.0 s");
  EXPECT_EQ(describe_elapsed(125'400ms), "2 min 5 s");
}

}  // namespace
}  // namespace nigh::cli
