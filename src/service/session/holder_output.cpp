// SPDX-License-Identifier: Apache-2.0
// What clients get, and when the command has to wait for them.
#include <algorithm>

#include "service/run/messages.hpp"
#include "service/session/frame_writer.hpp"
#include "service/session/holder_parts.hpp"
#include "service/session/holder_session.hpp"

namespace nigh::session {
namespace {

using run::Frame;

constexpr std::array kOutputs = {Channel::out, Channel::err};
// So many SIGNALs are confirmed at once.
constexpr std::uint64_t kSignalsStep = 64;

}  // namespace

// ---- from the command --------------------------------------------------------------------------

// What lies before this offset may go now to make room. The rule about slow clients is here: the
// one who stands at the beginning of a full buffer is waited for, unless another is well ahead.
// Those who only watch are waited for when nobody else is there.
std::uint64_t HolderSession::droppable(Channel output) const {
  const auto& bytes = stream(output).bytes;
  if (first_expected_) return bytes.begin();
  auto slowest = bytes.end(), slowest_of_fast = bytes.end();
  bool fast = false;
  const bool watched_only = std::ranges::none_of(attachments_, [output](const auto& entry) {
    return entry.second->holds(output) && !entry.second->read_only;
  });
  for (const auto& [id, attachment] : attachments_) {
    if (!attachment->holds(output) || (attachment->read_only && !watched_only)) continue;
    auto at = std::max(bytes.begin(), attachment->place(output).acknowledged);
    slowest = std::min(slowest, at);
    if (!attachment->connection || bytes.end() - at > bytes.capacity() / 2) continue;
    fast = true;
    slowest_of_fast = std::min(slowest_of_fast, at);
  }
  return settings_.may_drop && slowest == bytes.begin() && fast ? slowest_of_fast : slowest;
}

bool HolderSession::wants_output(Channel output) const {
  const auto& from = stream(output);
  if (from.ended) return false;
  return from.bytes.free() > 0 || droppable(output) > from.bytes.begin();
}

std::span<char> HolderSession::output_room(Channel output) {
  auto& from = stream(output);
  if (from.ended) return {};
  if (from.bytes.free() == 0) {
    auto step = std::max<std::size_t>(std::min(Replay::kBlock, from.bytes.capacity() / 4), 1);
    from.bytes.release(std::min(from.bytes.begin() + step, droppable(output)));
  }
  return from.bytes.room();
}

void HolderSession::output(Channel output, std::size_t count, TimePoint now) {
  now_ = now;
  stream(output).bytes.commit(count);
  if (count > 0) last_activity_ = now;
  release_output();
}

void HolderSession::output_ended(Channel output) { stream(output).ended = true; }

void HolderSession::exited(const ExitStatus& status, TimePoint now) {
  if (exit_) return;
  now_ = now;
  exit_ = status;
  exited_at_ = now;
  input_closed();
}

bool HolderSession::is_complete() const {
  return exit_ && std::ranges::all_of(streams_, [](const Stream& one) { return one.ended; });
}

// What nobody will ask for goes. Of pipes that are kept, somebody may want all.
void HolderSession::release_output() {
  if (first_expected_ || (kept_ && !settings_.terminal)) return;
  for (auto output : kOutputs) {
    auto& bytes = stream(output).bytes;
    auto wanted = bytes.end();
    for (const auto& [id, attachment] : attachments_)
      if (!attachment->place(output).closed)
        wanted = std::min(wanted, attachment->place(output).acknowledged);
    bytes.release(wanted);
  }
}

// ---- to a client -------------------------------------------------------------------------------

void HolderSession::queue_started(Attachment& attachment, Connection& connection) {
  run::StartedNote note{settings_.process, settings_.input_window};
  auto& session = note.session.emplace();
  session.id = settings_.id;
  session.attachment = attachment.id;
  session.resume_token = std::exchange(connection.visitor.resume_token, {});
  session.terminal = settings_.terminal;
  session.output_kept = settings_.capacity;
  session.input = attachment.input_received;
  session.signals = attachment.signals;
  session.out = attachment.place(Channel::out).sent;
  session.err = attachment.place(Channel::err).sent;
  connection.push(Frame::started, run::encode_started(note));
  Secret::wipe(session.resume_token);
}

bool HolderSession::has_output(ConnectionId id) const {
  const auto* connection = find(id);
  if (connection == nullptr) return false;
  if (!connection->queue.empty()) return true;
  const auto* attachment = attachment_of(*connection);
  if (connection->over || attachment == nullptr || connection->exit_sent) return false;
  return is_due(*attachment, *connection) || connection->screen ||
         std::ranges::any_of(kOutputs,
                             [&](Channel output) {
                               const auto& place = attachment->place(output);
                               return !place.closed && place.sent < stream(output).bytes.end();
                             }) ||
         is_complete();
}

std::size_t HolderSession::fill(ConnectionId id, std::span<char> into) {
  auto* connection = find(id);
  if (connection == nullptr) return 0;
  FrameWriter out(into);
  write_to(*connection, out);
  return out.used();
}

std::size_t HolderSession::gather(ConnectionId id, std::span<char> into,
                                  std::span<std::string_view> pieces) {
  auto* connection = find(id);
  if (connection == nullptr) return 0;
  FrameWriter out(into, pieces);
  write_to(*connection, out);
  return out.pieces();
}

void HolderSession::write_to(Connection& connection, FrameWriter& out) {
  for (;;) {
    connection.queue_sent +=
        out.put(std::string_view(connection.queue).substr(connection.queue_sent));
    if (connection.queue_sent < connection.queue.size()) break;
    connection.drop_queue();
    auto* attachment = attachment_of(connection);
    if (connection.over || attachment == nullptr || connection.exit_sent) break;
    if (!out.has_room_for_frame() || !has_output(connection.id)) break;
    queue_due(*attachment, connection);
    if (!connection.queue.empty()) continue;
    if (connection.screen) {
      write_screen(connection, out);
    } else if (!write_output(*attachment, connection, out)) {
      connection.push(Frame::exit, run::encode_exit(*exit_));
      connection.exit_sent = true;
    }
  }
}

void HolderSession::settle() {
  for (auto& one : streams_) one.bytes.settle();
}

// An ACK that is not due goes along with what goes anyway.
void HolderSession::queue_due(Attachment& attachment, Connection& connection) {
  auto notice = [&](const Notice& what) { connection.push(Frame::notice, encode_notice(what)); };
  if (connection.ack_due || attachment.input_taken != attachment.input_told) {
    connection.ack_due = false;
    attachment.input_told = attachment.input_taken;
    connection.push(Frame::ack, run::encode_ack(attachment.input_taken));
  }
  if (attachment.signals - attachment.told_signals >= kSignalsStep) {
    attachment.told_signals = attachment.signals;
    notice(SignalsTaken{attachment.signals});
  }
  if (auto count = attached_count(); count != attachment.told_clients) {
    attachment.told_clients = count;
    attachment.told_of_others = true;
    notice(Clients{count});
  }
  if (settings_.terminal && (!attachment.told_size || !same(*attachment.told_size, size_))) {
    attachment.told_size = size_;
    attachment.told_of_others = true;
    notice(SizeNotice{size_});
  }
}

bool HolderSession::is_due(const Attachment& attachment, const Connection& connection) const {
  return connection.ack_due || attachment.signals - attachment.told_signals >= kSignalsStep ||
         attached_count() != attachment.told_clients ||
         (settings_.terminal && (!attachment.told_size || !same(*attachment.told_size, size_)));
}

// From here on the client gets what comes after the repaint.
void HolderSession::paint(Attachment& attachment, Connection& connection, std::uint32_t lines,
                          Repaint why) {
  attachment.scrollback = lines;
  attachment.painted = why;
  attachment.place(Channel::out).sent = stream(Channel::out).bytes.end();
  connection.drop_screen();
  connection.screen = host_.repaint(lines, why);
}

void HolderSession::write_screen(Connection& connection, FrameWriter& into) {
  auto rest = std::string_view(*connection.screen).substr(connection.screen_sent);
  connection.screen_sent += into.put_frame(Frame::screen, rest);
  if (rest.empty()) connection.drop_screen();  // the empty frame ends it
}

// Something of an output, or in the queue that some of it was lost; false: there is nothing.
bool HolderSession::write_output(Attachment& attachment, Connection& connection,
                                 FrameWriter& into) {
  for (std::size_t tried = 0; tried < kOutputs.size(); ++tried) {
    auto output = kOutputs[connection.turn++ % kOutputs.size()];
    auto& place = attachment.place(output);
    const auto& bytes = stream(output).bytes;
    if (place.closed || place.sent == bytes.end()) continue;
    if (place.sent < bytes.begin()) {
      skip_lost(attachment, connection, output);
      return true;
    }
    auto type = output == Channel::out ? Frame::stdout_data : Frame::stderr_data;
    place.sent += into.put_frame_of_kept(type, bytes.at(place.sent));
    return true;
  }
  return false;
}

// The client was so slow that what it has not had is gone.
void HolderSession::skip_lost(Attachment& attachment, Connection& connection, Channel output) {
  auto& place = attachment.place(output);
  auto from = place.sent;
  if (settings_.terminal)
    paint(attachment, connection, 0, Repaint::lost);
  else
    place.sent = stream(output).bytes.begin();
  connection.push(Frame::notice, encode_notice(Lost{output, place.sent - from}));
}

}  // namespace nigh::session
