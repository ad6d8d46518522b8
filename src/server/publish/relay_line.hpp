// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/unique_fd.hpp"
#include "client/inward_listener.hpp"
#include "client/retry_pace.hpp"
#include "client/tasks.hpp"
#include "server/link/publication.hpp"

namespace nigh::server {

// One name at one relay: says there that it is ours, again and again, and fetches who comes.
class RelayLine : public std::enable_shared_from_this<RelayLine> {
 public:
  using Self = std::shared_ptr<RelayLine>;
  static constexpr std::size_t kMaxVisitors = 1000;

  struct Events {
    // Somebody came: who, and the socket, O_NONBLOCK, that leads there.
    std::function<void(std::string source, UniqueFd socket)> on_visitor;
    std::function<void()> on_left;
  };
  RelayLine(const asio::any_io_executor& executor, Publication publication, Events events);

  // For ever: a line that is lost is made anew, whatever is wrong with it. When it is cancelled
  // nobody comes any more, and who is here stays.
  static awaitable<void> run(Self self);
  // Whoever is here leaves.
  void end() { tasks_.end_all(); }
  std::size_t visitors() const { return visitors_; }

 private:
  struct Use;
  struct Visit;

  awaitable<void> attempt();
  awaitable<void> serve(std::shared_ptr<Use> use);
  awaitable<void> receive(client::InwardListener& listener, std::shared_ptr<Use> use);
  static awaitable<void> until_doubtful(std::shared_ptr<Use> use);
  static awaitable<void> carry(Self self, std::shared_ptr<Use> use,
                               client::InwardListener::Accepted who);
  // Says so, and when to try again.
  client::RetryPace::Time failed(const Error& error);

  asio::any_io_executor executor_;
  Publication publication_;
  Events events_;
  client::RetryPace pace_;
  bool published_ = false;
  bool hopeless_ = false;  // as far as it is ours to help
  int refusals_ = 0;       // in a row
  std::string told_;       // of what went wrong, since it was last published
  std::size_t visitors_ = 0;
  client::Tasks tasks_;
};

}  // namespace nigh::server
