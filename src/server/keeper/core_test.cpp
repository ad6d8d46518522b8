// SPDX-License-Identifier: Apache-2.0
#include "server/keeper/core.hpp"

#include <gtest/gtest.h>

#include <functional>

#include "server/keeper/core_for_test.hpp"
#include "server/link/link.hpp"
#include "ssh/fido_key_for_test.hpp"
#include "ssh/random.hpp"
#include "wire/message.hpp"

namespace nigh::server {
namespace {

using namespace for_test;

TEST(KeeperCoreTest, ARightSignatureOfAListedKeyGetsTheWorkersGrant) {
  World world;
  auto id = world.accept("192.0.2.7");
  EXPECT_EQ(world.actions.last_to_front<Accepted>()->source, "192.0.2.7");
  EXPECT_EQ(world.actions.fronts.back().descriptors.size(), 1u);
  world.core.from_front(0, signed_by(world.key, id), world.now);

  const auto* question = world.actions.last_to_worker<LookUpKey>();
  ASSERT_NE(question, nullptr);
  EXPECT_EQ(question->user, "alice");
  EXPECT_EQ(question->key, world.key.public_key().blob);
  EXPECT_EQ(question->source, "192.0.2.7");
  EXPECT_EQ(world.actions.last_to_front<Verdict>(), nullptr)
      << "nobody is let in before the answer";

  auto answer = world.found("sixteen bytes ok");
  answer.expires = 1'900'000'000;
  world.core.from_worker(answer, world.now);
  const auto* verdict = world.actions.last_to_front<Verdict>();
  ASSERT_NE(verdict, nullptr);
  EXPECT_TRUE(verdict->accepted);
  EXPECT_EQ(verdict->connection, id);
  EXPECT_EQ(verdict->request, 7u);
  EXPECT_EQ(verdict->grant, "sixteen bytes ok");
  EXPECT_EQ(verdict->user, "alice");
  EXPECT_EQ(verdict->fingerprint, "SHA256:x");
  EXPECT_EQ(verdict->expires, 1'900'000'000);
  EXPECT_EQ(world.core.unauthenticated(), 0u);
}

// Whatever is wrong with a proof: a refusal that tells nothing, and the worker's grant goes back.
TEST(KeeperCoreTest, AWrongProofIsRefusedAndItsGrantReleased) {
  using Alter = std::function<void(World&, Authenticate&)>;
  const std::vector<std::pair<const char*, Alter>> table = {
      {"an altered signature", [](World&, Authenticate& m) { m.signature.back() ^= 1; }},
      {"a truncated signature", [](World&, Authenticate& m) { m.signature.pop_back(); }},
      {"no signature", [](World&, Authenticate& m) { m.signature.clear(); }},
      {"a signature for another connection or user",
       [](World&, Authenticate& m) { m.exporter = exporter_of(99); }},
      {"a signature for another purpose",
       [](World& w, Authenticate& m) { m = signed_by(w.key, m.connection, "git"); }},
      {"an exporter value that is too short",
       [](World&, Authenticate& m) { m.exporter.pop_back(); }},
      {"an exporter value that is too long", [](World&, Authenticate& m) { m.exporter += 'x'; }},
      {"no exporter value", [](World&, Authenticate& m) { m.exporter.clear(); }},
      {"another hash than was signed", [](World&, Authenticate& m) { m.hash = "sha256"; }},
      {"an unknown hash", [](World&, Authenticate& m) { m.hash = "md5"; }},
      {"somebody else's key",
       [](World&, Authenticate& m) {
         m.key = unwrap(ssh::PrivateKey::generate_ed25519()).public_key().blob;
       }},
      {"a key that is none", [](World&, Authenticate& m) { m.key = "key"; }},
  };
  for (const auto& [what, alter] : table) {
    World world;
    auto id = world.accept();
    auto message = signed_by(world.key, id);
    alter(world, message);
    world.core.from_front(0, std::move(message), world.now);
    world.core.from_worker(world.found("lost"), world.now);
    const auto* verdict = world.actions.last_to_front<Verdict>();
    ASSERT_NE(verdict, nullptr) << what;
    EXPECT_FALSE(verdict->accepted) << what;
    EXPECT_EQ(verdict->grant + verdict->user + verdict->fingerprint, "") << what;
    const auto* release = world.actions.last_to_worker<ReleaseGrant>();
    ASSERT_NE(release, nullptr) << what;
    EXPECT_EQ(release->grant, "lost");
    EXPECT_EQ(world.core.unauthenticated(), 1u);
  }
}

TEST(KeeperCoreTest, AKeyThatTheWorkerDoesNotListIsRefusedDespiteItsSignature) {
  World world;
  auto id = world.accept();
  world.core.from_front(0, signed_by(world.key, id), world.now);
  auto answer = world.not_found();
  answer.grant = "never given";
  world.core.from_worker(answer, world.now);
  EXPECT_FALSE(world.actions.last_to_front<Verdict>()->accepted);
  EXPECT_EQ(world.actions.last_to_front<Verdict>()->grant, "");
}

TEST(KeeperCoreTest, ARefusedClientMayTryItsNextKey) {
  World world;
  auto id = world.accept();
  world.core.from_front(0, signed_by(world.key, id), world.now);
  world.core.from_worker(world.not_found(), world.now);
  world.core.from_front(0, signed_by(world.key, id), world.now);
  world.core.from_worker(world.found(), world.now);
  EXPECT_TRUE(world.actions.last_to_front<Verdict>()->accepted);
}

TEST(KeeperCoreTest, ATokenIsLookedUpByItsHashAndTheWorkersWordCounts) {
  World world;
  auto id = world.accept();
  world.core.from_front(0, AuthenticateToken{id, 3, Secret("alice.secret")}, world.now);
  const auto* question = world.actions.last_to_worker<LookUpToken>();
  ASSERT_NE(question, nullptr);
  EXPECT_EQ(question->hash, ssh::sha256("alice.secret"));
  EXPECT_EQ(question->source, "192.0.2.1");
  world.core.from_worker(world.found(), world.now);
  EXPECT_TRUE(world.actions.last_to_front<Verdict>()->accepted);
  EXPECT_EQ(world.actions.last_to_front<Verdict>()->request, 3u);
}

TEST(KeeperCoreTest, AFidoSignatureNeedsTheTouchAndVerificationThatItsLineAsksFor) {
  using namespace ssh::for_test;
  struct Row {
    std::uint8_t flags;
    bool touch_required, verify_required, accepted;
  };
  for (auto [flags, touch, verify, accepted] :
       {Row{kPresent, true, false, true}, Row{0, true, false, false}, Row{0, false, false, true},
        Row{kPresent, true, true, false}, Row{kPresent | kVerified, true, true, true},
        Row{kVerified, true, true, false}}) {
    World world;
    FidoKey fido(unwrap(ssh::PrivateKey::generate_ed25519()));
    auto id = world.accept();
    auto data = unwrap(ssh::sshsig_signed_data("nigh-auth-v1", "sha512", exporter_of(id)));
    world.core.from_front(0, proof(id, fido.public_key, fido.sign(data, flags)), world.now);
    auto answer = world.found();
    answer.touch_required = touch;
    answer.verify_required = verify;
    world.core.from_worker(answer, world.now);
    EXPECT_EQ(world.actions.last_to_front<Verdict>()->accepted, accepted)
        << int{flags} << touch << verify;
  }
}

TEST(KeeperCoreTest, AFrontThatFillsAWholePacketWithAKeyDoesNotBringTheKeeperDown) {
  World world;
  auto id = world.accept();
  Authenticate message{id, 1, "alice", {}, {}, {}, {}};
  auto empty = wire::encode(FromFront(message)).size();
  message.key = std::string(kMaxPacket - empty, 'k');
  world.core.from_front(0, std::move(message), world.now);
  for (const auto& sent : world.actions.worker) EXPECT_LE(wire::encode(sent).size(), kMaxPacket);
}

TEST(KeeperCoreTest, AWorkersAnswerThatFillsAWholePacketIsARefusal) {
  World world;
  auto id = world.accept();
  world.core.from_front(0, signed_by(world.key, id), world.now);
  auto answer = world.found();
  answer.user.clear();
  answer.user = std::string(kMaxPacket - wire::encode(FromWorker(answer)).size(), 'u');
  world.core.from_worker(answer, world.now);
  const auto* verdict = world.actions.last_to_front<Verdict>();
  ASSERT_NE(verdict, nullptr);
  EXPECT_FALSE(verdict->accepted);
}

}  // namespace
}  // namespace nigh::server
