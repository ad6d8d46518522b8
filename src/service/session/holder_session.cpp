// SPDX-License-Identifier: Apache-2.0
#include "service/session/holder_session.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "service/session/holder_parts.hpp"

namespace nigh::session {
namespace {

constexpr std::size_t kTerminalCapacity = 4 << 20;
constexpr std::size_t kPipeCapacity = 16 << 20;
constexpr std::uint64_t kTerminalWindow = 256 * 1024;
constexpr std::uint64_t kPipeWindow = 4 << 20;
// How long a connection may stay without saying what it wants.
constexpr std::chrono::seconds kResumeLimit{30};

HolderSettings complete(HolderSettings settings) {
  if (settings.capacity == 0)
    settings.capacity = settings.terminal ? kTerminalCapacity : kPipeCapacity;
  if (settings.input_window == 0)
    settings.input_window = settings.terminal ? kTerminalWindow : kPipeWindow;
  settings.input_window =
      std::clamp<std::uint64_t>(settings.input_window, run::kEarlyInput, run::kMaxInputWindow);
  return settings;
}

}  // namespace

HolderSession::HolderSession(HolderSettings settings, SessionHost& host, TimePoint now)
    : settings_(complete(std::move(settings))),
      host_(host),
      size_(settings_.size),
      now_(now),
      last_activity_(now),
      alone_since_(now),
      streams_{Stream(settings_.capacity), Stream(settings_.capacity)},
      kept_(settings_.keep) {
  if (settings_.terminal) stream(Channel::err).ended = true;
}

HolderSession::~HolderSession() = default;

// ---- connections -------------------------------------------------------------------------------

ConnectionId HolderSession::connect(Visitor visitor, Opening opening, TimePoint now) {
  now_ = now;
  auto id = ++last_connection_;
  // They know each other: the decoder's handlers run only inside receive(), on a live connection.
  auto control = [this, id](run::Frame type, std::string_view payload) {
    return on_control(*find(id), type, payload);
  };
  auto data = [this, id](run::Frame, std::string_view piece) {
    auto& from = *find(id);
    auto* attachment = attachment_of(from);
    if (from.over || from.wrong || attachment == nullptr) return;
    if (auto taken = on_input(*attachment, from, piece); !taken) from.wrong = taken.error();
  };
  auto begin = opening == Opening::started ? run::FrameDecoder::Begin::open
                                           : run::FrameDecoder::Begin::first;
  auto made = std::make_unique<Connection>(
      id, std::move(visitor), now,
      run::FrameDecoder(run::Receiver::holder, {std::move(control), std::move(data)}, begin));
  auto& connection = *connections_.emplace(id, std::move(made)).first->second;
  limit_strangers();
  if (opening == Opening::started) {
    auto& attachment = make_attachment(connection);
    if (settings_.terminal) attachment.size = attachment.told_size = settings_.size;
    for (auto output : {Channel::out, Channel::err}) {
      auto& place = attachment.place(output);
      place.acknowledged = place.sent = stream(output).bytes.begin();
    }
    queue_started(attachment, connection);
    who_changed();
  }
  return id;
}

// Connections that have not said yet what they want: a client that is cut again and again leaves
// some, so it is the oldest that goes.
void HolderSession::limit_strangers() {
  std::size_t strangers = 0;
  Connection* oldest = nullptr;
  for (const auto& [id, connection] : connections_) {
    if (connection->attachment || connection->over) continue;
    if (strangers++ == 0) oldest = connection.get();
  }
  if (strangers > settings_.max_clients) refuse(*oldest, "too many connections to this session");
}

void HolderSession::receive(ConnectionId id, std::string_view bytes, TimePoint now) {
  now_ = now;
  auto* connection = find(id);
  if (connection == nullptr || connection->over) return;
  auto fed = connection->decoder.feed(bytes);
  if (connection->over) return;
  if (connection->wrong) fed = std::unexpected(*connection->wrong);
  if (!fed) refuse(*connection, fed.error().message);
}

void HolderSession::lost(ConnectionId id, TimePoint now, Loss how) {
  now_ = now;
  auto found = connections_.find(id);
  if (found == connections_.end()) return;
  auto* attachment = attachment_of(*found->second);
  const bool told_exit = found->second->exit_sent;
  connections_.erase(found);
  if (attachment == nullptr) return;
  attachment->connection.reset();
  attachment->told_exit |= told_exit;
  attachment->lost_at = now;
  attachment->left = how == Loss::left;
  forget_oldest_lost();
  who_changed();
}

bool HolderSession::is_over(ConnectionId id) const {
  const auto* connection = find(id);
  return connection == nullptr || connection->over;
}

// Ends this connection, for good: what was sent wrongly is no cut that one gets over.
void HolderSession::refuse(Connection& connection, const std::string& why) {
  const bool was_client = connection.attachment.has_value();
  detach(connection);
  connection.push(run::Frame::notice, encode_notice(Detached{why.substr(0, 1024)}));
  if (was_client && attachments_.empty() && !kept_ && !exit_ && !hung_up_) {
    hung_up_ = true;
    host_.hang_up();
  }
}

// The client will not come back on another one.
void HolderSession::detach(Connection& connection) {
  connection.over = true;
  connection.drop_screen();
  auto id = std::exchange(connection.attachment, std::nullopt);
  if (!id) return;
  forget(*id);
  who_changed();
}

HolderSession::Connection* HolderSession::find(ConnectionId id) const {
  auto found = connections_.find(id);
  return found != connections_.end() ? found->second.get() : nullptr;
}

// A client has heard of the session: it can come back, so a terminal is kept for it. One of which
// nobody has heard, because STARTED was lost, would stay for ever.
void HolderSession::is_known() {
  if (settings_.terminal && !ended_) kept_ = true;
}

// ---- attachments -------------------------------------------------------------------------------

HolderSession::Attachment* HolderSession::attachment_of(const Connection& connection) const {
  if (!connection.attachment) return nullptr;
  auto found = attachments_.find(*connection.attachment);
  return found != attachments_.end() ? found->second.get() : nullptr;
}

HolderSession::Attachment& HolderSession::make_attachment(Connection& connection) {
  first_expected_ = false;
  auto id = ++last_attachment_;
  auto& attachment = *attachments_.emplace(id, std::make_unique<Attachment>()).first->second;
  attachment.id = id;
  bind(attachment, connection);
  host_.attached(connection.id, id);
  return attachment;
}

void HolderSession::bind(Attachment& attachment, Connection& connection) {
  attachment.connection = connection.id;
  attachment.expected = true;
  connection.attachment = attachment.id;
}

void HolderSession::forget(AttachmentId id) {
  attachments_.erase(id);
  release_output();
  host_.forgotten(id);
}

// Somebody who is away has probably seen how the shell ended. What was to be kept waits
// nevertheless.
bool HolderSession::has_told(const Attachment& attachment) const {
  return attachment.told_exit && !attachment.read_only && settings_.terminal && !settings_.keep;
}

void HolderSession::forget_oldest_lost() {
  std::size_t lost = 0;
  const Attachment* oldest = nullptr;
  for (const auto& [id, attachment] : attachments_) {
    if (attachment->connection) continue;
    ++lost;
    if (oldest == nullptr || attachment->lost_at < oldest->lost_at) oldest = attachment.get();
  }
  if (lost > settings_.max_clients) forget(oldest->id);
}

void HolderSession::who_changed() {
  if (attached_count() == 0)
    alone_since_ = now_;
  else
    update_size();
}

std::size_t HolderSession::attached_count() const {
  return static_cast<std::size_t>(std::ranges::count_if(
      attachments_, [](const auto& entry) { return entry.second->connection.has_value(); }));
}

bool HolderSession::somebody_expected() const {
  return first_expected_ || std::ranges::any_of(attachments_, [](const auto& entry) {
           return entry.second->connection || entry.second->expected;
         });
}

std::vector<std::string> HolderSession::addresses() const {
  std::vector<std::string> out;
  for (const auto& [id, connection] : connections_)
    if (connection->attachment) out.push_back(connection->visitor.address);
  return out;
}

// The smallest window of those that may type rules, in each direction.
void HolderSession::update_size() {
  if (!settings_.terminal) return;
  std::optional<WindowSize> smallest;
  for (const auto& [id, attachment] : attachments_) {
    if (!attachment->connection || attachment->read_only || !attachment->size) continue;
    const auto& size = *attachment->size;
    if (size.columns == 0 || size.rows == 0) continue;  // it does not know
    if (!smallest) {
      smallest = size;
    } else if (size.columns < smallest->columns || size.rows < smallest->rows) {
      // Pixels are those of one terminal, or of none.
      auto pixels = size.columns <= smallest->columns && size.rows <= smallest->rows
                        ? size
                        : WindowSize{0, 0, 0, 0};
      smallest =
          WindowSize{std::min(size.columns, smallest->columns), std::min(size.rows, smallest->rows),
                     pixels.width_pixels, pixels.height_pixels};
    }
  }
  if (!smallest || same(*smallest, size_)) return;
  size_ = *smallest;
  if (!exit_) host_.resize(size_);
}

// ---- time --------------------------------------------------------------------------------------

std::chrono::milliseconds HolderSession::patience_for(const Attachment& attachment) const {
  const bool ends = attachment.left && !kept_ && !settings_.terminal;
  return ends ? std::min(settings_.hangup_time, settings_.resume_time) : settings_.resume_time;
}

// With nobody attached: when nobody is waited for any more.
TimePoint HolderSession::patience_ends() const {
  auto end = attachments_.empty() ? alone_since_ + settings_.resume_time : alone_since_;
  for (const auto& [id, attachment] : attachments_)
    end = std::max(end, attachment->lost_at + patience_for(*attachment));
  return end;
}

std::optional<TimePoint> HolderSession::deadline() const {
  std::optional<TimePoint> first;
  auto consider = [&](TimePoint when) { first = first ? std::min(*first, when) : when; };
  for (const auto& [id, connection] : connections_)
    if (!connection->attachment && !connection->over) consider(connection->since + kResumeLimit);
  for (const auto& [id, attachment] : attachments_)
    if (!attachment->connection)
      consider(attachment->lost_at + (attachment->expected ? patience_for(*attachment)
                                      : has_told(*attachment) && !collected_
                                          ? settings_.told_time
                                          : settings_.exit_time));
  if (first_expected_) consider(alone_since_ + settings_.resume_time);
  if (!exit_ && !kept_ && !hung_up_ && attached_count() == 0) consider(patience_ends());
  if (exit_ && kept_ && !collected_) consider(exited_at_ + settings_.exit_time);
  return first;
}

void HolderSession::tick(TimePoint now) {
  now_ = now;
  for (const auto& [id, connection] : connections_)
    if (!connection->attachment && !connection->over && now >= connection->since + kResumeLimit)
      refuse(*connection, "no RESUME came");
  std::vector<AttachmentId> gone;
  for (const auto& [id, attachment] : attachments_) {
    if (attachment->connection) continue;
    if (now >= attachment->lost_at + patience_for(*attachment)) attachment->expected = false;
    if (has_told(*attachment) && now >= attachment->lost_at + settings_.told_time)
      collected_ = true;
    if (now >= attachment->lost_at + settings_.exit_time) gone.push_back(id);
  }
  for (auto id : gone) forget(id);
  if (attached_count() == 0 && now >= patience_ends()) {
    first_expected_ = false;
    if (!exit_ && !kept_ && !hung_up_) {
      hung_up_ = true;
      host_.hang_up();
    }
  }
  if (exit_ && now >= exited_at_ + settings_.exit_time) kept_ = false;
}

bool HolderSession::finished() const {
  if (!is_complete() || somebody_expected()) return false;
  for (const auto& [id, connection] : connections_)
    if (!connection->over) return false;
  return collected_ || !kept_;
}

}  // namespace nigh::session
