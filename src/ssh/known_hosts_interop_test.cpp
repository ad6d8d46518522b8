// SPDX-License-Identifier: Apache-2.0
// ssh-keygen -F, -H and -R as judges.
#include <gtest/gtest.h>

#include "base/text.hpp"
#include "ssh/keys_for_test.hpp"
#include "ssh/known_hosts.hpp"
#include "ssh/ssh_keygen_for_test.hpp"

namespace nigh::ssh {
namespace {

using namespace for_test;

std::string sample_file() {
  return "# a comment\n\nweb1,web2.example " + kKeyA + "\n*.example,!bad.example " + kKeyA +
         "\n[web1]:7722 " + kKeyA + " c\n[*.port]:7722 " + kKeyA + "\nUPPER " + kKeyA +
         "\n192.0.2.7 " + kKeyA + "\n[2001:db8::1]:7722 " + kKeyA + "\ndamaged ssh-ed25519 AAAA\n";
}

// Not "damaged": -F does not read the keys of the lines it prints.
const std::vector<std::string> kAsked = {
    "web1",      "web2.example", "x.example",          "bad.example", "[web1]:7722",
    "[web1]:22", "a.port",       "[a.port]:7722",      "upper",       "UPPER",
    "192.0.2.7", "192.0.2.8",    "[2001:db8::1]:7722", "nowhere",     "[WEB1]:7722",
    "example"};

void expect_agreement(const std::string& file) {
  for (const auto& name : kAsked) {
    // ssh folds a name to lower case before it looks it up; ssh-keygen takes it as it comes.
    auto theirs = run({"ssh-keygen", "-F", lower(name), "-f", file});
    auto ours = unwrap(look_up(read_file(file), file, std::vector{name}, test_key(kKeyA)));
    EXPECT_EQ(ours.state == HostKeyState::match, theirs.status == 0) << name << theirs.output;
    if (theirs.status == 0) {
      auto line = "line " + std::to_string(ours.line);
      EXPECT_TRUE(theirs.output.contains(line)) << name << ": " << line << " or\n" << theirs.output;
    }
  }
}

TEST(KnownHostsInteropTest, LookUpsAgreeWithSshKeygen) {
  TempDir dir;
  dir.write("kh", sample_file());
  expect_agreement(dir.file("kh"));
}

TEST(KnownHostsInteropTest, LookUpsAgreeInAFileThatSshKeygenHashed) {
  TempDir dir;
  dir.write("kh", sample_file());
  ASSERT_EQ(run({"ssh-keygen", "-H", "-f", dir.file("kh")}).status, 0);
  auto hashed = read_file(dir.file("kh"));
  ASSERT_TRUE(hashed.contains("|1|"));
  ASSERT_FALSE(hashed.contains("web1"));
  expect_agreement(dir.file("kh"));
}

TEST(KnownHostsInteropTest, SshKeygenFindsAndRemovesTheLinesWeWrite) {
  for (bool hashed : {false, true}) {
    TempDir dir;
    dir.write("kh", unwrap(known_hosts_line("[web1]:7722", test_key(kKeyA), hashed)) +
                        unwrap(known_hosts_line("web9", test_key(kKeyB), hashed)));
    EXPECT_EQ(run({"ssh-keygen", "-F", "[web1]:7722", "-f", dir.file("kh")}).status, 0);
    EXPECT_EQ(run({"ssh-keygen", "-R", "[web1]:7722", "-f", dir.file("kh")}).status, 0);
    auto left = read_file(dir.file("kh"));
    auto state = [&](const std::string& name, const std::string& key) {
      return unwrap(look_up(left, "kh", std::vector{name}, test_key(key))).state;
    };
    EXPECT_EQ(state("[web1]:7722", kKeyA), HostKeyState::unknown) << left;
    EXPECT_EQ(state("web9", kKeyB), HostKeyState::match) << left;
  }
}

}  // namespace
}  // namespace nigh::ssh
