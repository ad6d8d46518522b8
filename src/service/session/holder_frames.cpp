// SPDX-License-Identifier: Apache-2.0
// What clients say: one function a frame.
#include <fmt/format.h>

#include <algorithm>

#include "service/run/messages.hpp"
#include "service/session/holder_parts.hpp"
#include "service/session/holder_session.hpp"

namespace nigh::session {
namespace {

using run::Frame;

std::unexpected<Error> not_allowed(std::string_view what) {
  return fail(Errc::refused, fmt::format("session: a client that only watches sent {}", what));
}

// What changes something for others.
bool is_for_writers(Frame type) {
  return type == Frame::stdin_eof || type == Frame::resize || type == Frame::signal ||
         type == Frame::hang_up;
}

}  // namespace

Result<void> HolderSession::on_control(Connection& from, Frame type, std::string_view payload) {
  if (from.over || from.wrong) return {};
  if (type == Frame::resume) return on_resume(from, payload);
  auto* attachment = attachment_of(from);
  expect(attachment != nullptr, "a client was heard before it was attached");
  if (attachment->read_only && is_for_writers(type)) return not_allowed(run::name(type));
  switch (type) {
    case Frame::stdin_eof:
      on_input_eof(*attachment);
      return {};
    case Frame::resize:
      return on_resize(*attachment, payload);
    case Frame::signal:
      return on_signal(*attachment, from, payload);
    case Frame::output_closed:
      return on_output_closed(*attachment, payload);
    case Frame::output_ack:
      return on_output_ack(*attachment, payload);
    case Frame::detach:
      if (!attachment->read_only && !ended_) kept_ = true;  // somebody wants it to go on alone
      detach(from);
      return {};
    case Frame::hang_up:
      not_kept();
      if (!exit_) host_.hang_up();
      return {};
    case Frame::exit_ack:
      return on_exit_ack(*attachment, from);
    default:
      bug("FrameDecoder let a frame through that is not for a session's holder");
  }
}

// ---- RESUME ------------------------------------------------------------------------------------

Result<void> HolderSession::on_resume(Connection& from, std::string_view payload) {
  auto resume = decode_resume(payload);
  if (!resume) return std::unexpected(resume.error());
  if (const auto* request = std::get_if<ResumeRequest>(&*resume)) return go_on(from, *request);
  return attach(from, std::get<AttachRequest>(*resume));
}

Result<void> HolderSession::go_on(Connection& from, const ResumeRequest& request) {
  auto only = from.visitor.only_attachment;
  if (only && *only != request.attachment)
    return fail(Errc::refused, "session: this token is for another attachment");
  auto found = attachments_.find(request.attachment);
  if (found == attachments_.end())
    return fail(Errc::not_found,
                "this session has not waited so long for its client: attach to it");
  auto& attachment = *found->second;
  if (request.attempt <= attachment.attempt)
    return fail(Errc::refused, "session: this client has come back on a newer connection");
  for (auto output : {Channel::out, Channel::err}) {
    auto received = output == Channel::out ? request.out : request.err;
    const auto& place = attachment.place(output);
    if (!place.closed && (received < place.acknowledged || received > place.sent))
      return fail(Errc::malformed, "session: RESUME from where the client cannot be");
  }
  if (request.again && (request.again->input > attachment.input_received ||
                        request.again->signals > attachment.signals))
    return fail(Errc::malformed, "session: RESUME leaves input out");

  attachment.attempt = request.attempt;
  if (attachment.connection) {  // it has not been seen to break yet
    auto& old = *find(*attachment.connection);
    old.attachment.reset();
    old.over = true;
    old.drop_screen();
    old.push(Frame::notice, encode_notice(Detached{"this client goes on over another connection"}));
  }
  bind(attachment, from);
  is_known();
  who_changed();
  if (request.again) {
    from.skip_input = attachment.input_received - request.again->input;
    from.skip_signals = attachment.signals - request.again->signals;
  }
  from.ack_due = true;  // the last one may not have come through
  if (attachment.told_of_others) {
    attachment.told_clients = 0;
    attachment.told_size.reset();
  }
  attachment.told_signals = attachment.signals;  // STARTED says it

  go_on_with_output(attachment, from, request);
  queue_started(attachment, from);
  release_output();
  return {};
}

void HolderSession::go_on_with_output(Attachment& attachment, Connection& over,
                                      const ResumeRequest& request) {
  for (auto output : {Channel::out, Channel::err}) {
    auto& place = attachment.place(output);
    if (place.closed) continue;
    place.acknowledged = place.sent = output == Channel::out ? request.out : request.err;
    const auto& bytes = stream(output).bytes;
    if (settings_.terminal && output == Channel::out) {
      if (request.screen)
        paint(attachment, over, attachment.scrollback, attachment.painted);
      else if (place.sent < bytes.begin())
        paint(attachment, over, 0, Repaint::lost);
    }
    // It does not know that yet, and may come back once more before it does.
    place.sent = std::max(place.sent, bytes.begin());
  }
}

Result<void> HolderSession::attach(Connection& from, const AttachRequest& request) {
  if (from.visitor.only_attachment)
    return fail(Errc::refused, "session: this token is for an attachment that exists");
  if (attached_count() >= settings_.max_clients)
    return fail(Errc::refused, fmt::format("{} clients are attached already", attached_count()));
  auto& attachment = make_attachment(from);
  attachment.read_only = request.read_only;
  attachment.size = attachment.told_size = request.size;
  attachment.scrollback = request.scrollback;
  is_known();
  who_changed();
  if (settings_.terminal) {
    paint(attachment, from, request.scrollback, Repaint::attached);
  } else {
    for (auto output : {Channel::out, Channel::err}) {
      const auto& bytes = stream(output).bytes;
      attachment.place(output).sent = request.tail ? bytes.tail(*request.tail) : bytes.begin();
    }
  }
  for (auto& place : attachment.places) place.acknowledged = place.sent;
  queue_started(attachment, from);
  return {};
}

// ---- input -------------------------------------------------------------------------------------

Result<void> HolderSession::on_input(Attachment& from, Connection& over, std::string_view piece) {
  if (from.read_only) return not_allowed("STDIN");
  auto again = std::min<std::uint64_t>(over.skip_input, piece.size());
  over.skip_input -= again;
  piece.remove_prefix(static_cast<std::size_t>(again));
  if (piece.empty()) return {};
  if (from.input_ended) return fail(Errc::malformed, "session: STDIN after STDIN_EOF");
  if (from.input_received + piece.size() - from.input_told > settings_.input_window)
    return fail(Errc::too_large, "session: more STDIN than its window allows");
  from.input_received += piece.size();
  last_activity_ = now_;
  if (input_closed_) return {};
  auto taken = input_.empty() ? host_.take_input(piece) : 0;
  input_.push(from.id, piece.substr(taken));
  input_was_taken(from, taken);
  return {};
}

void HolderSession::on_input_eof(Attachment& from) {
  if (std::exchange(from.input_ended, true)) return;  // said again after a resume
  // A terminal's end-of-file character is typed by one; a pipe ends when nobody writes any more.
  const bool others_write = std::ranges::any_of(attachments_, [](const auto& entry) {
    return entry.second->is_here() && !entry.second->read_only && !entry.second->input_ended;
  });
  if (settings_.terminal || !others_write) input_end_wanted_ = true;
}

std::string_view HolderSession::input() const { return input_.next(); }

void HolderSession::input_written(std::size_t count) {
  while (auto taken = input_.take(count)) {
    count -= taken->count;
    auto found = attachments_.find(taken->from);
    if (found != attachments_.end()) input_was_taken(*found->second, taken->count);
  }
}

void HolderSession::input_was_taken(Attachment& attachment, std::size_t count) {
  attachment.input_taken += count;
  if (attachment.connection &&
      attachment.input_taken - attachment.input_told >= settings_.input_window / 4)
    find(*attachment.connection)->ack_due = true;
}

bool HolderSession::input_ended() const {
  return input_end_wanted_ && input_.empty() && !input_closed_;
}

void HolderSession::input_end_done() {
  input_end_wanted_ = false;
  if (!settings_.terminal) input_closed_ = true;
}

void HolderSession::input_closed() {
  input_closed_ = true;
  while (input_.take(input_.next().size())) {
  }
}

// ---- the others --------------------------------------------------------------------------------

Result<void> HolderSession::on_signal(Attachment& from, Connection& over,
                                      std::string_view payload) {
  auto number = run::signal_number(payload);
  if (!number) return std::unexpected(number.error());
  if (over.skip_signals > 0) {
    --over.skip_signals;
    return {};
  }
  ++from.signals;
  if (!exit_) host_.signal(*number);
  return {};
}

Result<void> HolderSession::on_resize(Attachment& from, std::string_view payload) {
  auto size = run::decode_resize(payload);
  if (!size) return std::unexpected(size.error());
  from.size = from.told_size = *size;
  update_size();
  return {};
}

Result<void> HolderSession::on_output_closed(Attachment& from, std::string_view payload) {
  if (payload != "\x01" && payload != "\x02")
    return fail(Errc::malformed, "session: OUTPUT_CLOSED names no output");
  auto output = payload == "\x01" ? Channel::out : Channel::err;
  if (std::exchange(from.place(output).closed, true)) return {};
  release_output();
  // What is kept for somebody who may come is read on.
  const bool others_read = std::ranges::any_of(attachments_, [output](const auto& entry) {
    return entry.second->holds(output) && !entry.second->read_only;
  });
  auto& bytes = stream(output);
  if (kept_ || others_read || bytes.ended) return {};
  bytes.ended = true;
  host_.close_output(output);
  return {};
}

Result<void> HolderSession::on_output_ack(Attachment& from, std::string_view payload) {
  auto ack = decode_output_ack(payload);
  if (!ack) return std::unexpected(ack.error());
  is_known();
  for (auto output : {Channel::out, Channel::err}) {
    auto& place = from.place(output);
    auto value = output == Channel::out ? ack->out : ack->err;
    if (place.closed) continue;
    if (value < place.acknowledged || value > place.sent)
      return fail(Errc::malformed, "session: an OUTPUT_ACK for output that was not sent");
    place.acknowledged = value;
  }
  release_output();
  return {};
}

Result<void> HolderSession::on_exit_ack(Attachment& from, Connection& over) {
  if (!over.exit_sent) return fail(Errc::malformed, "session: an EXIT_ACK before EXIT");
  if (!from.read_only) collected_ = true;
  detach(over);
  return {};
}

}  // namespace nigh::session
