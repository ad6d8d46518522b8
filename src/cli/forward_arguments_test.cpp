// SPDX-License-Identifier: Apache-2.0
#include "cli/forward_arguments.hpp"

#include <gmock/gmock.h>

#include "cli/run_arguments.hpp"
#include "cli/shell_arguments.hpp"

namespace nigh::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string bad(const Arguments& arguments) {
  auto parsed = parse_forward(arguments);
  EXPECT_FALSE(parsed);
  return parsed ? "" : parsed.error().message;
}

TEST(ParseForwardTest, OptionsAndWordsSayWhat) {
  auto parsed =
      parse_forward({"-R", "1:a:1", "web1", "2:b:2", "-D", "3", "4:c:4", "-L", "5:d:5", "--json"});
  ASSERT_TRUE(parsed) << parsed.error().message;
  EXPECT_EQ(parsed->host, "web1");
  EXPECT_TRUE(parsed->json);
  EXPECT_THAT(parsed->forwards.local, ElementsAre("5:d:5", "2:b:2", "4:c:4"));
  EXPECT_THAT(parsed->forwards.remote, ElementsAre("1:a:1"));
  EXPECT_THAT(parsed->forwards.dynamic, ElementsAre("3"));
}

TEST(ParseForwardTest, AHostAndSomethingToDoAreNeeded) {
  EXPECT_THAT(bad({}), HasSubstr("no host"));
  EXPECT_THAT(bad({"web1"}), HasSubstr("nothing to forward"));
  EXPECT_THAT(bad({"-L"}), HasSubstr("-L"));
}

TEST(ParseForwardTest, OtherCommandsHaveTheOptionsToo) {
  auto run = parse_run({"-L", "1:a:1", "-L", "2:b:2", "web1", "--", "true"});
  ASSERT_TRUE(run) << run.error().message;
  EXPECT_THAT(run->forwards.local, ElementsAre("1:a:1", "2:b:2"));
  auto shell = parse_shell({"-R", "1:a:1", "web1", "-D", "1080"});
  ASSERT_TRUE(shell) << shell.error().message;
  EXPECT_THAT(shell->forwards.remote, ElementsAre("1:a:1"));
  EXPECT_THAT(shell->forwards.dynamic, ElementsAre("1080"));
}

TEST(ParseForwardTest, ButNotWithoutSomebodyWhoStays) {
  for (const auto& words : {Arguments{"-L", "1:a:1", "web1", "web2", "--", "true"},
                            {"-D", "1", "--json", "web1", "true"},
                            {"-R", "1:a:1", "--keep", "web1", "true"}})
    EXPECT_FALSE(parse_run(words)) << words[2];
  EXPECT_FALSE(parse_shell({"-D", "1080", "--detached", "web1", "true"}));
}

}  // namespace
}  // namespace nigh::cli
