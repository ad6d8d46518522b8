// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nigh/nigh.hpp>

#include <memory>
#include <utility>

#include "client/handles.hpp"
#include "client/loop_thread.hpp"

namespace nigh {

// What is behind a blocking Host: the loop on which everything of the connection happens.
struct Host::State {
  explicit State(std::shared_ptr<client::LoopThread> thread) : loop(std::move(thread)) {}
  ~State() {
    // What still runs ends now, whoever holds it.
    loop->post_and_wait([this] {
      if (connection) connection->get()->close();
      connection.reset();
    });
  }

  std::shared_ptr<client::LoopThread> loop;
  async::detail::ConnectionHandle connection;
};

}  // namespace nigh
