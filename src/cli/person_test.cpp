// SPDX-License-Identifier: Apache-2.0
// What a person does while nigh runs: interrupting it, answering it.
#include <gtest/gtest.h>

#include <csignal>

#include "cli/host_key_answer.hpp"
#include "cli/interrupts.hpp"

namespace nigh::cli {
namespace {

using namespace std::chrono_literals;
using Meaning = Interrupts::Meaning;

constexpr Interrupts::Clock::time_point kStart{};

TEST(InterruptsTest, TheSecondWithinTwoSecondsEnds) {
  Interrupts interrupts;
  EXPECT_EQ(interrupts.received(SIGINT, kStart), Meaning::forward);
  EXPECT_EQ(interrupts.received(SIGINT, kStart + 2s), Meaning::end);
}

TEST(InterruptsTest, TheThirdEndsHoweverLateItComes) {
  Interrupts interrupts;
  EXPECT_EQ(interrupts.received(SIGINT, kStart), Meaning::forward);
  EXPECT_EQ(interrupts.received(SIGINT, kStart + 3s), Meaning::forward);
  EXPECT_EQ(interrupts.received(SIGINT, kStart + 1h), Meaning::end);
}

TEST(InterruptsTest, KindsAreCountedApart) {
  Interrupts interrupts;
  EXPECT_EQ(interrupts.received(SIGINT, kStart), Meaning::forward);
  EXPECT_EQ(interrupts.received(SIGTERM, kStart), Meaning::forward);
  EXPECT_EQ(interrupts.received(SIGTERM, kStart + 1s), Meaning::end);
}

TEST(HostKeyAnswerTest, OnlyAWholeYesOrTheFingerprintTrusts) {
  EXPECT_EQ(host_key_answer(" Yes ", "SHA256:abc"), HostKeyAnswer::trust);
  EXPECT_EQ(host_key_answer("SHA256:abc", "SHA256:abc"), HostKeyAnswer::trust);
  EXPECT_EQ(host_key_answer("no", "SHA256:abc"), HostKeyAnswer::refuse);
  for (auto typed : {"", "y", "n", "yess", "SHA256:abd", "sha256:abc"})
    EXPECT_EQ(host_key_answer(typed, "SHA256:abc"), HostKeyAnswer::ask_again) << typed;
  EXPECT_EQ(host_key_answer("", ""), HostKeyAnswer::ask_again);
}

}  // namespace
}  // namespace nigh::cli
