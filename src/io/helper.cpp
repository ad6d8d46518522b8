// SPDX-License-Identifier: Apache-2.0
#include <signal.h>

#include "io/fd_sink.hpp"
#include "io/fd_source.hpp"
#include "io/process.hpp"
#include "io/runtime.hpp"

namespace nigh::io {
namespace {

// One helper program while it runs; killed if this goes away first.
class Helper {
 public:
  Helper(const asio::any_io_executor& executor, const SpawnSpec& spec, std::size_t limit)
      : executor_(executor), limit_(limit), changed_(executor) {
    auto in = unwrap(make_pipe(OurEnd::writer, 64 * 1024));
    auto out = unwrap(make_pipe(OurEnd::reader, 64 * 1024));
    auto started = spec;
    started.descriptors = {in.reader.get(), out.writer.get(), 2};
    child_.emplace(executor, unwrap(spawn(started)), [this](ChildStatus status) {
      status_ = status;
      changed_.notify();
    });
    stdin_.emplace(executor, std::move(in.writer),
                   FdSink::Events{[](std::size_t) {}, [](int) {}, [] {}});
    stdout_.emplace(executor, std::move(out.reader), [this] { collect(); });
  }
  ~Helper() {
    if (child_ && child_->running()) {
      child_->signal(SIGKILL);
    }
  }

  awaitable<HelperResult> run(std::string_view input) {
    stdin_->write(input);
    stdin_->finish();
    collect();
    while (!status_ || !ended_) co_await changed_.wait();
    if (output_.size() > limit_)
      throw Failure(Errc::too_large, "a helper program wrote more than it should");
    co_return HelperResult{*status_, std::move(output_)};
  }

 private:
  void collect() {
    char chunk[4096];
    for (;;) {
      auto read = stdout_->read(chunk);
      ended_ = ended_ || read.ended;
      // Over the limit: read on, so that the helper ends, but keep nothing more.
      if (output_.size() <= limit_) output_.append(chunk, read.size);
      if (read.size == 0) break;
    }
    if (ended_) changed_.notify();
  }

  asio::any_io_executor executor_;
  std::size_t limit_;
  Wake changed_;
  std::optional<Child> child_;
  std::optional<FdSink> stdin_;
  std::optional<FdSource> stdout_;
  std::optional<ChildStatus> status_;
  std::string output_;
  bool ended_ = false;
};

}  // namespace

awaitable<HelperResult> run_helper(SpawnSpec spec, std::string input, std::size_t limit) {
  Helper helper(co_await asio::this_coro::executor, spec, limit);
  co_return co_await helper.run(input);
}

}  // namespace nigh::io
