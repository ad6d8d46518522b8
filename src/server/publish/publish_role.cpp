// SPDX-License-Identifier: Apache-2.0
#include "server/publish/publish_role.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "client/tasks.hpp"
#include "io/asio.hpp"
#include "server/link/async_link.hpp"
#include "server/link/publication.hpp"
#include "server/link/role_start.hpp"
#include "server/publish/relay_line.hpp"

namespace nigh::server {
namespace {

class Publisher {
 public:
  Publisher(asio::io_context& context, UniqueFd keeper)
      : context_(context), lines_running_(context.get_executor()) {
    keeper_.emplace(context.get_executor(), std::move(keeper),
                    AsyncLink<ToPublisher, FromPublisher>::Events{
                        [this](ToPublisher message, std::vector<UniqueFd>) {
                          std::visit([this](const auto& m) { on(m); }, message);
                        },
                        [this](const Error&) { end(); }});
  }

 private:
  void on(const Publish& publish) {
    for (const auto& text : publish.what) {
      lines_.push_back(std::make_shared<RelayLine>(
          context_.get_executor(), unwrap(parse_publication(text)),
          RelayLine::Events{[this](std::string source, UniqueFd socket) {
                              came_over(std::move(source), std::move(socket));
                            },
                            [this] { end_if_empty(); }}));
      lines_running_.begin(RelayLine::run(lines_.back()));
    }
  }

  void on(const StopPublishing&) {
    stopping_ = true;
    lines_running_.end_all();
    end_if_empty();
  }

  void came_over(std::string source, UniqueFd socket) {
    std::vector<UniqueFd> one;
    one.push_back(std::move(socket));
    if (keeper_) keeper_->send(CameOver{std::move(source)}, std::move(one));
  }

  // The keeper is gone, and the fronts with it.
  void end() {
    stopping_ = true;
    lines_running_.end_all();
    for (const auto& line : lines_) line->end();
    end_if_empty();
  }

  // Without the link the loop ends as soon as the connections to relays have.
  void end_if_empty() {
    if (!stopping_ ||
        std::ranges::any_of(lines_, [](const auto& line) { return line->visitors() > 0; }))
      return;
    asio::post(context_, [this] { keeper_.reset(); });
  }

  asio::io_context& context_;
  std::vector<std::shared_ptr<RelayLine>> lines_;
  client::Tasks lines_running_;
  std::optional<AsyncLink<ToPublisher, FromPublisher>> keeper_;
  bool stopping_ = false;
};

}  // namespace

int publish_main(const char* log_level) {
  auto keeper = begin_role("publish", log_level);
  raise_descriptor_limit();
  asio::io_context context(1);
  Publisher publisher(context, std::move(keeper));
  context.run();
  return 0;
}

}  // namespace nigh::server
