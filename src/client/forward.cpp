// SPDX-License-Identifier: Apache-2.0
#include "client/forward.hpp"

#include <cerrno>

#include "io/fd_sink.hpp"
#include "io/standard_stream.hpp"

namespace nigh::client {
namespace {

using io::StandardStream;

// One output: a descriptor of ours that takes a channel of the command.
class Outlet {
 public:
  Outlet(ProcessStream& stream, Channel channel, int fd, Broadcast& changed)
      : stream_(stream), channel_(channel), changed_(changed) {
    auto opened = StandardStream::open(fd, StandardStream::For::writing);
    if (!opened) {
      lose(EBADF);  // the person closed it (>&-)
      return;
    }
    standard_.emplace(*std::move(opened));
    sink_.emplace(
        stream.executor(), standard_->take(),
        io::FdSink::Events{[this](std::size_t n) { pay_back(n); },
                           [this](int error_number) { lose(error_number); }, [this] { end(); }});
  }
  ~Outlet() { stream_.consume(owed_); }
  Outlet(const Outlet&) = delete;
  Outlet& operator=(const Outlet&) = delete;

  void take(std::string_view bytes) {
    owed_ += bytes.size();
    if (lost_)
      pay_back(owed_);
    else
      sink_->write(bytes);
  }
  void finish() {
    if (!lost_) sink_->finish();
  }
  bool done() const { return done_; }
  // errno of what went wrong; 0 if nothing did, or if it was only that nobody reads any more.
  int error_number() const { return lost_ == EPIPE || lost_ == EBADF ? 0 : lost_; }

 private:
  void pay_back(std::size_t count) {
    owed_ -= count;
    stream_.consume(count);
  }
  void lose(int error_number) {
    lost_ = error_number;
    stream_.close_output(channel_);
    pay_back(owed_);
    end();
  }
  void end() {
    done_ = true;
    changed_.notify_all();
  }

  ProcessStream& stream_;
  Channel channel_;
  Broadcast& changed_;
  std::optional<StandardStream> standard_;
  std::optional<io::FdSink> sink_;
  std::size_t owed_ = 0;
  int lost_ = 0;
  bool done_ = false;
};

class Forwarding : public OutputTaker {
 public:
  Forwarding(ProcessStream& stream, int in, int out, int err)
      : stream_(stream),
        changed_(stream.executor()),
        out_(stream, Channel::out, out, changed_),
        err_(stream, Channel::err, err, changed_) {
    connect_input(in);
    stream.set_taker(this);
  }
  ~Forwarding() override {
    stream_.set_taker(nullptr);
    stream_.drop_input();
  }

  void take(Channel channel, std::string_view bytes) override {
    (channel == Channel::out ? out_ : err_).take(bytes);
  }

  awaitable<ExitStatus> run() {
    auto exit = co_await wait_exit();
    stream_.drop_input();
    out_.finish();
    err_.finish();
    while (!out_.done() || !err_.done()) co_await changed_.wait();
    complain(out_, "standard output");
    complain(err_, "standard error");
    if (!exit) throw Failure(*stream_.failure());
    co_return *exit;
  }

 private:
  void connect_input(int in) {
    if (in >= 0) {
      // A closed standard input (<&-) is an empty one.
      if (auto opened = StandardStream::open(in, StandardStream::For::reading)) {
        standard_in_.emplace(*std::move(opened));
        return stream_.send_input(standard_in_->take());
      }
    }
    stream_.close_input();
  }

  // nullopt: the stream failed; what came before that is still to be written.
  awaitable<std::optional<ExitStatus>> wait_exit() {
    try {
      co_return co_await stream_.wait_exit();
    } catch (const Failure&) {
      if (!stream_.failure()) throw;  // we were cancelled
    }
    co_return std::nullopt;
  }

  static void complain(const Outlet& outlet, std::string_view name) {
    if (outlet.error_number() == 0) return;
    throw Failure(errno_error(std::string("cannot write ") += name, outlet.error_number()));
  }

  ProcessStream& stream_;
  Broadcast changed_;
  std::optional<StandardStream> standard_in_;
  Outlet out_;
  Outlet err_;
};

}  // namespace

awaitable<ExitStatus> forward(std::shared_ptr<ProcessStream> stream, int in, int out, int err) {
  Forwarding forwarding(*stream, in, out, err);
  co_return co_await forwarding.run();
}

}  // namespace nigh::client
