// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <list>
#include <memory>
#include <vector>

#include "base/unique_fd.hpp"
#include "io/runtime.hpp"
#include "server/worker/refusal.hpp"

namespace nigh::server {

// Connects to what tunnels lead to: looks names up and dials, for the fronts, which cannot. What
// may be reached has been decided before.
class Dialer {
 public:
  // A front, as far as it is known here: only compared.
  using Owner = const void*;
  using Answer = std::function<void(std::expected<UniqueFd, Refusal>)>;
  static constexpr std::size_t kMostAtATime = 1000;

  // `limit`: for a name's look-up and all attempts together.
  explicit Dialer(asio::any_io_executor executor,
                  std::chrono::seconds limit = std::chrono::seconds(30))
      : executor_(std::move(executor)), limit_(limit) {}

  // `answer` comes from here or later from the loop, with an O_NONBLOCK socket; not after
  // abandon().
  void dial(Owner owner, const Dial& target, const Answer& answer);
  // Nobody waits for that any more. False: nothing was under way.
  bool abandon(Owner owner, RequestId request);
  void abandon_all(Owner owner);

 private:
  struct Errand {
    Errand(Owner whose, RequestId number, Answer to, const asio::any_io_executor& executor)
        : owner(whose), request(number), answer(std::move(to)), abandoned(executor) {}
    Owner owner;
    RequestId request;
    Answer answer;  // none: abandoned
    io::Wake abandoned;
  };
  using ErrandPosition = std::list<Errand>::iterator;

  awaitable<void> run(ErrandPosition errand, Dial target);
  awaitable<void> connect(ErrandPosition errand, Dial target);
  static void abandon(Errand& errand);

  asio::any_io_executor executor_;
  std::chrono::seconds limit_;
  std::list<Errand> errands_;
};

}  // namespace nigh::server
