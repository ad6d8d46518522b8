// SPDX-License-Identifier: Apache-2.0
#include "server/link/async_link.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include "server/link/messages.hpp"

namespace nigh::server {
namespace {

// The front's side and a worker's, in one loop.
using AtFront = AsyncLink<WorkerToFront, FrontToWorker>;
using AtWorker = AsyncLink<FrontToWorker, WorkerToFront>;

struct Loop {
  Loop() { std::tie(front_end, worker_end) = Link::make_pair().value(); }
  asio::io_context context{1};
  UniqueFd front_end, worker_end;
};

TEST(AsyncLinkTest, MessagesAndDescriptorsCrossInOrder) {
  Loop loop;
  std::vector<RequestId> seen;
  std::size_t descriptors = 0;
  std::optional<AtFront> front;
  AtWorker worker(loop.context.get_executor(), std::move(loop.worker_end),
                  {[](FrontToWorker, std::vector<UniqueFd>) {}, [](const Error&) {}});
  front.emplace(loop.context.get_executor(), std::move(loop.front_end),
                AtFront::Events{[&](WorkerToFront message, std::vector<UniqueFd> fds) {
                                  seen.push_back(std::get<Started>(message).request);
                                  descriptors += fds.size();
                                },
                                [](const Error&) {}});
  std::vector<UniqueFd> one;
  one.emplace_back(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  worker.send(Started{1, 10}, std::move(one));
  worker.send(Started{2, 20});
  while (seen.size() < 2) loop.context.run_one();
  EXPECT_EQ(seen, (std::vector<RequestId>{1, 2}));
  EXPECT_EQ(descriptors, 1u);
}

TEST(AsyncLinkTest, ASlowPeerGetsEverythingOnceItReads) {
  Loop loop;
  constexpr RequestId kCount = 100;
  AtWorker worker(loop.context.get_executor(), std::move(loop.worker_end),
                  {[](FrontToWorker, std::vector<UniqueFd>) {}, [](const Error&) {}});
  for (RequestId i = 0; i < kCount; ++i)
    worker.send(Failed{i, Trouble::busy, std::string(100'000, 'x')});
  while (loop.context.poll_one() > 0) {
  }
  Link slow(std::move(loop.front_end));
  for (RequestId next = 0; next < kCount;) {
    auto packet = slow.receive().value();
    if (!packet) {
      loop.context.run_one();
      continue;
    }
    auto message = wire::decode<WorkerToFront>(packet->bytes).value();
    ASSERT_EQ(std::get<Failed>(message).request, next++);
  }
}

TEST(AsyncLinkTest, TheMessageCallbackMayDestroyItsLink) {
  Loop loop;
  Link worker(std::move(loop.worker_end));
  std::optional<AtFront> front;
  std::string seen;
  // The closure owns its text: used after the link, and with it the closure, is gone.
  auto text = std::string("a text that does not fit into the string object itself");
  front.emplace(loop.context.get_executor(), std::move(loop.front_end),
                AtFront::Events{[&front, &seen, text](WorkerToFront, std::vector<UniqueFd>) {
                                  front.reset();
                                  seen += text;
                                },
                                [](const Error&) {}});
  worker.send(wire::encode(WorkerToFront(TokenRevoked{1})));
  worker.send(wire::encode(WorkerToFront(TokenRevoked{2})));
  loop.context.run();
  EXPECT_EQ(seen, text);
  EXPECT_EQ(worker.receive().error().code, Errc::closed);
}

TEST(AsyncLinkTest, TheEndIsToldOnceWhetherTheLinkStaysOrGoes) {
  for (bool destroy : {false, true}) {
    Loop loop;
    std::optional<AtFront> front;
    int closed = 0;
    front.emplace(loop.context.get_executor(), std::move(loop.front_end),
                  AtFront::Events{[](WorkerToFront, std::vector<UniqueFd>) {},
                                  [&](const Error& error) {
                                    EXPECT_EQ(error.code, Errc::closed);
                                    ++closed;
                                    if (destroy) front.reset();
                                  }});
    loop.worker_end.reset();
    loop.context.run();  // ends: nothing is watched any more
    EXPECT_EQ(closed, 1);
  }
}

TEST(AsyncLinkTest, BytesThatNobodyUnderstandsCloseTheLink) {
  Started started{5, 6};
  auto good = wire::encode(WorkerToFront(started));
  for (const auto& bytes :
       {std::string("\x63"), good + "x", good.substr(1), good.substr(0, good.size() - 1)}) {
    Loop loop;
    std::optional<Errc> closed;
    AtFront front(loop.context.get_executor(), std::move(loop.front_end),
                  {[](WorkerToFront, std::vector<UniqueFd>) { FAIL(); },
                   [&](const Error& error) { closed = error.code; }});
    Link(std::move(loop.worker_end)).send(bytes);
    loop.context.run();
    EXPECT_EQ(closed, Errc::malformed);
  }
}

TEST(AsyncLinkTest, ADestroyedLinkCallsNobody) {
  Loop loop;
  {
    AtFront front(
        loop.context.get_executor(), std::move(loop.front_end),
        {[](WorkerToFront, std::vector<UniqueFd>) { FAIL(); }, [](const Error&) { FAIL(); }});
    Link(std::move(loop.worker_end)).send(wire::encode(WorkerToFront(TokenRevoked{1})));
  }
  loop.context.run();
}

}  // namespace
}  // namespace nigh::server
