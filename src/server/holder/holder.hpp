// SPDX-License-Identifier: Apache-2.0
// The process that holds one session: it has the command's pipes or terminal, keeps what clients
// have not acknowledged, and speaks the session's frames with them. It was started by a worker and
// outlives it.
#pragma once

#include <chrono>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "io/fd_sink.hpp"
#include "io/fd_source.hpp"
#include "server/holder/held_command.hpp"
#include "server/holder/session_directory.hpp"
#include "server/link/async_link.hpp"
#include "server/link/holder_messages.hpp"
#include "service/session/holder_session.hpp"
#include "service/terminal/screen.hpp"

namespace nigh::server {

class Holder : private session::SessionHost {
 public:
  // `link`: to the worker, whose first message says what to hold. `directory`: the session's.
  Holder(asio::io_context& context, UniqueFd link, const std::string& directory);

  // As when the machine is about to stop: hangs the command up, and ends soon.
  void stop();

 private:
  using Link = AsyncLink<ToHolder, FromHolder>;
  // A worker that asks.
  struct Peer {
    std::optional<Link> link;
    bool waits = false;  // until the command has ended
  };
  using PeerPosition = std::list<Peer>::iterator;

  struct Client {
    Client(Holder& holder, session::ConnectionId id, HolderClient who, UniqueFd socket,
           UniqueFd farewell, UniqueFd output);
    session::Loss loss() const;
    void send(std::span<const std::string_view> pieces, std::string_view copied);
    HolderClient who;
    UniqueFd farewell;
    io::FdSource in;
    io::FdSink out;
    bool broken = false;
    bool borrows = false;  // output may be lent to its pipe
  };

  // ---- workers (holder_peers.cpp)
  void add_peer(UniqueFd socket);
  void accept_peers();
  void on_message(PeerPosition peer, ToHolder message, std::vector<UniqueFd> descriptors);
  void on(PeerPosition peer, HoldCommand& command, std::vector<UniqueFd> descriptors);
  void on(PeerPosition peer, HolderAttach& attach, std::vector<UniqueFd> descriptors);
  void on(PeerPosition peer, const HolderAsk& ask, std::vector<UniqueFd> descriptors);
  void on(PeerPosition peer, const HolderSignal& signal, std::vector<UniqueFd> descriptors);
  Result<pid_t> hold(HoldCommand& command, UniqueFd terminal);
  SessionFacts facts_now() const;

  // ---- the session's wishes (SessionHost)
  void signal(int number) override { command_.signal(number); }
  void hang_up() override;
  void resize(const WindowSize& size) override;
  std::size_t take_input(std::string_view bytes) override;
  void close_output(Channel output) override { command_.close_output(output); }
  std::string repaint(std::uint32_t scrollback_lines, session::Repaint why) override;
  void attached(session::ConnectionId connection, session::AttachmentId attachment) override;
  void forgotten(session::AttachmentId attachment) override { directory_.remove_token(attachment); }

  // ---- bytes
  // `ends`: see holder_messages.hpp.
  void add_client(HolderClient who, std::vector<UniqueFd> ends, session::Opening opening);
  void drop_client(session::ConnectionId id);
  void receive(session::ConnectionId id);
  void pump_soon();
  void pump();
  void read_output(Channel output);
  void write_input();
  void send_to_clients();
  void on_exit(const ExitStatus& exit);

  // ---- time
  void set_timer();
  void rest();
  void watch();
  void end();

  asio::io_context& context_;
  SessionDirectory directory_;
  HeldCommand command_;
  std::optional<io::Readiness> listener_;
  std::list<Peer> peers_;

  SessionFacts facts_;
  SessionSettings settings_;
  std::optional<ExitStatus> exit_;
  bool ending_ = false;  // on purpose: whoever lost its connection is not waited for
  std::optional<terminal::Screen> screen_;
  std::optional<session::HolderSession> session_;
  std::map<session::ConnectionId, std::unique_ptr<Client>> clients_;
  const HolderClient* newcomer_ = nullptr;  // inside connect(): not among clients_ yet

  char* buffer();
  std::unique_ptr<char[]> buffer_;  // while something comes or goes
  bool pump_due_ = false;
  asio::steady_timer timer_;
  std::optional<session::TimePoint> timer_at_;
  asio::steady_timer rest_timer_;
  bool rest_due_ = false, busy_ = false;
  asio::steady_timer watch_timer_;
  asio::steady_timer stopping_;
};

// The whole process: its exit status. SIGTERM, SIGINT and SIGHUP stop it.
int holder_main(const char* log_level);

}  // namespace nigh::server
