// SPDX-License-Identifier: Apache-2.0
#include "server/keeper/role_process.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>

#include <cerrno>

namespace nigh::server {
namespace {

using namespace std::chrono_literals;

constexpr RoleProcess::Time kStart{1h};

// This program itself, started again to list its tests and end: only how its ends are counted
// matters here.
RoleProcess harmless() { return {"server_keeper_test", "--gtest_list_tests"}; }

TEST(RoleProcessTest, OneThatKeepsDyingYoungIsGivenASecond) {
  auto process = harmless();
  auto now = kStart;
  for (int death = 1; death <= 3; ++death) {
    ASSERT_TRUE(process.start(now));
    now += 999ms;
    process.ended(now);
    EXPECT_EQ(process.restart_at(), now) << "at once, the first times";
  }
  ASSERT_TRUE(process.start(now));
  process.ended(now);
  EXPECT_EQ(process.restart_at(), now + 1s);

  now += 1s;
  ASSERT_TRUE(process.start(now));
  now += 1s;
  process.ended(now);
  EXPECT_EQ(process.restart_at(), now) << "a life of a second clears the record";
}

TEST(RoleProcessTest, ItsEndIsCertainAndItsLinkClosed) {
  auto process = harmless();
  EXPECT_FALSE(process.running());
  ASSERT_TRUE(process.start(kStart));
  EXPECT_TRUE(process.running());
  auto pid = process.pid();
  ASSERT_GT(pid, 0);
  process.ended(kStart);
  EXPECT_FALSE(process.running());
  EXPECT_EQ(process.pid(), -1);
  EXPECT_EQ(::kill(pid, 0), -1);
  EXPECT_EQ(errno, ESRCH);
  process.ended(kStart);  // nothing to end, nobody to kill
}

TEST(RoleProcessTest, AStartThatFailsIsTriedAgainASecondLater) {
  auto process = harmless();
  rlimit old{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &old), 0);
  rlimit none{0, old.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
  auto started = process.start(kStart);
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &old), 0);
  EXPECT_EQ(started.error().message, "cannot make a socket pair: Too many open files");
  EXPECT_FALSE(process.running());
  EXPECT_EQ(process.restart_at(), kStart + 1s);
}

}  // namespace
}  // namespace nigh::server
