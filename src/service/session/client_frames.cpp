// SPDX-License-Identifier: Apache-2.0
// A client's session: what it receives.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/secret.hpp"
#include "service/session/client_session.hpp"

namespace nigh::session {
namespace {

using run::Frame;

std::unexpected<Error> wrong(std::string_view what) {
  return fail(Errc::malformed, fmt::format("session: {}", what));
}

}  // namespace

Result<void> ClientSession::receive(std::string_view bytes) {
  if (!is_connected() || detached_) return {};
  auto fed = decoder_->feed(bytes);
  if (wrong_) return std::unexpected(*wrong_);
  return fed;
}

Result<void> ClientSession::on_control(Frame type, std::string_view payload) {
  if (wrong_ || detached_) return {};
  switch (type) {
    case Frame::started:
      return on_started(payload);
    case Frame::ack:
      return on_ack(payload);
    case Frame::exit:
      return on_exit(payload);
    case Frame::notice:
      return on_notice(payload);
    default:
      bug("FrameDecoder let a frame through that is not for a client");
  }
}

void ClientSession::on_data(Frame type, std::string_view piece) {
  if (wrong_ || detached_) return;
  if (auto taken = on_bytes(type, piece); !taken) wrong_ = taken.error();
}

// ---- STARTED -----------------------------------------------------------------------------------

Result<void> ClientSession::on_started(std::string_view payload) {
  auto note = run::decode_started(payload);
  if (!note) return std::unexpected(note.error());
  if (attach_ && !note->session) return wrong("STARTED names no session");
  const bool first = !started_;
  if (note->session) {
    auto begun = first ? begin_at(*note->session) : go_on_at(*started_->session, *note->session);
    if (!begun) return begun;
  } else if (!first) {
    return wrong("STARTED names no session");
  }
  if (!first && note->session->resume_token.empty())
    note->session->resume_token = started_->session->resume_token;
  started_ = *std::move(note);
  window_ = started_->input_window;
  greeted_ = true;
  taker_.on_started();
  return {};
}

// The first time: whatever the offsets are, they are ours from here on.
Result<void> ClientSession::begin_at(const run::SessionNote& session) {
  if (session.input != 0 || session.signals != 0) return wrong("STARTED has input of nobody");
  may_input_ = true;
  thanks_due_ = !attach_;
  screen_owed_ = attach_ && session.terminal;
  const bool wanted_all = !session.terminal && !(attach_ && attach_->tail);
  for (auto channel : {Channel::out, Channel::err}) {
    auto& one = output(channel);
    one.received = one.told = channel == Channel::out ? session.out : session.err;
    if (one.received > 0 && wanted_all) taker_.on_lost(channel, one.received);
  }
  return {};
}

Result<void> ClientSession::go_on_at(const run::SessionNote& before,
                                     const run::SessionNote& session) {
  if (session.id != before.id || session.attachment != before.attachment ||
      session.terminal != before.terminal)
    return wrong("STARTED is of another session");
  if (session.input < input_.begin() || session.input > input_reached_ ||
      session.signals < signals_confirmed_ || session.signals > signals_reached_)
    return wrong("STARTED does not fit what was sent");
  for (auto channel : {Channel::out, Channel::err}) {
    auto& one = output(channel);
    auto at = channel == Channel::out ? session.out : session.err;
    if (at < one.received && !one.closed) return wrong("STARTED does not fit what was received");
    auto missing = at - std::min(at, one.received);
    one.received = one.told = at;
    if (missing == 0 || one.closed) continue;
    screen_owed_ = screen_owed_ || session.terminal;
    // What a repaint shows that was asked for anyway is not missing.
    if (!asked_screen_) taker_.on_lost(channel, missing);
  }
  if (may_input_) return {};  // it is on its way already, from where we said
  may_input_ = true;
  input_.release(session.input);
  input_sent_ = session.input;
  return on_signals_taken(session.signals);
}

// ---- the others --------------------------------------------------------------------------------

Result<void> ClientSession::on_ack(std::string_view payload) {
  auto taken = run::decode_ack(payload);
  if (!taken) return std::unexpected(taken.error());
  if (*taken < input_taken_ || *taken > input_reached_)
    return wrong("an ACK for input that was never sent");
  input_taken_ = *taken;
  forget_input();
  return {};
}

// Those that go along with RESUME are sent once more in any case.
Result<void> ClientSession::on_signals_taken(std::uint64_t count) {
  if (count > signals_reached_) return wrong("more SIGNALs were taken than sent");
  while (signals_confirmed_ < count && !signals_.empty()) {
    signals_.pop_front();
    ++signals_confirmed_;
    if (signals_sent_ > 0) --signals_sent_;
  }
  return {};
}

Result<void> ClientSession::on_exit(std::string_view payload) {
  auto exit = run::decode_exit(payload);
  if (!exit) return std::unexpected(exit.error());
  if (screen_owed_) return wrong("EXIT in a repaint");
  exit_ = *std::move(exit);
  const bool left = std::exchange(over_, true);
  if (!is_resumable() || exit_held_ || left) return {};
  // Who is about to leave does not collect it.
  push(detach_ ? Frame::detach : Frame::exit_ack, "");
  return {};
}

Result<void> ClientSession::on_notice(std::string_view payload) {
  auto notice = decode_notice(payload);
  if (!notice) return std::unexpected(notice.error());
  if (const auto* detached = std::get_if<Detached>(&*notice)) {
    detached_ = detached->why;
    over_ = true;
    Secret::wipe(queue_);
    queue_sent_ = 0;
    return {};
  }
  if (!greeted_ || !is_resumable()) return wrong("a NOTICE that is not for now");
  if (const auto* taken = std::get_if<SignalsTaken>(&*notice))
    return on_signals_taken(taken->count);
  if (const auto* lost = std::get_if<Lost>(&*notice)) {
    auto& one = output(lost->output);
    if (lost->bytes > UINT64_MAX - one.received) return wrong("more was lost than there can be");
    one.received += lost->bytes;
    screen_owed_ = screen_owed_ || started_->session->terminal;
    if (!one.closed) taker_.on_lost(lost->output, lost->bytes);
    return {};
  }
  if (!std::holds_alternative<UnknownNotice>(*notice)) taker_.on_notice(*notice);
  return {};
}

Result<void> ClientSession::on_bytes(Frame type, std::string_view piece) {
  if (type == Frame::screen) {
    if (!screen_owed_) return wrong("a repaint that is not due");
    screen_owed_ = !piece.empty();
    if (!piece.empty()) taker_.on_screen(piece);
    return {};
  }
  auto channel = type == Frame::stdout_data ? Channel::out : Channel::err;
  if (channel == Channel::out && screen_owed_) return wrong("output in a repaint");
  auto& one = output(channel);
  one.received += piece.size();
  if (!one.closed) taker_.on_output(channel, piece);
  return {};
}

}  // namespace nigh::session
