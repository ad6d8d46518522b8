// SPDX-License-Identifier: Apache-2.0
// A real ssh-agent answers.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "base/unique_fd.hpp"
#include "ssh/agent.hpp"
#include "ssh/agent_binding.hpp"
#include "ssh/private_key.hpp"
#include "ssh/signature.hpp"
#include "ssh/ssh_keygen_for_test.hpp"

namespace nigh::ssh {
namespace {

using namespace for_test;

PublicKey make_key(const std::string& path, const std::string& type) {
  must_run(keygen({type, ""}, path));
  return load_public_key(path + ".pub");
}

// `ssh-agent` for the length of a test.
class Agent {
 public:
  Agent() {
    // Not -D: the agent goes to the background when its socket listens, which is the only sign of
    // being ready that it gives.
    auto printed = must_run({"ssh-agent", "-s", "-a", dir_.file("socket")});
    auto at = printed.find("SSH_AGENT_PID=");
    if (at == std::string::npos) bug("the ssh-agent named no process: " + printed);
    process_ = std::stoi(printed.substr(at + 14));
  }
  ~Agent() { kill(process_, SIGTERM); }

  PublicKey add(const std::string& type) {
    auto key = make_key(dir_.file(type), type);
    must_run({"env", "SSH_AUTH_SOCK=" + dir_.file("socket"), "ssh-add", "-q", dir_.file(type)});
    return key;
  }

  std::string ask(const std::string& request) const {
    UniqueFd fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
    dir_.file("socket").copy(address.sun_path, sizeof address.sun_path - 1);
    auto* name = reinterpret_cast<const sockaddr*>(&address);
    expect(connect(fd.get(), name, sizeof address) == 0, "connect to ssh-agent");
    auto sent = send(fd.get(), request.data(), request.size(), MSG_NOSIGNAL);
    expect(sent == static_cast<ssize_t>(request.size()), "send to ssh-agent");
    auto length = unwrap(agent_frame_length(receive(fd, kAgentHeader)));
    return receive(fd, length);
  }

 private:
  static std::string receive(const UniqueFd& fd, std::size_t size) {
    std::string bytes(size, '\0');
    auto got = recv(fd.get(), bytes.data(), size, MSG_WAITALL);
    expect(got == static_cast<ssize_t>(size), "the ssh-agent hung up");
    return bytes;
  }

  TempDir dir_;
  pid_t process_ = -1;
};

TEST(AgentInteropTest, ListsAndSignsWithKeysOfEveryType) {
  Agent agent;
  std::vector<PublicKey> added;
  for (const auto* type : {"ed25519", "ecdsa", "rsa"}) added.push_back(agent.add(type));
  auto listed = unwrap(parse_identities(agent.ask(request_identities())));
  ASSERT_EQ(listed.size(), added.size());
  for (std::size_t i = 0; i < added.size(); ++i) {
    EXPECT_EQ(listed[i].key, added[i]);
    auto reply = agent.ask(unwrap(sign_request(added[i], "some data")));
    auto signature = unwrap(parse_sign_reply(reply));
    auto good = verify(added[i], signature, "some data");
    EXPECT_TRUE(good) << added[i].type << ": " << good.error().message;
    EXPECT_FALSE(verify(added[i], signature, "other data")) << added[i].type;
  }
}

TEST(AgentInteropTest, TakesTheBindingOfAHostKeyOfEveryType) {
  Agent agent;
  TempDir dir;
  for (const auto* type : {"ed25519", "ecdsa", "rsa"}) {
    make_key(dir.file(type), type);
    auto key = unwrap(PrivateKey::parse(read_file(dir.file(type))));
    auto binding = unwrap(make_agent_binding(key));
    EXPECT_EQ(agent.ask(session_bind_request(binding)), "\x06") << type;
    binding.session.back() ^= 1;
    EXPECT_EQ(agent.ask(session_bind_request(binding)), "\x05") << type;
  }
}

TEST(AgentInteropTest, AKeyThatItDoesNotHaveIsRefused) {
  Agent agent;
  TempDir dir;
  auto key = make_key(dir.file("stranger"), "ed25519");
  EXPECT_TRUE(unwrap(parse_identities(agent.ask(request_identities()))).empty());
  auto reply = agent.ask(unwrap(sign_request(key, "some data")));
  EXPECT_EQ(parse_sign_reply(reply).error().code, Errc::refused);
}

}  // namespace
}  // namespace nigh::ssh
