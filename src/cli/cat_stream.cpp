// SPDX-License-Identifier: Apache-2.0
#include "cli/cat_stream.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstdint>
#include <memory>
#include <span>

#include "cli/lanes.hpp"

namespace nigh::cli {

namespace asio = boost::asio;
using asio::awaitable;

namespace {

// Together more than 1 Gbit/s over 100 ms (12.5 MB).
constexpr std::size_t kBlock = 4 << 20;
constexpr unsigned kLanes = 4;

class CatStream {
 public:
  CatStream(async::File file, FileWork& work, const asio::any_io_executor& executor)
      : file_(std::move(file)),
        work_(work),
        turn_(executor, asio::steady_timer::time_point::max()) {}

  awaitable<void> run() {
    std::vector<awaitable<void>> lanes;
    for (unsigned i = 0; i < kLanes; ++i) lanes.push_back(lane());
    co_await run_together(std::move(lanes));
  }

 private:
  awaitable<void> lane();
  awaitable<void> wait_for_turn(std::uint64_t offset);

  async::File file_;
  FileWork& work_;
  asio::steady_timer turn_;  // cancelled when a block was written
  std::uint64_t next_ = 0;   // to ask for
  std::uint64_t written_ = 0;
  bool ended_ = false;
};

awaitable<void> CatStream::lane() {
  auto memory = std::make_unique_for_overwrite<char[]>(kBlock);
  std::span<char> block(memory.get(), kBlock);
  while (!ended_) {
    auto offset = std::exchange(next_, next_ + kBlock);
    auto size = co_await file_.read_at(offset, block);
    co_await wait_for_turn(offset);
    if (ended_) break;
    work_.write({block.data(), size});
    written_ += size;
    ended_ = size < kBlock;
    turn_.cancel();
  }
}

awaitable<void> CatStream::wait_for_turn(std::uint64_t offset) {
  while (written_ != offset && !ended_) {
    boost::system::error_code woken;
    co_await turn_.async_wait(asio::redirect_error(asio::use_awaitable, woken));
  }
}

}  // namespace

awaitable<void> write_to_output(async::File file, FileWork& work) {
  CatStream stream(std::move(file), work, co_await asio::this_coro::executor);
  co_await stream.run();
}

}  // namespace nigh::cli
