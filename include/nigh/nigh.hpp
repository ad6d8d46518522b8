// SPDX-License-Identifier: Apache-2.0
// nigh, blocking: connect to a host and run commands there.
//
//   nigh::Host web = nigh::connect("web1");
//   nigh::RunResult r = web.run({"uname", "-a"});
//   std::cout << r.out;
//
// Every function throws nigh::Failure. A Host may be used by several threads at once: its commands
// share one connection. A Process belongs to one thread, except that cancel() and signal() may be
// called from any. <nigh/async.hpp> has the same for programs with a Boost.Asio io_context.
#pragma once

#include <nigh/types.hpp>

#include <cstddef>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>

namespace nigh {

struct RunOptions {
  std::string_view input;  // the command's standard input; must stay alive during the call
  std::stop_token stop;    // a stop request ends the command and throws Errc::cancelled
  std::size_t output_limit = 64u << 20;  // bytes of stdout and stderr each; more: Errc::too_large
};

// A running command. Destroying it ends the command (its process group gets SIGHUP).
class Process {
 public:
  Process(Process&&) noexcept;
  Process& operator=(Process&&) noexcept;
  ~Process();

  // Sends all of `bytes` to standard input; blocks while the command does not read.
  void write(std::string_view bytes);
  void close_input();

  // Waits for output and copies up to into.size() bytes of one channel; 0: that channel has ended.
  // Output of the other channel is kept meanwhile, up to the stream's window; then it blocks the
  // command: read both (read_any) when both matter.
  std::size_t read(Channel channel, std::span<char> into);
  struct Piece {
    Channel channel;
    std::size_t size;  // 0: both channels have ended
  };
  Piece read_any(std::span<char> into);

  ExitStatus wait();                   // discards output that was not read
  void signal(std::string_view name);  // "INT", "TERM", "KILL", …
  void resize(const WindowSize& size);
  // From any thread: every call in progress and to come throws Errc::cancelled; the command ends.
  void cancel();

 private:
  friend class Host;
  struct State;
  explicit Process(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// An authenticated connection. Destroying it ends what still runs on it.
class Host {
 public:
  Host(Host&&) noexcept;
  Host& operator=(Host&&) noexcept;
  ~Host();

  RunResult run(const Command& command, const RunOptions& options = {});
  Process start(const Command& command);

  ServerInfo info();
  // `lifetime` is capped by the server (default and maximum in `nigh-serve(8)`).
  Token token(std::chrono::seconds lifetime = std::chrono::minutes(15));
  void revoke_token(std::string_view id);

 private:
  friend Host connect(std::string_view target, const ConnectOptions& options);
  struct State;
  explicit Host(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// `target` is [user@]host[:port], nigh://[user@]host[:port], or a Host of nigh's configuration or
// of ssh_config. Port 7722 unless told.
Host connect(std::string_view target, const ConnectOptions& options = {});

}  // namespace nigh
