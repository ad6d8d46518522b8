// SPDX-License-Identifier: Apache-2.0
// nigh as Boost.Asio awaitables, for programs that have an io_context.
//
//   asio::awaitable<void> hello() {
//     auto web = co_await nigh::async::connect("web1");
//     auto r = co_await web.run({"uname", "-a"});
//     std::cout << r.out;
//   }
//
// Everything runs on the executor of the coroutine that called connect(); that executor must run
// one handler at a time (an io_context with one thread, or a strand). Cancelling an operation with
// Asio's cancellation ends the command or connection that it belongs to, cleanly. Every function
// throws nigh::Failure. Handles may be destroyed at any time; see each class.
#pragma once

#include <nigh/types.hpp>

#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace nigh::async {

namespace detail {
class Connection;
class RunStream;
}  // namespace detail

template <class T>
using awaitable = boost::asio::awaitable<T>;

// A running command. Destroying it ends the command (its process group gets SIGHUP).
class Process {
 public:
  Process();  // names no command: assign one to it (Asio's combinators need such a state)
  explicit Process(std::shared_ptr<detail::RunStream> stream);
  Process(Process&&) noexcept;
  Process& operator=(Process&&) noexcept;
  ~Process();

  // Sends all of `bytes`, which must stay alive meanwhile, to standard input.
  awaitable<void> write(std::string_view bytes);
  void close_input();

  // As nigh::Process::read and read_any. At most one read at a time.
  awaitable<std::size_t> read(Channel channel, std::span<char> into);
  struct Piece {
    Channel channel;
    std::size_t size;  // 0: both channels have ended
  };
  awaitable<Piece> read_any(std::span<char> into);

  // Connects the command to descriptors of this process at full speed, instead of write() and
  // read(): `in` is read until its end (-1: the command gets an empty input), output goes to `out`
  // and `err`. The descriptors stay the caller's and are restored as they were (O_NONBLOCK).
  // Returns when the command has ended and all its output is written. A closed `out` closes the
  // command's side too, so that it gets SIGPIPE as in a local pipe.
  struct Descriptors {
    int in = 0;
    int out = 1;
    int err = 2;
  };
  awaitable<ExitStatus> forward(Descriptors descriptors);

  awaitable<ExitStatus> wait();        // discards output that was not read
  void signal(std::string_view name);  // "INT", "TERM", "KILL", …
  void resize(const WindowSize& size);

 private:
  std::shared_ptr<detail::RunStream> stream_;
};

// An authenticated connection. Copies name the same connection; when the last one and the last
// Process on it are gone, it closes.
class Host {
 public:
  Host() = default;  // names no connection: assign one to it
  explicit Host(std::shared_ptr<detail::Connection> connection);

  awaitable<Process> start(Command command);
  // `input` must stay alive during the call. Errc::too_large: more than output_limit bytes came.
  awaitable<RunResult> run(Command command, std::string_view input = {},
                           std::size_t output_limit = 64u << 20);

  awaitable<ServerInfo> info();
  awaitable<Token> token(std::chrono::seconds lifetime);
  awaitable<void> revoke_token(std::string id);

 private:
  std::shared_ptr<detail::Connection> connection_;
};

awaitable<Host> connect(std::string target, ConnectOptions options = {});

// What `nigh doctor` prints: each thing that was tried, in order, up to the first that failed.
struct Finding {
  std::string what;  // "name", "port", "TLS", "host key", "keys", "account"
  bool ok = false;
  std::string detail;  // what was found
  std::string advice;  // what to do about it; empty when ok
};
awaitable<std::vector<Finding>> diagnose(std::string target, ConnectOptions options = {});

}  // namespace nigh::async
