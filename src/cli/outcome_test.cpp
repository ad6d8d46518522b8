// SPDX-License-Identifier: Apache-2.0
// Prefixed lines, the summary and JSON.
#include "cli/outcome.hpp"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "cli/line_prefixer.hpp"

namespace nigh::cli {
namespace {

using namespace std::chrono_literals;

Outcome ended(std::string host, int code, std::string signal, int status) {
  ExitStatus exit;
  exit.code = code;
  exit.signal = std::move(signal);
  return {.host = std::move(host), .exit = exit, .status = status};
}
Outcome exited(std::string host, int code) { return ended(std::move(host), code, "", code); }
Outcome killed(std::string host, std::string signal, int number) {
  return ended(std::move(host), 0, std::move(signal), 128 + number);
}
Outcome failed(std::string host, Errc code) {
  return {.host = std::move(host), .error = Error{code, "no way there"}};
}

TEST(LinePrefixerTest, WholeLinesGetThePrefix) {
  LinePrefixer lines("web1: ");
  EXPECT_EQ(lines.feed("one\ntwo\nthr"), "web1: one\nweb1: two\n");
  EXPECT_EQ(lines.feed("ee"), "");
  EXPECT_EQ(lines.feed("\n\n"), "web1: three\nweb1: \n");
  EXPECT_EQ(lines.finish(), "");
}

TEST(LinePrefixerTest, TheLastLineNeedsNoLineFeed) {
  LinePrefixer lines("a: ");
  EXPECT_EQ(lines.feed("end"), "");
  EXPECT_EQ(lines.finish(), "a: end\n");
  EXPECT_EQ(lines.finish(), "");
}

TEST(LinePrefixerTest, ALineWithoutEndIsBroken) {
  constexpr auto kMost = LinePrefixer::kLongestLine;
  LinePrefixer lines("a: ");
  EXPECT_EQ(lines.feed(std::string(kMost - 1, 'x')), "");
  EXPECT_EQ(lines.feed("yz"), "a: " + std::string(kMost - 1, 'x') + "y\n");
  EXPECT_EQ(lines.finish(), "a: z\n");
  EXPECT_EQ(lines.feed(std::string(kMost, 'x') + "\n"), "a: " + std::string(kMost, 'x') + "\n");
}

TEST(SummaryTest, CountsAndNames) {
  EXPECT_EQ(summary({exited("a", 0), exited("b", 0)}), "2 ok");
  EXPECT_EQ(summary({exited("web1", 0), exited("web7", 3), failed("web9", Errc::timeout)}),
            "1 ok, 1 failed (web7: exit 3), 1 unreachable (web9: timeout)");
  EXPECT_EQ(summary({killed("a", "KILL", 9), exited("b", 1), failed("c", Errc::refused)}),
            "0 ok, 2 failed (a: signal KILL, b: exit 1), 1 not run (c: refused)");
}

TEST(SummaryTest, WorstIsOursThenSignalsThenCodes) {
  EXPECT_EQ(worst_status({}), 0);
  EXPECT_EQ(worst_status({exited("a", 0), exited("b", 3), exited("c", 1)}), 3);
  EXPECT_EQ(worst_status({exited("a", 200), killed("b", "HUP", 1), exited("c", 0)}), 129);
  EXPECT_EQ(worst_status({killed("b", "KILL", 9), failed("a", Errc::closed)}), 255);
}

nlohmann::json json_of(const Outcome& outcome, const Command& command) {
  return nlohmann::json::parse(to_json(outcome, command));
}

TEST(OutcomeJsonTest, HoldsWhatHappened) {
  auto outcome = exited("web1", 3);
  outcome.out = "grüße\n";
  outcome.started = std::chrono::system_clock::time_point(1'767'225'600'250ms);
  outcome.elapsed = 1'500ms;
  auto json = json_of(outcome, {"ls", "-l"});
  EXPECT_EQ(json, nlohmann::json::parse(R"({"host":"web1","argv":["ls","-l"],"exit":3,
      "signal":null,"timed_out":false,"status":3,"stdout":"grüße\n","stderr":"",
      "started":"2026-01-01T00:00:00.250Z","seconds":1.5})"));
}

TEST(OutcomeJsonTest, ASignalReplacesTheExitCode) {
  auto json = json_of(killed("web1", "TERM", 15), Command::shell("sleep 9"));
  EXPECT_EQ(json["command"], "sleep 9");
  EXPECT_FALSE(json.contains("argv"));
  EXPECT_TRUE(json["exit"].is_null());
  EXPECT_EQ(json["signal"], "TERM");
  EXPECT_EQ(json["status"], 143);
}

TEST(OutcomeJsonTest, BytesThatAreNoTextComeAsBase64) {
  auto outcome = exited("web1", 0);
  outcome.out = "\xff\xfe";
  auto json = json_of(outcome, {"x", "\xff"});
  EXPECT_EQ(json["stdout_base64"], "//4=");
  EXPECT_FALSE(json.contains("stdout"));
  EXPECT_EQ(json["stderr"], "");
  EXPECT_EQ(json["argv"][1], "\\xff");
}

TEST(OutcomeJsonTest, AnErrorHasCodeAndMessage) {
  auto json = json_of(failed("web1", Errc::refused), {"x", "y"});
  EXPECT_TRUE(json["exit"].is_null());
  EXPECT_EQ(json["status"], 255);
  EXPECT_EQ(json["error"]["code"], "refused");
  EXPECT_EQ(json["error"]["message"], "no way there");
}

}  // namespace
}  // namespace nigh::cli
