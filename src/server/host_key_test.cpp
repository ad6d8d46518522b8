// SPDX-License-Identifier: Apache-2.0
#include "server/host_key.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "base/folder_for_test.hpp"

namespace nigh::server {
namespace {

using nigh::for_test::Folder;
using nigh::for_test::mode_of;

std::string key_text() {
  return std::string(unwrap(ssh::PrivateKey::generate_ed25519()).to_openssh_text("x").expose());
}

struct Machine {
  Result<HostKey> load(const std::string& named = "") {
    return load_host_key(named, folder / "state", folder / "etc");
  }
  std::string machine_key(const std::string& type, mode_t mode = 0600) {
    ::mkdir((folder / "etc").c_str(), 0755);
    return folder.write("etc/ssh_host_" + type + "_key", key_text(), mode);
  }
  Folder folder;
};

TEST(HostKeyTest, OneOfOurOwnIsMadeAtFirstUseAndThenKept) {
  Machine machine;
  auto first = machine.load();
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_EQ(first->file, machine.folder / "state/host_key");
  EXPECT_EQ(mode_of(machine.folder / "state"), 0700u);
  EXPECT_EQ(mode_of(first->file), 0600u);
  EXPECT_EQ(first->key.public_key().type, "ssh-ed25519");
  EXPECT_EQ(machine.load()->key.public_key(), first->key.public_key());
  Machine other;
  EXPECT_NE(other.load()->key.public_key(), first->key.public_key());
}

TEST(HostKeyTest, TheMachinesKeyComesBeforeOurOwnAndEd25519BeforeOthers) {
  Machine machine;
  ASSERT_TRUE(machine.load());
  auto rsa = machine.machine_key("rsa");
  EXPECT_EQ(machine.load()->file, rsa);
  auto ed25519 = machine.machine_key("ed25519");
  EXPECT_EQ(machine.load()->file, ed25519);
}

TEST(HostKeyTest, ANamedFileIsTheOneAndIsNeverMade) {
  Machine machine;
  machine.machine_key("ed25519");
  auto named = machine.folder.write("mine", key_text());
  EXPECT_EQ(machine.load(named)->file, named);
  auto missing = machine.folder / "none";
  EXPECT_EQ(machine.load(missing).error().message,
            "cannot read " + missing + ": No such file or directory");
  EXPECT_EQ(mode_of(missing), 0u);
}

TEST(HostKeyTest, AKeyThatOthersCanReadIsRefused) {
  Machine machine;
  auto named = machine.folder.write("mine", key_text(), 0640);
  EXPECT_EQ(machine.load(named).error().code, Errc::refused);
  EXPECT_EQ(machine.load(named).error().message,
            named + " can be read by others: chmod 600 " + named);
  ASSERT_TRUE(machine.load());
  ASSERT_EQ(::chmod((machine.folder / "state/host_key").c_str(), 0644), 0);
  EXPECT_EQ(machine.load().error().code, Errc::refused) << "and not replaced by another";
}

TEST(HostKeyTest, AFileThatIsNoKeyIsNamed) {
  Machine machine;
  auto named = machine.folder.write("mine", "garbage");
  EXPECT_TRUE(machine.load(named).error().message.starts_with("host key " + named + ": "));
  EXPECT_FALSE(machine.load(machine.folder.write("mine", "")));
}

TEST(HostKeyTest, ADirectoryThatOthersMayEnterHoldsNoKeyOfOurs) {
  Machine machine;
  ASSERT_EQ(::mkdir((machine.folder / "state").c_str(), 0755), 0);
  EXPECT_EQ(machine.load().error().code, Errc::refused);
  EXPECT_EQ(mode_of(machine.folder / "state/host_key"), 0u);
}

}  // namespace
}  // namespace nigh::server
