// SPDX-License-Identifier: Apache-2.0
#include "cli/manual.hpp"

#include <gmock/gmock.h>

namespace nigh::cli {
namespace {

using testing::EndsWith;
using testing::HasSubstr;

std::string page(const std::string& body) {
  auto roff = manual_page("# nigh(1): near\n" + body, "1.2");
  EXPECT_TRUE(roff) << roff.error().message;
  return roff.value_or("");
}

std::string refused(const std::string& source) {
  auto roff = manual_page(source, "1.2");
  EXPECT_FALSE(roff);
  return roff ? "" : roff.error().message;
}

TEST(ManualTest, TheTitleBecomesHeaderAndName) {
  EXPECT_EQ(page(""),
            ".TH \"NIGH\" 1 \"\" \"nigh 1.2\" \"nigh\"\n.nh\n.ad l\n.SH \"NAME\"\nnigh \\- near\n");
}

TEST(ManualTest, BlocksBecomeMacros) {
  EXPECT_THAT(page("## FILES\n"), EndsWith(".SH \"FILES\"\n"));
  EXPECT_THAT(page("one\ntwo\n\nthree"), EndsWith(".PP\none two\n.PP\nthree\n"));
  EXPECT_THAT(page("- a\n  b\n- c"), EndsWith(".IP \\(bu 2\na b\n.IP \\(bu 2\nc\n"));
  EXPECT_THAT(page("TERM\n: says\n  more"), EndsWith(".TP\n\\fBTERM\\fR\nsays more\n"));
  EXPECT_THAT(page("```\n[a]\n\n.b\n```"), EndsWith(".nf\n[a]\n\n\\&.b\n.fi\n.RE\n"));
}

TEST(ManualTest, TextCannotBecomeARequest) {
  EXPECT_THAT(page(".so /etc/passwd"), EndsWith("\n\\&.so /etc/passwd\n"));
  EXPECT_THAT(page("a\\b --c"), EndsWith("\na\\(rsb \\-\\-c\n"));
}

TEST(ManualTest, CodeIsBoldAndEmphasisItalic) {
  EXPECT_THAT(page("see `-t *x*` and *this*."),
              EndsWith("\nsee \\fB\\-t *x*\\fR and \\fIthis\\fR.\n"));
  EXPECT_THAT(page("a lone * stays"), EndsWith("\na lone * stays\n"));
}

TEST(ManualTest, DirectivesTakeTheCommandsOwnTable) {
  EXPECT_THAT(page("{{options run}}"), HasSubstr("\\fB\\-\\-env K=V\\fR\nSet a variable"));
  EXPECT_THAT(page("{{exit run}}"), HasSubstr("\\fB128+N\\fR\n"));
  EXPECT_THAT(page("{{synopsis serve}}"), HasSubstr("\\fBnigh\\fR serve [options]\n"));
}

TEST(ManualTest, MistakesAreNamedByLine) {
  EXPECT_THAT(refused("nigh"), HasSubstr("the first line must be"));
  EXPECT_THAT(refused("# n(1): s\n\n{{options walk}}"), HasSubstr("3: no such directive"));
  EXPECT_THAT(refused("# n(1): s\n#### deep"), HasSubstr("2: this line belongs to no block"));
  EXPECT_THAT(refused("# n(1): s\n```\nx"), HasSubstr("a literal block has no end"));
}

}  // namespace
}  // namespace nigh::cli
