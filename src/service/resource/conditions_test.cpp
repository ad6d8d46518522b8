// SPDX-License-Identifier: Apache-2.0
#include "service/resource/conditions.hpp"

#include <gtest/gtest.h>

namespace nigh::resource {
namespace {

constexpr const char* kBefore = "Sun, 06 Nov 1994 08:49:36 GMT";
constexpr const char* kThen = "Sun, 06 Nov 1994 08:49:37 GMT";
constexpr const char* kAfter = "Sun, 06 Nov 1994 08:49:38 GMT";
const Validators kFile{true, "\"a\"", 784111777};
const Validators kDirectory{true, "", 784111777};
const Validators kNothing{};

enum class Outcome { perform, not_modified, failed, malformed };
std::ostream& operator<<(std::ostream& out, Outcome outcome) {
  return out << static_cast<int>(outcome);
}

Outcome outcome(const Conditions& conditions, const Validators& now, bool reads) {
  auto verdict = evaluate(conditions, now, reads);
  if (!verdict) return Outcome::malformed;
  return static_cast<Outcome>(*verdict);
}
using enum Outcome;

struct Row {
  const char* field;
  Outcome file;       // with the file that has the tag "a"
  Outcome nothing;    // where nothing is
  Outcome directory;  // which has no tag
};

TEST(ConditionsTest, IfMatchComparesStrongly) {
  const Row table[] = {
      {"*", perform, failed, perform},
      {"\"a\"", perform, failed, failed},
      {"\"b\"", failed, failed, failed},
      {"\"b\", \"a\"", perform, failed, failed},
      {"\"b\",,\"a\" ,", perform, failed, failed},
      {"W/\"a\"", failed, failed, failed},
      {"W/\"a\", \"a\"", perform, failed, failed},
      {"\"a,b\"", failed, failed, failed},
      {"\"\"", failed, failed, failed},
      {"", malformed, malformed, malformed},
      {",", malformed, malformed, malformed},
      {"a", malformed, malformed, malformed},
      {"\"a", malformed, malformed, malformed},
      {"\"a\" \"b\"", malformed, malformed, malformed},
      {"\"a\"x", malformed, malformed, malformed},
      {"*, \"a\"", malformed, malformed, malformed},
      {"w/\"a\"", malformed, malformed, malformed},
  };
  for (const auto& row : table)
    for (bool reads : {false, true}) {
      Conditions conditions{.if_match = row.field};
      EXPECT_EQ(outcome(conditions, kFile, reads), row.file) << row.field;
      EXPECT_EQ(outcome(conditions, kNothing, reads), row.nothing) << row.field;
      EXPECT_EQ(outcome(conditions, kDirectory, reads), row.directory) << row.field;
    }
}

TEST(ConditionsTest, IfNoneMatchComparesWeakly) {
  const Row table[] = {
      {"*", not_modified, perform, not_modified},         {"\"a\"", not_modified, perform, perform},
      {"W/\"a\"", not_modified, perform, perform},        {"\"b\"", perform, perform, perform},
      {"\"b\", W/\"a\"", not_modified, perform, perform}, {"a", malformed, malformed, malformed},
  };
  for (const auto& row : table) {
    Conditions conditions{.if_none_match = row.field};
    EXPECT_EQ(outcome(conditions, kFile, true), row.file) << row.field;
    EXPECT_EQ(outcome(conditions, kNothing, true), row.nothing) << row.field;
    EXPECT_EQ(outcome(conditions, kDirectory, true), row.directory) << row.field;
    auto changing = row.file == not_modified ? failed : row.file;
    EXPECT_EQ(outcome(conditions, kFile, false), changing) << row.field;
  }
}

TEST(ConditionsTest, DatesAreWholeSeconds) {
  struct {
    const char* date;
    Outcome modified_since;    // of a GET
    Outcome unmodified_since;  // of any method
  } const table[] = {
      {kBefore, perform, failed},
      {kThen, not_modified, perform},
      {kAfter, not_modified, perform},
      {"yesterday", perform, perform},
  };
  for (const auto& row : table) {
    EXPECT_EQ(outcome({.if_modified_since = row.date}, kFile, true), row.modified_since);
    EXPECT_EQ(outcome({.if_modified_since = row.date}, kFile, false), perform)
        << "only reading can be spared";
    EXPECT_EQ(outcome({.if_modified_since = row.date}, kNothing, true), perform);
    for (bool reads : {false, true})
      EXPECT_EQ(outcome({.if_unmodified_since = row.date}, kFile, reads), row.unmodified_since);
    EXPECT_EQ(outcome({.if_unmodified_since = row.date}, kNothing, false), perform)
        << "what is not there has no date to compare";
  }
}

TEST(ConditionsTest, ATagOutweighsADate) {
  EXPECT_EQ(outcome({.if_match = "\"a\"", .if_unmodified_since = kBefore}, kFile, true), perform);
  EXPECT_EQ(outcome({.if_match = "\"b\"", .if_unmodified_since = kAfter}, kFile, true), failed);
  EXPECT_EQ(outcome({.if_none_match = "\"b\"", .if_modified_since = kAfter}, kFile, true), perform);
  EXPECT_EQ(outcome({.if_none_match = "\"a\"", .if_modified_since = kBefore}, kFile, true),
            not_modified);
}

TEST(ConditionsTest, BothHalvesHaveToHold) {
  EXPECT_EQ(outcome({.if_match = "\"b\"", .if_none_match = "\"a\""}, kFile, true), failed);
  EXPECT_EQ(outcome({.if_match = "\"a\"", .if_none_match = "\"a\""}, kFile, true), not_modified);
  EXPECT_EQ(outcome({.if_none_match = "\"a\"", .if_unmodified_since = kBefore}, kFile, true),
            failed);
  EXPECT_EQ(outcome({.if_modified_since = kThen, .if_unmodified_since = kThen}, kFile, true),
            not_modified);
  EXPECT_EQ(outcome({}, kFile, true), perform);
  EXPECT_EQ(outcome({}, kNothing, false), perform);
}

TEST(IfRangeTest, OnlyTheVeryVersionMayBeContinued) {
  EXPECT_TRUE(allows_range("\"a\"", kFile));
  EXPECT_TRUE(allows_range(kThen, kFile));
  for (const char* field : {"\"b\"", "W/\"a\"", kBefore, kAfter, "", "*", "a"})
    EXPECT_FALSE(allows_range(field, kFile)) << field;
  EXPECT_FALSE(allows_range("\"\"", kDirectory));
  EXPECT_FALSE(allows_range(kThen, kNothing));
}

}  // namespace
}  // namespace nigh::resource
