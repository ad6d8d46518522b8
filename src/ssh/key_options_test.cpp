// SPDX-License-Identifier: Apache-2.0
#include "ssh/key_options.hpp"

#include <gtest/gtest.h>

#include "ssh/keys_for_test.hpp"
#include "wire/message.hpp"

namespace nigh::ssh {
namespace {

TEST(KeyOptionsTest, WithoutOptionsEverythingIsAllowed) {
  auto options = unwrap(parse_key_options(""));
  EXPECT_TRUE(options.pty && options.port_forwarding && options.agent_forwarding &&
              options.x11_forwarding && options.user_rc);
  EXPECT_FALSE(options.restricted || options.cert_authority || options.no_touch_required ||
               options.verify_required);
  EXPECT_FALSE(options.command || options.from || options.expiry || options.principals);
}

TEST(KeyOptionsTest, RestrictTakesEverythingAndSingleOptionsGiveItBack) {
  auto options = unwrap(parse_key_options("restrict,pty,X11-Forwarding"));
  EXPECT_TRUE(options.restricted && options.pty && options.x11_forwarding);
  EXPECT_FALSE(options.port_forwarding || options.agent_forwarding || options.user_rc);
  // In order, as sshd does: what stands before `restrict` is gone.
  EXPECT_FALSE(unwrap(parse_key_options("pty,restrict")).pty);
}

TEST(KeyOptionsTest, EachFlagSwitchesItsOwn) {
  auto options = unwrap(parse_key_options("no-pty,no-agent-forwarding,NO-PORT-FORWARDING"));
  EXPECT_FALSE(options.pty || options.agent_forwarding || options.port_forwarding);
  EXPECT_TRUE(options.x11_forwarding && options.user_rc);
  EXPECT_FALSE(options.restricted);
  options =
      unwrap(parse_key_options("no-x11-forwarding,no-user-rc,no-touch-required,"
                               "verify-required,cert-authority"));
  EXPECT_FALSE(options.x11_forwarding || options.user_rc);
  EXPECT_TRUE(options.no_touch_required && options.verify_required && options.cert_authority);
}

TEST(KeyOptionsTest, ValuesAreTakenOutOfTheirQuotes) {
  auto options = unwrap(parse_key_options(
      R"(command="echo \"a, b\" \n # c",from="10.0.0.0/8,!10.1.2.3",environment="A=1 2",)"
      R"(environment="B_2=",expiry-time="20240229Z",principals="a,b",tunnel="0")"));
  EXPECT_EQ(options.command, R"(echo "a, b" \n # c)");
  EXPECT_TRUE(options.restricted);
  EXPECT_EQ(options.from, "10.0.0.0/8,!10.1.2.3");
  EXPECT_EQ(options.environment, (std::vector<std::string>{"A=1 2", "B_2="}));
  EXPECT_EQ(options.expiry, 1709164800u);
  EXPECT_EQ(options.principals, "a,b");
  EXPECT_EQ(options.tunnel, "0");
}

TEST(KeyOptionsTest, TheEarliestExpiryCounts) {
  EXPECT_EQ(unwrap(parse_key_options(R"(expiry-time="20240229Z",expiry-time="20250101Z")")).expiry,
            1709164800u);
}

TEST(KeyOptionsTest, ForwardingIsLimitedToWhatIsListed) {
  auto options = unwrap(parse_key_options(
      R"(permitopen="db:5432",permitopen="[::1]:*",permitlisten="8080",permitlisten="*.x:1")"));
  EXPECT_EQ(options.permit_open, (std::vector<std::string>{"db:5432", "[::1]:*"}));
  EXPECT_EQ(options.permit_listen, (std::vector<std::string>{"*:8080", "*.x:1"}));
}

TEST(KeyOptionsTest, AnUnknownOptionIsAnError) {
  for (std::string_view text :
       {"permitexec", "no-restrict", "no-cert-authority", "x=\"1\"", "pt", "ptyx", "no-", "command",
        "pty=\"yes\"", "restrict ", " pty", "pty,,pty", "pty;pty"}) {
    auto options = parse_key_options(text);
    ASSERT_FALSE(options) << text;
    EXPECT_EQ(options.error().code, Errc::unsupported) << text;
  }
}

TEST(KeyOptionsTest, DamagedOptionsAreAnError) {
  for (std::string_view text : {"pty,",
                                R"(command="x)",
                                R"(command=x)",
                                R"(command="x"y)",
                                R"(command="a",command="a")",
                                R"(from="a",from="b")",
                                R"(environment="A")",
                                R"(environment="=1")",
                                R"(environment="A-B=1")",
                                R"(expiry-time="soon")",
                                R"(permitopen="5432")",
                                R"(permitopen="db:0")",
                                R"(permitopen="db:65536")",
                                R"(permitopen=":1")",
                                R"(permitopen="::1:80")",
                                R"(permitopen="[::1:80")",
                                R"(permitopen="[]:80")",
                                R"(permitlisten="x")",
                                R"(tunnel="x")",
                                R"(tunnel="")"}) {
    auto options = parse_key_options(text);
    ASSERT_FALSE(options) << text;
    EXPECT_EQ(options.error().code, Errc::malformed) << text;
  }
  EXPECT_FALSE(parse_key_options(std::string_view("command=\"a\0b\"", 13)));
}

TEST(KeyOptionsTest, OptionsEndAtABlankOutsideQuotes) {
  EXPECT_EQ(options_length(R"(pty ssh-ed25519 AAAA)"), 3u);
  EXPECT_EQ(options_length("command=\"a b\\\" c\",pty\tkey"), 21u);
  EXPECT_EQ(options_length(R"(command="never closed)"), 21u);
}

TEST(KeyOptionsTest, ACertificateOnlyTakesAway) {
  auto certificate = unwrap(parse_certificate(test_key(kRestrictedCertificate).blob));
  auto merged = unwrap(merge_certificate(unwrap(parse_key_options("cert-authority")), certificate));
  EXPECT_TRUE(merged.pty && merged.restricted);
  EXPECT_FALSE(merged.port_forwarding || merged.agent_forwarding || merged.x11_forwarding ||
               merged.user_rc);
  EXPECT_EQ(merged.command, "uptime");
  EXPECT_EQ(merged.source_address, "10.0.0.0/8");

  merged = unwrap(merge_certificate(unwrap(parse_key_options("no-pty")), certificate));
  EXPECT_FALSE(merged.pty);
}

TEST(KeyOptionsTest, TwoForcedCommandsMustBeTheSame) {
  auto certificate = unwrap(parse_certificate(test_key(kRestrictedCertificate).blob));
  auto same = unwrap(parse_key_options(R"(command="uptime")"));
  auto other = unwrap(parse_key_options(R"(command="date")"));
  EXPECT_EQ(unwrap(merge_certificate(same, certificate)).command, "uptime");
  EXPECT_EQ(merge_certificate(other, certificate).error().code, Errc::refused);
}

TEST(KeyOptionsTest, WhenAndWhereFromAreChecked) {
  auto allowed = [](std::string_view text, std::string_view source, std::int64_t now) {
    return check_key_options(unwrap(parse_key_options(text)), source, now).has_value();
  };
  EXPECT_TRUE(allowed("", "192.0.2.1", 0));
  EXPECT_TRUE(allowed(R"(expiry-time="20240229Z")", "192.0.2.1", 1709164800));
  EXPECT_FALSE(allowed(R"(expiry-time="20240229Z")", "192.0.2.1", 1709164801));
  EXPECT_FALSE(allowed(R"(expiry-time="20240229Z")", "192.0.2.1", -1));
  EXPECT_TRUE(allowed(R"(from="192.0.2.0/24")", "192.0.2.1", 0));
  EXPECT_FALSE(allowed(R"(from="192.0.2.0/24,!192.0.2.1")", "192.0.2.1", 0));
  EXPECT_FALSE(allowed(R"(from="!192.0.2.2")", "192.0.2.1", 0));
  EXPECT_FALSE(allowed(R"(from="")", "192.0.2.1", 0));
  EXPECT_FALSE(allowed(R"(from="192.0.2.0/33,*")", "192.0.2.1", 0));
  EXPECT_FALSE(allowed(R"(from="*")", "not an address", 0));
  EXPECT_FALSE(allowed(R"(principals="a")", "192.0.2.1", 0));
}

TEST(KeyOptionsTest, TravelBetweenProcesses) {
  auto options = unwrap(parse_key_options(
      R"(restrict,command="a",from="b",environment="A=1",expiry-time="20240229Z",tunnel="any")"));
  auto bytes = wire::encode(std::variant<KeyOptions>(options));
  auto copy = std::get<0>(unwrap(wire::decode<std::variant<KeyOptions>>(bytes)));
  EXPECT_EQ(copy.command, "a");
  EXPECT_EQ(copy.expiry, 1709164800u);
  EXPECT_EQ(wire::encode(std::variant<KeyOptions>(copy)), bytes);
}

}  // namespace
}  // namespace nigh::ssh
