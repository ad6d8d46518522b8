// SPDX-License-Identifier: Apache-2.0
#include "client/identities.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <signal.h>
#include <sys/wait.h>

#include "base/spawn.hpp"
#include "base/unique_fd.hpp"
#include "client/test_folder.hpp"
#include "io/test_support.hpp"
#include "ssh/ssh_keygen_for_test.hpp"
#include "ssh/sshsig.hpp"

namespace nigh::client {
namespace {

using ssh::for_test::must_run;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// What came out of a queue of identities, each signature checked.
struct Offered {
  std::vector<std::string> keys;  // the file name of each key, "-cert" for its certificate
  std::vector<std::string> notes;
};

class AnIdentityQueue : public testing::Test {
 protected:
  // A key of ssh-keygen's; its public key is remembered under `name`.
  std::string key(const std::string& name, const std::string& passphrase = "") {
    auto path = folder_ / name;
    must_run(ssh::for_test::keygen({"ed25519", ""}, path, passphrase));
    names_.push_back({ssh::for_test::load_public_key(path + ".pub"), name});
    return path;
  }
  void certify(const std::string& name) {
    auto ca = key("ca-of-" + name);
    must_run({"ssh-keygen", "-q", "-s", ca, "-I", "id", "-n", "ada", folder_ / (name + ".pub")});
    names_.push_back(
        {ssh::for_test::load_public_key(folder_ / (name + "-cert.pub")), name + "-cert"});
  }

  Offered offered(IdentitySources sources) {
    Offered out;
    auto error = io::run_to_error(take_all(std::move(sources), out));
    EXPECT_FALSE(error) << error->message;
    return out;
  }

  TestFolder folder_;

 private:
  awaitable<void> take_all(IdentitySources sources, Offered& out) {
    Identities identities(std::move(sources));
    while (auto offer = co_await identities.next()) {
      auto sshsig = unwrap(ssh::parse_sshsig(co_await offer->sign("the message")));
      EXPECT_TRUE(ssh::verify_sshsig(sshsig, "nigh-auth-v1", "the message"));
      EXPECT_EQ(sshsig.key, offer->key);
      out.keys.push_back(name_of(sshsig.key));
    }
    out.notes = identities.notes();
  }
  std::string name_of(const ssh::PublicKey& wanted) {
    for (const auto& [public_key, name] : names_)
      if (public_key == wanted) return name;
    return "unknown";
  }
  std::vector<std::pair<ssh::PublicKey, std::string>> names_;
};

// An ssh-agent of the test's own.
class Agent {
 public:
  explicit Agent(const TestFolder& folder) : socket_(folder / "agent") {
    int output[2];
    EXPECT_EQ(pipe2(output, O_CLOEXEC), 0);
    UniqueFd reader(output[0]), writer(output[1]);
    SpawnSpec spec;
    spec.program = unwrap(find_program("ssh-agent", "/usr/bin:/bin"));
    spec.argv = {"ssh-agent", "-D", "-a", socket_};
    spec.descriptors = {0, writer.get(), 2};
    pid_ = unwrap(spawn(spec));
    char first = 0;  // it says where it listens once it does
    EXPECT_EQ(read(reader.get(), &first, 1), 1);
  }
  ~Agent() {
    kill(pid_, SIGTERM);
    waitpid(pid_, nullptr, 0);
  }
  Agent(const Agent&) = delete;
  Agent& operator=(const Agent&) = delete;

  void add(const std::string& key) {
    must_run({"env", "SSH_AUTH_SOCK=" + socket_, "ssh-add", "-q", key});
  }
  const std::string& socket() const { return socket_; }

 private:
  std::string socket_;
  pid_t pid_ = -1;
};

TEST_F(AnIdentityQueue, OffersFilesInOrderAndNoKeyTwice) {
  auto a = key("a"), b = key("b");
  auto out = offered({.files = {b, a, b}, .default_files = {a, folder_ / "none"}});
  EXPECT_THAT(out.keys, ElementsAre("b", "a"));
  EXPECT_THAT(out.notes, IsEmpty());
}

TEST_F(AnIdentityQueue, OffersACertificateBeforeItsKey) {
  auto a = key("a");
  certify("a");
  EXPECT_THAT(offered({.files = {a}}).keys, ElementsAre("a-cert", "a"));
}

TEST_F(AnIdentityQueue, SaysWhichConfiguredKeyIsNotThere) {
  auto out = offered({.files = {folder_ / "none"}});
  EXPECT_THAT(out.keys, IsEmpty());
  EXPECT_THAT(out.notes, ElementsAre(HasSubstr("there is no key")));
}

TEST_F(AnIdentityQueue, PassesOverAKeyThatOthersCanRead) {
  auto a = key("a"), b = key("b");
  chmod(a.c_str(), 0644);
  auto out = offered({.files = {a, b}});
  EXPECT_THAT(out.keys, ElementsAre("b"));
  EXPECT_THAT(out.notes, ElementsAre(HasSubstr("chmod 600")));
}

TEST_F(AnIdentityQueue, PassesOverWhatIsNoKey) {
  auto junk = folder_.write("junk", "-----BEGIN OPENSSH PRIVATE KEY-----\nxx\n");
  EXPECT_THAT(offered({.files = {junk}}).notes, ElementsAre(HasSubstr("junk")));
}

TEST_F(AnIdentityQueue, OffersTheAgentsKeysBeforeTheDefaultFiles) {
  Agent agent(folder_);
  auto a = key("a"), b = key("b"), c = key("c");
  agent.add(a);
  EXPECT_THAT(offered({.files = {b}, .agent_socket = agent.socket(), .default_files = {c, a}}).keys,
              ElementsAre("b", "a", "c"));
}

TEST_F(AnIdentityQueue, UsesAnEncryptedKeyThroughTheAgent) {
  Agent agent(folder_);
  auto a = key("a"), b = key("b");
  agent.add(a);
  agent.add(b);
  certify("a");
  // Encrypted only now: the agent has it already.
  must_run({"ssh-keygen", "-q", "-p", "-P", "", "-N", "secret", "-f", a});
  auto out = offered({.files = {a}, .agent_socket = agent.socket(), .offer_agent_keys = false});
  EXPECT_THAT(out.keys, ElementsAre("a-cert", "a"));
  EXPECT_THAT(out.notes, IsEmpty());
}

TEST_F(AnIdentityQueue, UsesAPublicKeyFileForAKeyInTheAgent) {
  Agent agent(folder_);
  auto a = key("a"), b = key("b");
  agent.add(a);
  auto out = offered({.files = {a + ".pub", b + ".pub"},
                      .agent_socket = agent.socket(),
                      .offer_agent_keys = false});
  EXPECT_THAT(out.keys, ElementsAre("a"));
  EXPECT_THAT(out.notes, ElementsAre(HasSubstr("no agent holds")));
}

TEST_F(AnIdentityQueue, DoesWithoutAnAgentThatIsNotThere) {
  auto a = key("a");
  auto out = offered({.agent_socket = folder_ / "none", .default_files = {a}});
  EXPECT_THAT(out.keys, ElementsAre("a"));
  EXPECT_THAT(out.notes, ElementsAre(HasSubstr("cannot reach the ssh-agent")));
}

}  // namespace
}  // namespace nigh::client
