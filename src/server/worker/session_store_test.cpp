// SPDX-License-Identifier: Apache-2.0
#include "server/worker/session_store.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <filesystem>

#include "base/folder_for_test.hpp"
#include "ssh/random.hpp"
#include "wire/base64.hpp"

namespace nigh::server {
namespace {

namespace fs = std::filesystem;

struct Store {
  std::string make(const std::string& name = "") {
    SessionFacts facts;
    facts.name = name;
    facts.command = "cat \xff";
    facts.created = 1'750'000'000;
    facts.terminal = true;
    unwrap(store.make(facts));
    return facts.id;
  }
  // As its holder does.
  UniqueFd listen(const std::string& id) {
    UniqueFd socket(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    (store.path(id) + "/socket").copy(address.sun_path, sizeof address.sun_path - 1);
    expect(::bind(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 &&
               ::listen(socket.get(), 4) == 0,
           "no socket");
    return socket;
  }
  void grow_old(const std::string& id) {
    timespec times[2]{{1, 0}, {1, 0}};
    ::utimensat(AT_FDCWD, store.path(id).c_str(), times, 0);
  }
  void add_token(const std::string& id, const std::string& token, const ResumeEntry& entry) {
    unwrap(write_session_file(store.path(id) + "/resume/" + wire::hex(ssh::sha256(token)),
                              with_attachment(resume_text(entry), entry.attachment)));
  }

  for_test::Folder folder;
  SessionStore store{folder / "state"};
};

TEST(SessionStoreTest, WhatIsMadeIsPrivateAndFoundByIdAndName) {
  Store s;
  EXPECT_TRUE(s.store.ids().empty());
  auto id = s.make("work");
  auto other = s.make();
  EXPECT_NE(id, other);
  EXPECT_EQ(id.size(), 8u);
  EXPECT_EQ(for_test::mode_of(s.store.path(id)), 0700u);
  EXPECT_EQ(s.store.ids().size(), 2u);
  auto facts = s.store.facts(id);
  ASSERT_TRUE(facts);
  EXPECT_EQ(facts->name, "work");
  EXPECT_EQ(facts->created, 1'750'000'000);
  EXPECT_TRUE(facts->terminal);
  EXPECT_EQ(s.store.find("work")->id, id);
  EXPECT_EQ(s.store.find(other)->id, other);
  s.store.remove(id);
  EXPECT_FALSE(s.store.find("work"));
  EXPECT_FALSE(fs::exists(s.store.path(id)));
}

TEST(SessionStoreTest, WhatIsNoIdOrNameReachesNoPath) {
  Store s;
  auto id = s.make();
  s.folder.write("outside", "x");
  for (const auto& bad :
       {std::string(), std::string("."), std::string(".."), std::string("../" + id),
        std::string("../../outside"), id + "/", std::string("/etc"), std::string(300, 'a')}) {
    EXPECT_FALSE(s.store.find(bad)) << bad;
    EXPECT_FALSE(s.store.connect(bad)) << bad;
    s.store.remove(bad);
  }
  EXPECT_TRUE(s.store.find(id));
  EXPECT_EQ(s.folder.read("outside"), "x");
}

TEST(SessionStoreTest, AHolderThatListensIsReachedAndADeadOnesSessionGoes) {
  Store s;
  auto id = s.make("x");
  auto holder = s.listen(id);
  EXPECT_TRUE(s.store.connect(id));
  EXPECT_EQ(s.store.sweep(), 1u);
  holder.reset();
  EXPECT_EQ(s.store.connect(id).error().code, Errc::not_found);
  EXPECT_FALSE(fs::exists(s.store.path(id)));
  EXPECT_EQ(s.store.sweep(), 0u);
}

TEST(SessionStoreTest, AHolderHasAMomentToBegin) {
  Store s;
  auto id = s.make("x");
  EXPECT_NE(s.store.connect(id).error().code, Errc::not_found);
  EXPECT_EQ(s.store.sweep(), 1u);
  s.grow_old(id);
  EXPECT_EQ(s.store.sweep(), 0u);
  EXPECT_FALSE(fs::exists(s.store.path(id)));
}

TEST(SessionStoreTest, ALongPathIsNoHindrance) {
  Store s;
  SessionStore deep(s.folder / std::string(200, 'd'));
  SessionFacts facts;
  unwrap(deep.make(facts));
  EXPECT_NE(deep.connect(facts.id).error().code, Errc::not_found) << "only nobody listens";
}

TEST(SessionStoreTest, AResumeTokenLeadsToItsSession) {
  Store s;
  auto id = s.make();
  s.make();
  s.add_token(id, "token", {"key", "", 4});
  auto found = s.store.find_resume(ssh::sha256("token"));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->session, id);
  EXPECT_EQ(found->entry.key, "key");
  EXPECT_EQ(found->entry.attachment, 4u);
  EXPECT_FALSE(s.store.find_resume(ssh::sha256("token ")));
  EXPECT_FALSE(s.store.find_resume(""));
}

TEST(SessionStoreTest, ARevokedTokenTakesThoseAlongThatItMade) {
  Store s;
  auto id = s.make();
  s.add_token(id, "a", {"key", "0123456789ab", 1});
  s.add_token(id, "b", {"key", "", 2});
  s.store.revoke("0123456789ab");
  EXPECT_FALSE(s.store.find_resume(ssh::sha256("a")));
  EXPECT_TRUE(s.store.find_resume(ssh::sha256("b")));
}

TEST(SessionStoreTest, WhatOthersPutThereIsPassedOver) {
  Store s;
  auto id = s.make();
  fs::create_directory(s.folder / "state/sessions/not-an-id");
  EXPECT_EQ(s.store.ids(), std::vector<std::string>{id});
  s.folder.write("state/sessions/" + id + "/session.json", "[1,2]");
  EXPECT_FALSE(s.store.facts(id));
}

}  // namespace
}  // namespace nigh::server
