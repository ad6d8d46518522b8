// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nigh/types.hpp>

#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "service/run/frames.hpp"
#include "service/run/messages.hpp"
#include "service/session/messages.hpp"
#include "service/session/replay.hpp"

namespace nigh::session {

class FrameWriter;

// Who gets what a ClientSession receives. Called from inside receive(), and must not end the
// connection from there.
class SessionTaker {
 public:
  virtual ~SessionTaker() = default;
  // The session has begun, or goes on after a lost connection.
  virtual void on_started() = 0;
  // Every byte once and in order.
  virtual void on_output(Channel output, std::string_view piece) = 0;
  // A terminal is painted: write it as output is written, in order with it.
  virtual void on_screen(std::string_view piece) = 0;
  // So many bytes of an output that the server did not keep for us are missing here.
  virtual void on_lost(Channel output, std::uint64_t bytes) = 0;
  // Clients and SizeNotice, what a person may want to know.
  virtual void on_notice(const Notice& notice) = 0;
};

// Everything that a client of a session decides: what it keeps until the server has it, what it
// sends on a new connection, what it has received, when it is over. Bytes in, bytes out; no stream,
// no clock. Lasts over any number of connections:
//
//   connect()  fill()…  receive()…  disconnect()   connect()  fill()…  …
//
// A server that answers a SPEC without "resume" with a STARTED that names no session is served too:
// nothing is sent then that such a session does not have, and is_resumable() stays false.
//
// Servers are hostile until parsed: what they send grows nothing here. Not for several threads.
class ClientSession {
 public:
  // A new session; `spec` is the SPEC frame's payload, run::kMaxSpec at most.
  ClientSession(std::string spec, SessionTaker& taker);
  // One that exists already.
  ClientSession(const AttachRequest& request, SessionTaker& taker);
  ~ClientSession();

  // ---- the connection --------------------------------------------------------------------------

  // The next bytes go to a new connection: RESUME of what was begun comes first; before STARTED has
  // come, SPEC or the request to attach, once more (so a caller that cannot know whether the server
  // has had a SPEC does not call it again).
  void connect();
  // It has ended or is given up: nothing is sent or received until connect().
  void disconnect();
  bool is_connected() const { return decoder_.has_value(); }

  // Writes what is to be sent next and says how many bytes. 0: nothing now. `into` has kMinFill
  // bytes at least.
  static constexpr std::size_t kMinFill = 64;
  std::size_t fill(std::span<char> into);
  bool has_output() const;
  // What the server sends. Errc::malformed or Errc::too_large: give up, this is no server of ours.
  Result<void> receive(std::string_view bytes);

  // Nothing more is received, and nothing to be sent but what fill() still gives: end our half
  // then. Either exit() is there, or detached() says why not; or detach() was called.
  bool is_over() const { return over_; }

  // ---- what is known ---------------------------------------------------------------------------

  bool has_started() const { return started_.has_value(); }
  // The newest STARTED, with `session`, `attachment` and `resume_token`.
  const std::optional<run::StartedNote>& started() const { return started_; }
  bool is_resumable() const { return started_ && started_->session.has_value(); }
  const std::optional<ExitStatus>& exit() const { return exit_; }
  // The server has ended this attachment, for this reason: it cannot be resumed.
  const std::optional<std::string>& detached() const { return detached_; }

  // ---- input -----------------------------------------------------------------------------------

  // Where to write the next input to, straight from a descriptor; empty while as much was given as
  // the window allows. It is kept until the server has it.
  std::span<char> input_room();
  void input(std::size_t count);
  // As much of `bytes` as there is room for now; says how many.
  std::size_t write(std::string_view bytes);
  bool wants_input() const;
  // No more comes. Once.
  void end_input();
  // Bytes of input that the server does not have yet, as far as we know.
  std::uint64_t input_kept() const { return input_.size(); }

  // ---- control ---------------------------------------------------------------------------------

  // Nothing of a client that only watches is sent: its input is not wanted, signals are refused.
  //
  // Errc::usage: not a signal's name. Errc::too_large: the server has not confirmed so many.
  Result<void> signal(std::string_view name);
  void resize(const WindowSize& size);
  void close_output(Channel output);
  // Leaves the session, which goes on: over once this was sent, or at once without a connection.
  void detach();
  // Asks the server to hang the session up. EXIT follows.
  void hang_up();
  // EXIT is confirmed as soon as it comes, after which the server forgets it; from this call on,
  // and before EXIT, only when confirm_exit() was called. Who has not confirmed it ends its half
  // without that, and the server keeps it for somebody else.
  void hold_exit() { exit_held_ = true; }
  void confirm_exit();

 private:
  // What there is to say of an output.
  struct Output {
    std::uint64_t received = 0;
    std::uint64_t told = 0;  // in the last OUTPUT_ACK or RESUME
    bool closed = false;
    bool closed_said = false;  // on this connection
  };

  Output& output(Channel channel) { return outputs_[static_cast<std::size_t>(channel)]; }
  const Output& output(Channel channel) const {
    return outputs_[static_cast<std::size_t>(channel)];
  }

  // ---- what is sent
  void push(run::Frame type, std::string_view payload);
  void push_opening();
  bool may_resend_now() const;
  bool input_is_due() const;
  bool detach_is_due() const;
  bool output_ack_is_due() const;
  void queue_due();
  void write_input(FrameWriter& into);
  void forget_input();
  std::uint64_t input_allowed() const;

  // ---- what is received
  Result<void> on_control(run::Frame type, std::string_view payload);
  Result<void> on_started(std::string_view payload);
  Result<void> begin_at(const run::SessionNote& session);
  Result<void> go_on_at(const run::SessionNote& before, const run::SessionNote& session);
  Result<void> on_ack(std::string_view payload);
  Result<void> on_exit(std::string_view payload);
  Result<void> on_notice(std::string_view payload);
  Result<void> on_signals_taken(std::uint64_t count);
  void on_data(run::Frame type, std::string_view piece);
  Result<void> on_bytes(run::Frame type, std::string_view piece);

  SessionTaker& taker_;
  std::string spec_;
  std::optional<AttachRequest> attach_;

  // ---- this connection
  std::optional<run::FrameDecoder> decoder_;
  std::optional<Error> wrong_;  // what the server sent in a data frame
  std::string queue_;           // control frames
  std::size_t queue_sent_ = 0;
  bool greeted_ = false;    // STARTED has come on it
  bool may_input_ = false;  // the server knows from where STDIN and SIGNAL go on
  bool asked_screen_ = false;
  std::uint64_t input_sent_ = 0;
  std::size_t signals_sent_ = 0;  // of signals_
  bool input_end_said_ = false;
  bool size_said_ = false;
  bool thanks_due_ = false;  // nothing shows yet that STARTED has arrived
  bool hang_up_said_ = false;

  // ---- the session
  std::uint64_t attempts_ = 0;  // to go on
  Replay input_;
  std::uint64_t input_taken_ = 0;    // ACK
  std::uint64_t input_reached_ = 0;  // sent at least once
  std::uint64_t window_ = run::kEarlyInput;
  bool input_end_ = false;
  std::deque<std::string> signals_;  // not confirmed
  std::uint64_t signals_confirmed_ = 0;
  std::uint64_t signals_reached_ = 0;  // sent at least once
  std::optional<WindowSize> size_;
  std::array<Output, 2> outputs_;
  bool screen_owed_ = false;  // the server paints
  bool detach_ = false;
  bool hang_up_ = false;
  bool exit_held_ = false;
  std::optional<run::StartedNote> started_;
  std::optional<ExitStatus> exit_;
  std::optional<std::string> detached_;
  bool over_ = false;
};

}  // namespace nigh::session
