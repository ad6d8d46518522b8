// SPDX-License-Identifier: Apache-2.0
#include "server/front/worker_client.hpp"

#include <gtest/gtest.h>

#include <list>

#include "io/loopback_for_test.hpp"

namespace nigh::server {
namespace {

using io::for_test::run_until;

struct Asker : WorkerAnswers {
  void on_failed(const Failed& failure) override { failed = failure.trouble; }
  void on_worker_died(const Failed&) override { died = true; }
  std::optional<Trouble> failed;
  bool died = false;
};

// A front, and a worker that reads when the test says so.
struct Play {
  Play() {
    auto [ours, theirs] = unwrap(Link::make_pair());
    front.connect(std::move(ours));
    worker.emplace(std::move(theirs));
  }
  RequestId ask(Asker& asker) {
    StartSession start;
    start.command.command_line = std::string(160 * 1024, 'x');
    return front.ask(std::move(start), asker);
  }
  // Asks until nobody may any more; who was sent.
  std::vector<RequestId> fill() {
    std::vector<RequestId> sent;
    while (front.has_room()) sent.push_back(ask(asked.emplace_back()));
    return sent;
  }
  FrontToWorker heard() {
    std::optional<Packet> packet;
    run_until(context, [&] { return (packet = unwrap(worker->receive())).has_value(); });
    return unwrap(wire::decode<FrontToWorker>(packet->bytes));
  }

  asio::io_context context{1};
  WorkerClient front{context.get_executor()};
  std::optional<Link> worker;
  std::list<Asker> asked;
};

TEST(WorkerClientTest, WhatTheWorkerDoesNotReadIsBounded) {
  Play play;
  auto sent = play.fill();
  EXPECT_LT(sent.size() * 160 * 1024, WorkerClient::kMaxQueued + (2u << 20));
  EXPECT_GT(sent.size() * 160 * 1024, WorkerClient::kMaxQueued / 2);
  Asker late;
  play.ask(late);
  EXPECT_FALSE(late.failed) << "it may not be told from inside its own question";
  run_until(play.context, [&] { return late.failed.has_value(); });
  EXPECT_EQ(late.failed, Trouble::busy);
  for (const auto& one : play.asked) EXPECT_FALSE(one.failed || one.died);
}

TEST(WorkerClientTest, OnceTheWorkerHasReadThereIsRoomAgain) {
  Play play;
  for (auto id : play.fill()) EXPECT_EQ(std::get<StartSession>(play.heard()).request, id);
  EXPECT_TRUE(play.front.has_room());
  auto id = play.ask(play.asked.emplace_back());
  EXPECT_EQ(std::get<StartSession>(play.heard()).request, id);
}

TEST(WorkerClientTest, WhatWasRefusedIsNotTakenBack) {
  Play play;
  auto sent = play.fill();
  Asker late;
  auto refused = play.ask(late);
  play.front.forget(refused);
  play.front.abandon(refused);
  play.front.abandon(sent[0]);
  for (auto id : sent) EXPECT_EQ(std::get<StartSession>(play.heard()).request, id);
  EXPECT_EQ(std::get<Abandon>(play.heard()).process, sent[0]);
  EXPECT_FALSE(late.failed) << "it has gone";
}

TEST(WorkerClientTest, AWorkersDeathIsToldOnceToAllWhoWait) {
  Play play;
  play.fill();
  Asker late;
  play.ask(late);
  play.worker.reset();
  run_until(play.context, [&] { return play.asked.back().died && (late.died || late.failed); });
  EXPECT_NE(late.died, late.failed.has_value());
  for (const auto& one : play.asked) EXPECT_TRUE(one.died && !one.failed);
}

TEST(WorkerClientTest, WithoutAWorkerOneIsToldAndAnotherWaitsForIt) {
  Play play;
  play.worker.reset();
  WorkerClient front(play.context.get_executor());
  Asker now, later;
  front.ask(StartSession{}, now);
  auto id = front.ask(StartSession{}, later, WorkerClient::Without::wait);
  run_until(play.context, [&] { return now.died; });
  auto [ours, theirs] = unwrap(Link::make_pair());
  front.connect(std::move(ours));
  play.worker.emplace(std::move(theirs));
  EXPECT_EQ(std::get<StartSession>(play.heard()).request, id);
  EXPECT_FALSE(later.died || later.failed);
}

}  // namespace
}  // namespace nigh::server
