// SPDX-License-Identifier: Apache-2.0
#include "ssh/agent_filter.hpp"

#include <gtest/gtest.h>

#include "ssh/agent.hpp"
#include "ssh/agent_binding.hpp"
#include "ssh/keys_for_test.hpp"
#include "ssh/private_key.hpp"
#include "wire/reader.hpp"

namespace nigh::ssh {
namespace {

using namespace std::string_literals;
using wire::Writer;

std::string frame(const std::string& body) { return Writer().string(body).str(); }

const std::string kFailure = frame("\x05");
const std::string kSuccess = frame("\x06");
const std::string kList = frame("\x0b");
const std::string kKeys = frame("\x0c\0\0\0\0"s);

std::string sign() { return frame(Writer().u8(13).string("key").string("data").u32(4).str()); }

std::string extension(std::string_view name, const std::string& rest = "") {
  return frame(Writer().u8(kAgentExtension).string(name).bytes(rest).str());
}

std::string binding() {
  return extension(kSessionBind,
                   Writer().string("key").string("id").string("signature").u8(0).str());
}

// Whether the agent gets to see it; if not, the program must have been told so.
bool passes(const std::string& request, AgentFilter filter = AgentFilter()) {
  EXPECT_TRUE(filter.from_program(request));
  auto seen = filter.to_agent();
  EXPECT_EQ(filter.to_program(), seen.empty() ? kFailure : "");
  EXPECT_TRUE(seen.empty() || seen == request);
  EXPECT_EQ(filter.waits_for_agent(), !seen.empty());
  return !seen.empty();
}

AgentFilter bound(const std::string& answer = kSuccess) {
  AgentFilter filter(binding());
  EXPECT_EQ(filter.to_agent(), binding());
  EXPECT_TRUE(filter.waits_for_agent());
  EXPECT_TRUE(filter.from_agent(answer));
  EXPECT_EQ(filter.to_program(), "");
  EXPECT_FALSE(filter.waits_for_agent());
  return filter;
}

TEST(AgentFilterTest, KeysAreListedAndUsed) {
  EXPECT_TRUE(passes(kList));
  EXPECT_TRUE(passes(sign()));
  EXPECT_TRUE(passes(extension("query")));
}

TEST(AgentFilterTest, NothingElsePasses) {
  for (int type = 0; type < 256; ++type) {
    if (type == 11 || type == 13 || type == kAgentExtension) continue;
    EXPECT_FALSE(passes(frame(Writer().u8(static_cast<std::uint8_t>(type)).str()))) << type;
    auto with_more =
        Writer().u8(static_cast<std::uint8_t>(type)).string("key").string("data").u32(0);
    EXPECT_FALSE(passes(frame(std::move(with_more).str()))) << type;
  }
  EXPECT_FALSE(passes(extension("restrict-destination-v00@openssh.com")));
  EXPECT_FALSE(passes(extension("")));
  EXPECT_FALSE(passes(frame("\x1b")));
}

TEST(AgentFilterTest, WhatIsNotWholeOrHasMoreBehindItDoesNotPass) {
  EXPECT_FALSE(passes(frame("\x0b\0"s)));
  auto good = sign().substr(kAgentHeader);
  EXPECT_FALSE(passes(frame(good.substr(0, good.size() - 1))));
  EXPECT_FALSE(passes(frame(good + "x")));
  EXPECT_FALSE(passes(extension("query", "x")));
  EXPECT_FALSE(passes(extension(kSessionBind, "x"), bound()));
}

TEST(AgentFilterTest, ABindingPassesOnlyBehindOurOwn) {
  EXPECT_TRUE(bound().bound());
  EXPECT_TRUE(passes(binding(), bound()));
  EXPECT_FALSE(passes(binding()));
  EXPECT_FALSE(bound(kFailure).bound());
  EXPECT_FALSE(passes(binding(), bound(kFailure)));
  EXPECT_TRUE(passes(kList, bound(kFailure)));
}

TEST(AgentFilterTest, RequestsWaitForEachOther) {
  AgentFilter filter;
  ASSERT_TRUE(filter.from_program(kList + frame("\x13") + sign()));
  EXPECT_EQ(filter.to_agent(), kList);
  EXPECT_EQ(filter.to_program(), "");
  ASSERT_TRUE(filter.from_agent(kKeys));
  EXPECT_EQ(filter.to_program(), kKeys + kFailure);
  EXPECT_EQ(filter.to_agent(), sign());
  EXPECT_TRUE(filter.waits_for_agent());
}

TEST(AgentFilterTest, BytesMayComeOneByOne) {
  AgentFilter filter;
  std::string seen;
  for (char byte : kFailure + sign()) {
    ASSERT_TRUE(filter.from_program(std::string_view(&byte, 1)));
    seen += filter.to_agent();
  }
  EXPECT_EQ(seen, sign());
  EXPECT_EQ(filter.to_program(), kFailure);
  for (char byte : kKeys) ASSERT_TRUE(filter.from_agent(std::string_view(&byte, 1)));
  EXPECT_EQ(filter.to_program(), kKeys);
}

TEST(AgentFilterTest, SizesAreBounded) {
  AgentFilter filter;
  EXPECT_EQ(filter.from_program("\0\4\0\1"s).error().code, Errc::too_large);
  EXPECT_EQ(AgentFilter().from_program("\0\0\0\0"s).error().code, Errc::malformed);
  filter = AgentFilter();
  ASSERT_TRUE(filter.from_program(sign()));
  std::string much(2 * kMaxAgentMessage, 'x');
  ASSERT_TRUE(filter.from_program(much));
  EXPECT_EQ(filter.from_program(much).error().code, Errc::too_large);
  EXPECT_EQ(filter.from_agent("\xff\xff\xff\xff").error().code, Errc::too_large);
}

TEST(AgentFilterTest, AnAgentSpeaksOnlyWhenItIsAsked) {
  EXPECT_EQ(AgentFilter().from_agent(kKeys).error().code, Errc::malformed);
  AgentFilter filter;
  ASSERT_TRUE(filter.from_program(kList));
  EXPECT_EQ(filter.from_agent(kKeys + kKeys).error().code, Errc::malformed);
}

TEST(AgentBindingTest, IsOfOneHostKeyAlone) {
  auto key = unwrap(PrivateKey::generate_ed25519());
  auto made = unwrap(make_agent_binding(key));
  auto whose = fingerprint(key.public_key());
  EXPECT_TRUE(check_agent_binding(made, whose));
  EXPECT_GT(made.session.size(), 64u);
  EXPECT_LE(made.session.size(), 128u);
  EXPECT_NE(made.session, unwrap(make_agent_binding(key)).session);

  auto other = unwrap(PrivateKey::generate_ed25519());
  EXPECT_EQ(check_agent_binding(made, fingerprint(other.public_key())).error().code, Errc::refused);
  auto wrong = made;
  wrong.session.back() ^= 1;
  EXPECT_EQ(check_agent_binding(wrong, whose).error().code, Errc::refused);
  wrong = made;
  wrong.session = "of another kind";
  wrong.signature = unwrap(key.sign(wrong.session));
  EXPECT_EQ(check_agent_binding(wrong, whose).error().code, Errc::refused);
  wrong.key = "none";
  EXPECT_FALSE(check_agent_binding(wrong, whose));
}

TEST(AgentBindingTest, TheRequestIsAWholeFrame) {
  auto made = AgentBinding{"key", "id", "signature"};
  EXPECT_EQ(
      session_bind_request(made),
      extension(kSessionBind, Writer().string("key").string("id").string("signature").u8(1).str()));
}

}  // namespace
}  // namespace nigh::ssh
