// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nigh/types.hpp>

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "service/run/frames.hpp"
#include "service/session/input_queue.hpp"
#include "service/session/messages.hpp"
#include "service/session/replay.hpp"

namespace nigh::session {

class FrameWriter;

// Never goes back; may stand still while the machine sleeps.
using TimePoint = std::chrono::steady_clock::time_point;

// A connection with a client: one socket of the holder. Never used twice.
using ConnectionId = std::uint64_t;

struct HolderSettings {
  std::string id;            // the session's
  std::string process;       // names the command in the log: its pid
  bool terminal = false;     // one stream of output, and a screen that can be painted again
  bool keep = false;         // goes on without clients; so does a terminal that a client knows of
  bool may_drop = true;      // output that one is slow to acknowledge, for the sake of others
  WindowSize size;           // of the terminal at its start
  std::size_t capacity = 0;  // of each output's buffer; 0: 4 MiB for a terminal, 16 MiB for pipes
  std::uint64_t input_window = 0;  // 0: 256 KiB for a terminal, 4 MiB for pipes
  // How long a client that lost its connection is waited for: output is held back for it, and
  // a session that is not kept is hung up after it.
  std::chrono::milliseconds resume_time{600'000};
  // The same for one that did not lose it but ended it, in a session that is not kept: its process
  // has died, or something between has spoken in its place.
  std::chrono::milliseconds hangup_time{10'000};
  // How long the exit status of a kept session waits for somebody.
  std::chrono::milliseconds exit_time{std::chrono::days(7)};
  // The same for a terminal that was not to be kept, once it was sent to a client, whose answer may
  // have been lost with it: long enough for a night's sleep.
  std::chrono::milliseconds told_time{std::chrono::days(1)};
  std::size_t max_clients = 16;  // connected; and as many that may come back
};

// Who is at the other end of a connection, as the worker says.
struct Visitor {
  std::string address;
  // For the attachment that this client makes, if it makes one: it is in its STARTED.
  std::string resume_token;
  // It may go on with this attachment and do nothing else.
  std::optional<AttachmentId> only_attachment;
};

enum class Opening {
  started,  // the first client's: SPEC was read already, other frames follow, STARTED is owed
  resume,   // RESUME comes first
};

// How a connection ended.
enum class Loss {
  cut,   // nothing is heard of the client: it may be without a network
  left,  // the client, or its machine, said that it is over
};

enum class Repaint {
  attached,  // the client's terminal shows something else: scroll it away
  lost,      // the client has seen a part: paint over it
};

// What a HolderSession has done to its process and asks about it. Called from inside its member
// functions, none of which may be called back from here.
class SessionHost {
 public:
  virtual ~SessionHost() = default;
  virtual void signal(int number) = 0;  // to the process group
  virtual void hang_up() = 0;           // HUP and CONT; maybe several times
  // Terminals: the size changes, the foreground group gets WINCH.
  virtual void resize(const WindowSize& size) = 0;
  // The command's input, when none is waiting for it: as much as it takes now; says how much.
  virtual std::size_t take_input(std::string_view /*bytes*/) { return 0; }
  // Pipes: nobody reads this output any more; close our end. output_ended() need not follow.
  virtual void close_output(Channel output) = 0;
  // Terminals: what makes another terminal show what this one shows after all bytes that were given
  // to output() so far.
  virtual std::string repaint(std::uint32_t scrollback_lines, Repaint why) = 0;
  // An attachment was made on this connection; its STARTED is not on its way yet.
  virtual void attached(ConnectionId connection, AttachmentId attachment) = 0;
  // It cannot be resumed any more: its token is worth nothing.
  virtual void forgotten(AttachmentId attachment) = 0;
};

// Everything that the holder of a session decides: which bytes go to which client and when, what
// may be forgotten, who may type, when it is over. Bytes in, bytes out; no descriptor, no clock.
// The holder process feeds it, asks it after each call what there is to do, and does it.
//
// Clients are hostile: whatever they send, others are not affected and memory stays within
//   outputs * capacity + clients * (input_window + one repaint)
// and what keeps the pieces of input apart.
// Not for several threads.
class HolderSession {
 public:
  // The command has been started. `host` outlives the session.
  HolderSession(HolderSettings settings, SessionHost& host, TimePoint now);
  ~HolderSession();
  HolderSession(const HolderSession&) = delete;

  // ---- clients: one connection each ------------------------------------------------------------

  ConnectionId connect(Visitor visitor, Opening opening, TimePoint now);
  // Bytes of a client, all of them. Of a connection that is over they are ignored.
  void receive(ConnectionId id, std::string_view bytes, TimePoint now);
  // The connection has ended, or the client's half of it: in a session that is the same. Forgets
  // the connection; also called for one that is over. The attachment may come back on another.
  void lost(ConnectionId id, TimePoint now, Loss how = Loss::cut);

  // Writes what is to be sent next, whole frames mostly, and says how many bytes. 0: nothing now.
  // `into` has kMinFill bytes at least; 256 KiB is a good size. What it wrote counts as sent.
  static constexpr std::size_t kMinFill = 64;
  std::size_t fill(ConnectionId id, std::span<char> into);
  // The same without copying output: writes to `pieces` what is to be sent, one after the other, of
  // which some lies in `into`, and says how many there are. They are good until anything is called
  // that is not const.
  static constexpr std::size_t kMinPieces = 4;
  std::size_t gather(ConnectionId id, std::span<char> into, std::span<std::string_view> pieces);
  // fill() would write something.
  bool has_output(ConnectionId id) const;
  // After what fill() still gives, and everything it gave before, the holder ends the connection
  // and calls lost().
  bool is_over(ConnectionId id) const;

  // Those that are attached now.
  std::vector<std::string> addresses() const;
  WindowSize size() const { return size_; }

  // ---- output of the command -------------------------------------------------------------------

  // Where to read the next output to: straight from the descriptor. Empty: the command has to wait,
  // until wants_output().
  std::span<char> output_room(Channel output);
  bool wants_output(Channel output) const;
  void output(Channel output, std::size_t count, TimePoint now);
  // It is at its end. A terminal has Channel::out only.
  void output_ended(Channel output);
  // EXIT goes out when all outputs have ended too; call output_ended() for one that somebody else
  // holds open.
  void exited(const ExitStatus& status, TimePoint now);

  // ---- input of the command --------------------------------------------------------------------

  // The next bytes for the command, as far as they lie together; empty: none now.
  std::string_view input() const;
  void input_written(std::size_t count);
  // The clients have said that no more comes, and all before is written: close it. For a terminal:
  // write its end-of-file character if it is in canonical mode. True until input_end_done().
  bool input_ended() const;
  void input_end_done();
  // The command has closed its input itself: what clients still send is thrown away.
  void input_closed();

  // ---- time ------------------------------------------------------------------------------------

  // When tick() wants to be called.
  std::optional<TimePoint> deadline() const;
  void tick(TimePoint now);
  // The command has ended, and nobody will ask for its output or its exit status any more.
  bool finished() const;
  // The session was ended on purpose, or its exit status was given to somebody in another way: once
  // the command has ended, and those who are attached know it, nobody is waited for.
  void not_kept() {
    ended_ = true;
    kept_ = false;
  }
  bool is_kept() const { return kept_; }
  // Nothing happens for a while: memory that was kept for bursts is given back.
  void settle();
  // The last input or output.
  TimePoint last_activity() const { return last_activity_; }

 private:
  struct Attachment;
  struct Connection;
  struct Stream {
    explicit Stream(std::size_t capacity) : bytes(capacity) {}
    Replay bytes;
    bool ended = false;
  };

  // ---- what clients say (holder_frames.cpp)
  Result<void> on_control(Connection& from, run::Frame type, std::string_view payload);
  Result<void> on_resume(Connection& from, std::string_view payload);
  Result<void> go_on(Connection& from, const ResumeRequest& request);
  void go_on_with_output(Attachment& attachment, Connection& over, const ResumeRequest& request);
  Result<void> attach(Connection& from, const AttachRequest& request);
  Result<void> on_input(Attachment& from, Connection& over, std::string_view piece);
  void input_was_taken(Attachment& attachment, std::size_t count);
  void on_input_eof(Attachment& from);
  Result<void> on_signal(Attachment& from, Connection& over, std::string_view payload);
  Result<void> on_resize(Attachment& from, std::string_view payload);
  Result<void> on_output_closed(Attachment& from, std::string_view payload);
  Result<void> on_output_ack(Attachment& from, std::string_view payload);
  Result<void> on_exit_ack(Attachment& from, Connection& over);

  // ---- who is there (holder_session.cpp)
  Connection* find(ConnectionId id) const;
  Attachment* attachment_of(const Connection& connection) const;
  Attachment& make_attachment(Connection& connection);
  void bind(Attachment& attachment, Connection& connection);
  void refuse(Connection& connection, const std::string& why);
  void is_known();
  void detach(Connection& connection);
  void forget(AttachmentId id);
  bool has_told(const Attachment& attachment) const;
  void forget_oldest_lost();
  void limit_strangers();
  void who_changed();
  std::size_t attached_count() const;
  std::chrono::milliseconds patience_for(const Attachment& attachment) const;
  TimePoint patience_ends() const;
  bool somebody_expected() const;
  void update_size();

  // ---- what they get (holder_output.cpp)
  Stream& stream(Channel output) { return streams_[static_cast<std::size_t>(output)]; }
  const Stream& stream(Channel output) const { return streams_[static_cast<std::size_t>(output)]; }
  std::uint64_t droppable(Channel output) const;
  void release_output();
  void queue_started(Attachment& attachment, Connection& connection);
  void queue_due(Attachment& attachment, Connection& connection);
  void write_to(Connection& connection, FrameWriter& out);
  bool is_due(const Attachment& attachment, const Connection& connection) const;
  bool owes_exit(const Attachment& attachment, const Connection& connection) const;
  void paint(Attachment& attachment, Connection& connection, std::uint32_t lines, Repaint why);
  void write_screen(Connection& connection, FrameWriter& into);
  bool write_output(Attachment& attachment, Connection& connection, FrameWriter& into);
  void skip_lost(Attachment& attachment, Connection& connection, Channel output);
  bool is_complete() const;

  HolderSettings settings_;
  SessionHost& host_;
  WindowSize size_;
  TimePoint now_;  // of the call that we are in, or the last one
  TimePoint last_activity_;
  TimePoint alone_since_;

  std::map<ConnectionId, std::unique_ptr<Connection>> connections_;
  std::map<AttachmentId, std::unique_ptr<Attachment>> attachments_;
  ConnectionId last_connection_ = 0;
  AttachmentId last_attachment_ = 0;
  bool first_expected_ = true;  // the client that started the command has not connected yet

  std::array<Stream, 2> streams_;
  InputQueue input_;
  bool input_end_wanted_ = false;
  bool input_closed_ = false;

  std::optional<ExitStatus> exit_;
  TimePoint exited_at_;
  bool kept_;               // goes on, and waits for somebody with its exit status, without clients
  bool ended_ = false;      // on purpose
  bool hung_up_ = false;    // because nobody came back
  bool collected_ = false;  // somebody has the exit status
};

}  // namespace nigh::session
