// SPDX-License-Identifier: Apache-2.0
// What fronts ask about sessions, with holders that are played by the test.
#include "server/worker/sessions.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "base/folder_for_test.hpp"

namespace nigh::server {
namespace {

// In the place of this program as nigh-holder: ends at once, or never says anything.
constexpr auto kDies = "#!/bin/sh\nexit 1\n";
constexpr auto kIsSilent = "#!/bin/sh\nexec sleep 1000 0<&- >/dev/null 2>&1\n";

struct Desk {
  explicit Desk(const char* holder = kDies, std::uint32_t most = 3)
      : sessions(context, *own_account(), settings(most),
                 {folder.write("holder", holder, 0700), "warning"}) {
    grant.source = "192.0.2.1";
    grant.fingerprint = "SHA256:x";
    grant.key = "key";
  }
  WorkerSettings settings(std::uint32_t most) {
    WorkerSettings made;
    made.state_directory = folder / "state";
    made.sessions = most;
    return made;
  }
  Sessions::Answer answer() {
    return [this](WorkerToFront message, std::vector<UniqueFd> fds) {
      said.push_back(std::move(message));
      descriptors = std::move(fds);
    };
  }
  template <class Condition>
  void until(Condition done) {
    while (!done()) {
      context.restart();
      context.run_one();
    }
  }
  template <class Message>
  Message heard() {
    until([&] { return !said.empty(); });
    auto message = std::move(said.front());
    said.erase(said.begin());
    if (auto* failed = std::get_if<Failed>(&message)) reason = failed->message;
    EXPECT_TRUE(std::holds_alternative<Message>(message)) << reason;
    return std::get<Message>(std::move(message));
  }
  Trouble trouble() { return heard<Failed>().trouble; }
  StartSession start(const std::string& name = "") {
    StartSession message;
    message.request = 7;
    message.command.argv = {"cat"};
    message.name = name;
    return message;
  }

  for_test::Folder folder;
  asio::io_context context{1};
  Sessions sessions;
  Grant grant;
  std::vector<WorkerToFront> said;
  std::vector<UniqueFd> descriptors;
  std::string reason;
};

// A session with a holder that does what the test says.
struct Played {
  explicit Played(Desk& desk, const std::string& name = "", bool terminal = false) : desk(desk) {
    facts.name = name;
    facts.command = "cat";
    facts.terminal = terminal;
    unwrap(desk.sessions.store().make(facts));
    listener = UniqueFd(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    (desk.sessions.store().path(facts.id) + "/socket").copy(address.sun_path, 107);
    expect(::bind(listener.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 &&
               ::listen(listener.get(), 4) == 0,
           "no socket");
  }
  template <class Message>
  Message asked() {
    link.emplace(UniqueFd(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC)));
    std::optional<Packet> packet;
    desk.until([&] { return (packet = unwrap(link->receive())).has_value(); });
    descriptors = std::move(packet->descriptors);
    return std::get<Message>(unwrap(wire::decode<ToHolder>(packet->bytes)));
  }
  void say(const FromHolder& message) { link->send(wire::encode(message)); }

  Desk& desk;
  SessionFacts facts;
  UniqueFd listener;
  std::optional<Link> link;
  std::vector<UniqueFd> descriptors;
};

TEST(SessionsTest, AHolderThatDoesNotStartIsSaidAndLeavesNothing) {
  for (const char* holder : {kDies, "no program"}) {
    Desk desk(holder);
    desk.sessions.start(&desk, desk.start(), desk.grant, desk.answer());
    EXPECT_EQ(desk.trouble(), Trouble::internal);
    EXPECT_TRUE(desk.sessions.store().ids().empty());
  }
}

TEST(SessionsTest, WhatMayNotBeIsRefusedBeforeAnythingIsDone) {
  Desk desk;
  auto with_terminal = desk.start();
  with_terminal.command.terminal = Terminal{"xterm", 80, 24, 0, 0};
  auto no_pty = desk.grant;
  no_pty.options.pty = false;
  desk.sessions.start(&desk, with_terminal, no_pty, desk.answer());
  EXPECT_EQ(desk.trouble(), Trouble::not_permitted);
  for (const char* name : {"a/b", "\x1b[2J", " "}) {
    desk.sessions.start(&desk, desk.start(name), desk.grant, desk.answer());
    EXPECT_EQ(desk.trouble(), Trouble::bad_request);
  }
  EXPECT_TRUE(desk.sessions.store().ids().empty());
}

TEST(SessionsTest, ACommandThatFillsAPacketIsRefused) {
  Desk desk;
  auto large = desk.start();
  large.command.argv.push_back(std::string(kMaxPacket, 'x'));
  desk.sessions.start(&desk, large, desk.grant, desk.answer());
  EXPECT_EQ(desk.trouble(), Trouble::bad_request);
  EXPECT_TRUE(desk.sessions.store().ids().empty());
}

TEST(SessionsTest, AnAbandonedStartIsEnded) {
  Desk desk(kIsSilent);
  desk.sessions.start(&desk, desk.start(), desk.grant, desk.answer());
  desk.sessions.abandon(&desk, 7);
  // Its end is collected; with the link and the holder gone nothing is left to wait for.
  desk.context.run();
  EXPECT_TRUE(desk.said.empty());
}

TEST(SessionsTest, ThereIsALimitInWhichTheDeadDoNotCount) {
  Desk desk(kDies, 2);
  auto one = std::make_unique<Played>(desk, "one");
  Played two(desk, "", true);
  auto kept = desk.start();
  kept.keep = true;
  desk.sessions.start(&desk, kept, desk.grant, desk.answer());
  EXPECT_EQ(desk.trouble(), Trouble::busy);
  one.reset();
  desk.sessions.start(&desk, kept, desk.grant, desk.answer());
  EXPECT_EQ(desk.trouble(), Trouble::internal) << "its holder dies, but it was tried";
}

TEST(SessionsTest, WhatEndsWithItsClientNeedsNoRoomAndTakesNone) {
  Desk desk(kDies, 1);
  Played passing(desk);
  auto kept = desk.start();
  kept.keep = true;
  desk.sessions.start(&desk, kept, desk.grant, desk.answer());
  EXPECT_EQ(desk.trouble(), Trouble::internal) << "it was tried";
  Played lasting(desk, "work");
  desk.sessions.start(&desk, desk.start(), desk.grant, desk.answer());
  EXPECT_EQ(desk.trouble(), Trouble::internal);

  Desk none(kDies, 0);
  none.sessions.start(&none, none.start(), none.grant, none.answer());
  EXPECT_EQ(none.trouble(), Trouble::no_sessions);
}

TEST(SessionsTest, ANameIsTakenForAsLongAsItsSessionLives) {
  Desk desk;
  auto one = std::make_unique<Played>(desk, "work");
  desk.sessions.start(&desk, desk.start("work"), desk.grant, desk.answer());
  EXPECT_EQ(desk.trouble(), Trouble::exists);
  one.reset();
  desk.sessions.start(&desk, desk.start("work"), desk.grant, desk.answer());
  EXPECT_EQ(desk.trouble(), Trouble::internal);
}

TEST(SessionsTest, AnAttachmentIsASocketAndAFarewellAtEachEnd) {
  Desk desk;
  Played session(desk, "work");
  desk.sessions.attach(&desk, {5, "", "work", ""}, desk.grant, desk.answer());
  auto attach = session.asked<HolderAttach>();
  EXPECT_EQ(attach.client.address, "192.0.2.1");
  EXPECT_TRUE(attach.client.token.expose().starts_with("nigh_r_"));
  EXPECT_EQ(attach.client.token_file.size(), 64u);
  EXPECT_EQ(attach.client.only_attachment, std::nullopt);
  session.say(HolderDone());
  EXPECT_EQ(desk.heard<Started>().request, 5u);
  ASSERT_EQ(desk.descriptors.size(), 3u);
  ASSERT_EQ(session.descriptors.size(), 3u);
  ASSERT_EQ(::write(session.descriptors[2].get(), "y", 1), 1);
  ASSERT_EQ(::write(desk.descriptors[0].get(), "x", 1), 1);
  char byte = 0;
  EXPECT_EQ(::read(session.descriptors[0].get(), &byte, 1), 1);
  EXPECT_EQ(::read(desk.descriptors[2].get(), &byte, 1), 1);
  std::uint64_t word = 7;
  ASSERT_EQ(::write(desk.descriptors[1].get(), &word, sizeof word), ssize_t{sizeof word});
  word = 0;
  EXPECT_EQ(::read(session.descriptors[1].get(), &word, sizeof word), ssize_t{sizeof word});
  EXPECT_EQ(word, 7u);
}

TEST(SessionsTest, AResumeGrantReachesItsSessionAlone) {
  Desk desk;
  Played mine(desk, "mine"), other(desk, "other");
  desk.grant.only = ResumeGrant{mine.facts.id, 3};
  desk.grant.options.restricted = true;  // its key may have a session of its own
  for (const auto& name : {other.facts.id, std::string("other"), std::string("mine")}) {
    desk.sessions.attach(&desk, {1, "", name, ""}, desk.grant, desk.answer());
    EXPECT_EQ(desk.trouble(), Trouble::not_permitted);
    desk.sessions.ask(&desk, {1, "", name, false}, desk.grant, desk.answer());
    EXPECT_EQ(desk.trouble(), Trouble::not_permitted);
    desk.sessions.signal(&desk, {1, "", name, SIGHUP}, desk.grant, desk.answer());
    EXPECT_EQ(desk.trouble(), Trouble::not_permitted);
  }
  desk.sessions.ask(&desk, {1, "", {}, false}, desk.grant, desk.answer());
  EXPECT_EQ(desk.trouble(), Trouble::not_permitted);
  desk.sessions.attach(&desk, {1, "", mine.facts.id, ""}, desk.grant, desk.answer());
  EXPECT_EQ(mine.asked<HolderAttach>().client.only_attachment, 3u);
}

TEST(SessionsTest, ARestrictedKeyReachesNoSessionAndNoPtyNoTerminal) {
  Desk desk;
  Played pipes(desk, "pipes"), terminal(desk, "terminal", true);
  auto restricted = desk.grant, no_pty = desk.grant;
  restricted.options.restricted = true;
  no_pty.options.pty = false;
  desk.sessions.attach(&desk, {1, "", "pipes", ""}, restricted, desk.answer());
  EXPECT_EQ(desk.trouble(), Trouble::not_permitted);
  desk.sessions.attach(&desk, {1, "", "no-such", ""}, restricted, desk.answer());
  EXPECT_EQ(desk.trouble(), Trouble::not_permitted) << "nor does it learn which there are";
  desk.sessions.attach(&desk, {1, "", "terminal", ""}, no_pty, desk.answer());
  EXPECT_EQ(desk.trouble(), Trouble::not_permitted);
  desk.sessions.attach(&desk, {1, "", "pipes", ""}, no_pty, desk.answer());
  pipes.asked<HolderAttach>();
}

TEST(SessionsTest, AListIsOfAllThatLiveAndGrowsBeyondAPacket) {
  Desk desk(kDies, 1000);
  std::vector<std::unique_ptr<Played>> all;
  for (int i = 0; i < 150; ++i) all.push_back(std::make_unique<Played>(desk));
  desk.sessions.ask(&desk, {9, "", {}, false}, desk.grant, desk.answer());
  for (auto& one : all) {
    one->asked<HolderAsk>();
    auto facts = one->facts;
    facts.command = std::string(500, 'c');
    facts.clients = {"192.0.2.1", "192.0.2.2"};
    one->say(facts);
  }
  std::size_t count = 0, packets = 0;
  for (bool last = false; !last; ++packets) {
    auto list = desk.heard<SessionList>();
    EXPECT_EQ(list.request, 9u);
    EXPECT_LT(wire::encode(WorkerToFront(list)).size(), kMaxPacket);
    count += list.sessions.size();
    last = list.last;
  }
  EXPECT_EQ(count, all.size());
  EXPECT_GT(packets, 1u);
}

TEST(SessionsTest, AHolderThatIsSlowIsListedAsItWasAndOneThatEndsIsNot) {
  Desk desk;
  Played slow(desk, "slow"), ends(desk, "ends");
  desk.sessions.ask(&desk, {9, "", {}, false}, desk.grant, desk.answer());
  ends.asked<HolderAsk>();
  ends.link.reset();
  auto list = desk.heard<SessionList>();
  ASSERT_EQ(list.sessions.size(), 1u);
  EXPECT_EQ(list.sessions[0].name, "slow");
}

TEST(SessionsTest, WhoWaitsIsAnsweredWheneverItIs) {
  Desk desk;
  Played session(desk, "x");
  desk.sessions.ask(&desk, {9, "", "x", true}, desk.grant, desk.answer());
  EXPECT_TRUE(session.asked<HolderAsk>().wait);
  session.facts.exit = R"({"code":1})";
  session.say(session.facts);
  EXPECT_EQ(desk.heard<SessionList>().sessions.at(0).exit, R"({"code":1})");
}

TEST(SessionsTest, ASignalIsOneThatOneMaySend) {
  Desk desk;
  Played session(desk, "x");
  for (std::uint32_t bad : {0u, 64u, 1000u, 0xFFFFFFFFu}) {
    desk.sessions.signal(&desk, {9, "", "x", bad}, desk.grant, desk.answer());
    EXPECT_EQ(desk.trouble(), Trouble::bad_request);
  }
  desk.sessions.signal(&desk, {9, "", "x", SIGHUP}, desk.grant, desk.answer());
  EXPECT_EQ(session.asked<HolderSignal>().number, static_cast<std::uint32_t>(SIGHUP));
  session.say(HolderDone());
  EXPECT_EQ(desk.heard<SessionSignalled>().request, 9u);
}

TEST(SessionsTest, NobodyIsAnsweredWhoWentAway) {
  Desk desk;
  Played session(desk, "x");
  desk.sessions.ask(&desk, {9, "", "x", true}, desk.grant, desk.answer());
  session.asked<HolderAsk>();
  desk.sessions.abandon_all(&desk);
  desk.context.run();
  EXPECT_TRUE(desk.said.empty());
}

}  // namespace
}  // namespace nigh::server
