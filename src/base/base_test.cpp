// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <gtest/gtest.h>

#include <cerrno>

#include "base/error.hpp"
#include "base/secret.hpp"
#include "base/text.hpp"
#include "base/unique_fd.hpp"

namespace nigh {
namespace {

TEST(ErrorTest, ErrnoSaysWhatFailedOnWhat) {
  auto error = errno_error("cannot open /x", ENOENT);
  EXPECT_EQ(error.code, Errc::not_found);
  EXPECT_EQ(error.message, "cannot open /x: No such file or directory");
}

TEST(ErrorTest, UnwrapThrowsTheError) {
  EXPECT_EQ(unwrap(Result<int>(3)), 3);
  try {
    unwrap(Result<int>(fail(Errc::timeout, "too late")));
    FAIL();
  } catch (const Failure& f) {
    EXPECT_EQ(f.code(), Errc::timeout);
    EXPECT_STREQ(f.what(), "too late");
  }
}

TEST(UniqueFdTest, ClosesOnceAndMoves) {
  UniqueFd a(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  int raw = a.get();
  UniqueFd b = std::move(a);
  EXPECT_FALSE(a.valid());
  EXPECT_EQ(b.get(), raw);
  b.reset();
  EXPECT_EQ(::fcntl(raw, F_GETFD), -1);
}

TEST(SecretTest, MovingLeavesNothingBehind) {
  std::string source = "short";  // lives inside the string object itself
  Secret a{std::move(source)};
  EXPECT_EQ(std::string(source.data(), 5).find("short"), std::string::npos);
  Secret b{std::move(a)};
  EXPECT_TRUE(a.empty());
  EXPECT_EQ(b.expose(), "short");
}

TEST(TextTest, PrintableKeepsTextAndEscapesWhatSteersATerminal) {
  EXPECT_EQ(printable("grüße €"), "grüße €");
  EXPECT_EQ(printable("a\x1b[2Jb\n"), "a\\x1b[2Jb\\x0a");
  EXPECT_EQ(printable("\xC2\x9B"
                      "31m"),
            "\\xc2\\x9b31m");  // C1 CSI
  EXPECT_EQ(printable("\xFF\xC0\xAF\xED\xA0\x80"), "\\xff\\xc0\\xaf\\xed\\xa0\\x80");
}

TEST(TextTest, TrimLowerSplit) {
  EXPECT_EQ(trim(" \t a b \t"), "a b");
  EXPECT_EQ(lower("ABZ-é"), "abz-é");
  EXPECT_EQ(split("a,,b", ',').size(), 3u);
}

}  // namespace
}  // namespace nigh
