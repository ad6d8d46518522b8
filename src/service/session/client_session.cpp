// SPDX-License-Identifier: Apache-2.0
// A client's session: what it is told to do, and what it sends.
#include "service/session/client_session.hpp"

#include <algorithm>
#include <utility>

#include "base/secret.hpp"
#include "service/session/frame_writer.hpp"

namespace nigh::session {
namespace {

using run::Frame;

constexpr std::array kOutputs = {Channel::out, Channel::err};
// Unless more than this is to be sent again it goes along with RESUME: what was typed while the
// connection was gone arrives a round trip earlier.
constexpr std::size_t kSmallInput = 4 * 1024;
constexpr std::size_t kFewSignals = 64;
// More SIGNALs that the server has not confirmed are not kept. It confirms every 64.
constexpr std::size_t kMaxSignals = 1024;

}  // namespace

ClientSession::ClientSession(std::string spec, SessionTaker& taker)
    : taker_(taker), spec_(std::move(spec)), input_(run::kMaxInputWindow) {
  expect(spec_.size() <= run::kMaxSpec, "a SPEC is over its limit");
}

ClientSession::ClientSession(const AttachRequest& request, SessionTaker& taker)
    : taker_(taker), attach_(request), input_(run::kMaxInputWindow), size_(request.size) {}

ClientSession::~ClientSession() {
  if (is_resumable()) Secret::wipe(started_->session->resume_token);
  if (!queue_.empty()) Secret::wipe(queue_);
}

// ---- the connection ----------------------------------------------------------------------------

void ClientSession::connect() {
  expect(!over_, "a session that is over connects again");
  disconnect();
  decoder_.emplace(
      run::Receiver::resuming_client,
      run::FrameDecoder::Handler{
          [this](Frame type, std::string_view payload) { return on_control(type, payload); },
          [this](Frame type, std::string_view piece) { on_data(type, piece); }});
  push_opening();
}

void ClientSession::push_opening() {
  size_said_ = attach_ && !started_;  // the request has it
  if (!started_) {
    // A server that was asked to attach may have done so on a connection before this one: input for
    // it waits until it says who we are.
    may_input_ = !attach_;
    if (attach_)
      push(Frame::resume, encode_resume(*attach_));
    else
      push(Frame::spec, spec_);
    return;
  }
  const auto& session = started_->session;
  expect(session.has_value(), "a session that cannot be resumed connects again");
  ResumeRequest request;
  request.attachment = session->attachment;
  request.attempt = ++attempts_;
  request.out = output(Channel::out).received;
  request.err = output(Channel::err).received;
  request.screen = screen_owed_;
  asked_screen_ = screen_owed_;
  for (auto& one : outputs_) one.told = one.received;
  may_input_ = may_resend_now();
  if (may_input_) request.again = {input_.begin(), signals_confirmed_};
  push(Frame::resume, encode_resume(request));
}

void ClientSession::disconnect() {
  decoder_.reset();
  wrong_.reset();
  if (!queue_.empty()) Secret::wipe(queue_);
  queue_sent_ = 0;
  greeted_ = may_input_ = asked_screen_ = thanks_due_ = false;
  input_sent_ = input_.begin();
  signals_sent_ = 0;
  input_end_said_ = size_said_ = hang_up_said_ = false;
  for (auto& one : outputs_) one.closed_said = false;
  if (detach_) over_ = true;
}

bool ClientSession::may_resend_now() const {
  return input_.size() <= kSmallInput && signals_.size() <= kFewSignals;
}

// ---- input -------------------------------------------------------------------------------------

std::uint64_t ClientSession::input_allowed() const {
  auto limit = input_taken_ + window_;
  return limit > input_.end() ? std::min<std::uint64_t>(limit - input_.end(), input_.free()) : 0;
}

bool ClientSession::wants_input() const {
  const bool watches = attach_ && attach_->read_only;
  return !over_ && !exit_ && !detach_ && !input_end_ && !watches && input_allowed() > 0;
}

std::span<char> ClientSession::input_room() {
  if (!wants_input()) return {};
  auto room = input_.room();
  return room.first(
      static_cast<std::size_t>(std::min<std::uint64_t>(room.size(), input_allowed())));
}

void ClientSession::input(std::size_t count) { input_.commit(count); }

std::size_t ClientSession::write(std::string_view bytes) {
  if (!wants_input()) return 0;
  return input_.append(bytes.substr(0, static_cast<std::size_t>(input_allowed())));
}

void ClientSession::end_input() { input_end_ = !(attach_ && attach_->read_only); }

// What the server has, and was not promised to be sent once more on this connection.
void ClientSession::forget_input() {
  const bool kept = !started_ || started_->session;
  auto upto = kept ? std::min(input_taken_, input_sent_) : input_sent_;
  input_.release(std::clamp(upto, input_.begin(), input_.end()));
}

// ---- control -----------------------------------------------------------------------------------

Result<void> ClientSession::signal(std::string_view name) {
  if (auto number = run::signal_number(name); !number) return std::unexpected(number.error());
  if (attach_ && attach_->read_only)
    return fail(Errc::refused, "who only watches a session cannot signal it");
  if (signals_.size() >= kMaxSignals)
    return fail(Errc::too_large, "too many signals that the server has not confirmed");
  if (!over_ && !exit_) signals_.emplace_back(name);
  return {};
}

void ClientSession::resize(const WindowSize& size) {
  if (attach_ && attach_->read_only) return;
  size_ = size;
  size_said_ = false;
}

void ClientSession::close_output(Channel channel) { output(channel).closed = true; }

void ClientSession::detach() {
  detach_ = true;
  const bool unknown_there = started_ && !started_->session;
  if (exit_ && exit_held_ && is_connected() && is_resumable()) push(Frame::detach, "");
  exit_held_ = false;
  if (!is_connected() || unknown_there) over_ = true;
}

void ClientSession::hang_up() { hang_up_ = !(attach_ && attach_->read_only); }

void ClientSession::confirm_exit() {
  if (!std::exchange(exit_held_, false) || !exit_) return;
  if (is_connected() && is_resumable()) push(Frame::exit_ack, "");
}

// ---- what is sent ------------------------------------------------------------------------------

void ClientSession::push(Frame type, std::string_view payload) {
  queue_ += run::frame(type, payload);
}

bool ClientSession::input_is_due() const {
  return may_input_ && input_sent_ < std::min(input_.end(), input_taken_ + window_);
}

// Leaving waits for what may be sent, and for nothing else.
bool ClientSession::detach_is_due() const {
  return detach_ && !over_ && may_input_ && !input_is_due();
}

bool ClientSession::output_ack_is_due() const {
  if (!greeted_ || !is_resumable()) return false;
  if (thanks_due_) return true;
  auto step = started_->session->output_kept / 8 + 1;
  return std::ranges::any_of(outputs_, [step](const Output& one) {
    return !one.closed && one.received - one.told >= step;
  });
}

bool ClientSession::has_output() const {
  if (!is_connected()) return false;
  if (!queue_.empty()) return true;
  if (over_) return false;
  const bool session = !started_ || started_->session;
  return (may_input_ && signals_sent_ < signals_.size()) || (size_ && !size_said_) ||
         output_ack_is_due() || input_is_due() ||
         (may_input_ && input_end_ && !input_end_said_ && input_sent_ == input_.end()) ||
         (session && hang_up_ && !hang_up_said_) || detach_is_due() ||
         std::ranges::any_of(outputs_,
                             [](const Output& one) { return one.closed && !one.closed_said; });
}

std::size_t ClientSession::fill(std::span<char> into) {
  if (!is_connected()) return 0;
  FrameWriter out(into);
  for (;;) {
    queue_sent_ += out.put(std::string_view(queue_).substr(queue_sent_));
    if (queue_sent_ < queue_.size()) break;
    if (!queue_.empty()) Secret::wipe(queue_);
    queue_sent_ = 0;
    if (over_ || !out.has_room_for_frame()) break;
    queue_due();
    if (!queue_.empty()) continue;
    if (!input_is_due()) break;
    write_input(out);
  }
  return out.used();
}

// One after the other, each as soon as it is due.
void ClientSession::queue_due() {
  const bool session = !started_ || started_->session;
  if (size_ && !size_said_) {
    size_said_ = true;
    push(Frame::resize, run::encode_resize(*size_));
  }
  for (; may_input_ && signals_sent_ < signals_.size(); ++signals_sent_) {
    push(Frame::signal, signals_[signals_sent_]);
    signals_reached_ = std::max(signals_reached_, signals_confirmed_ + signals_sent_ + 1);
  }
  if (started_ && !started_->session) {  // nobody confirms them
    signals_.clear();
    signals_sent_ = 0;
  }
  if (output_ack_is_due()) {
    for (auto& one : outputs_) one.told = one.received;
    thanks_due_ = false;
    push(Frame::output_ack,
         encode_output_ack({output(Channel::out).told, output(Channel::err).told}));
  }
  for (auto channel : kOutputs) {
    auto& one = output(channel);
    if (one.closed && !std::exchange(one.closed_said, true))
      push(Frame::output_closed, channel == Channel::out ? "\x01" : "\x02");
  }
  if (session && hang_up_ && !std::exchange(hang_up_said_, true)) push(Frame::hang_up, "");
  if (may_input_ && input_end_ && input_sent_ == input_.end() &&
      !std::exchange(input_end_said_, true))
    push(Frame::stdin_eof, "");
  if (queue_.empty() && detach_is_due()) {
    push(Frame::detach, "");
    over_ = true;
  }
}

void ClientSession::write_input(FrameWriter& into) {
  auto allowed = input_taken_ + window_ - input_sent_;
  auto piece = input_.at(input_sent_);
  piece = piece.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(piece.size(), allowed)));
  input_sent_ += into.put_frame(Frame::stdin_data, piece);
  input_reached_ = std::max(input_reached_, input_sent_);
  forget_input();
}

}  // namespace nigh::session
