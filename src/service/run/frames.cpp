// SPDX-License-Identifier: Apache-2.0
#include "service/run/frames.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "wire/reader.hpp"

namespace nigh::run {
namespace {

// Receivers of a frame, as bits.
using Receivers = std::uint8_t;
constexpr Receivers operator|(Receiver a, Receiver b) {
  return static_cast<Receivers>(a) | static_cast<Receivers>(b);
}
constexpr bool contains(Receivers receivers, Receiver one) {
  return (receivers & static_cast<Receivers>(one)) != 0;
}
constexpr Receivers kServer = static_cast<Receivers>(Receiver::server);
constexpr Receivers kHolder = static_cast<Receivers>(Receiver::holder);
constexpr Receivers kResuming = static_cast<Receivers>(Receiver::resuming_client);
constexpr Receivers kServers = Receiver::server | Receiver::holder;
constexpr Receivers kClients = Receiver::client | Receiver::resuming_client;

struct Rule {
  Frame type;
  std::string_view name;
  Receivers receivers;
  std::size_t limit;
  bool data;
};

constexpr Rule kRules[] = {
    {Frame::spec, "SPEC", kServer, kMaxSpec, false},
    {Frame::stdin_data, "STDIN", kServers, kMaxData, true},
    {Frame::stdin_eof, "STDIN_EOF", kServers, 0, false},
    {Frame::resize, "RESIZE", kServers, 8, false},
    {Frame::signal, "SIGNAL", kServers, 16, false},
    {Frame::output_closed, "OUTPUT_CLOSED", kServers, 1, false},
    {Frame::resume, "RESUME", kHolder, kMaxControl, false},
    {Frame::output_ack, "OUTPUT_ACK", kHolder, 16, false},
    {Frame::detach, "DETACH", kHolder, 0, false},
    {Frame::hang_up, "HANGUP", kHolder, 0, false},
    {Frame::exit_ack, "EXIT_ACK", kHolder, 0, false},
    {Frame::started, "STARTED", kClients, kMaxControl, false},
    {Frame::stdout_data, "STDOUT", kClients, kMaxData, true},
    {Frame::stderr_data, "STDERR", kClients, kMaxData, true},
    {Frame::ack, "ACK", kClients, 8, false},
    {Frame::exit, "EXIT", kClients, kMaxControl, false},
    {Frame::notice, "NOTICE", kResuming, kMaxControl, false},
    {Frame::screen, "SCREEN", kResuming, kMaxData, true},
};

const Rule* rule_for(Frame type) {
  auto found = std::ranges::find(kRules, type, &Rule::type);
  return found != std::end(kRules) ? found : nullptr;
}

}  // namespace

std::string_view name(Frame type) {
  const auto* rule = rule_for(type);
  return rule != nullptr ? rule->name : "unknown";
}

std::array<char, kFrameHeader> frame_header(Frame type, std::size_t length) {
  return {static_cast<char>(type), static_cast<char>(length >> 24), static_cast<char>(length >> 16),
          static_cast<char>(length >> 8), static_cast<char>(length)};
}

std::string frame(Frame type, std::string_view payload) {
  auto header = frame_header(type, payload.size());
  std::string out(header.data(), header.size());
  return out += payload;
}

Result<void> FrameDecoder::feed(std::string_view bytes) {
  while (!bytes.empty()) {
    if (header_size_ < kFrameHeader) {
      auto n = std::min(kFrameHeader - header_size_, bytes.size());
      std::ranges::copy(bytes.substr(0, n),
                        header_.begin() + static_cast<std::ptrdiff_t>(header_size_));
      header_size_ += n;
      bytes.remove_prefix(n);
      if (header_size_ < kFrameHeader) return {};
      if (auto begun = begin_frame(); !begun) return begun;
    }
    if (auto taken = take_payload(bytes); !taken) return taken;
  }
  return {};
}

Result<void> FrameDecoder::begin_frame() {
  wire::Reader in({header_.data(), header_.size()});
  type_ = static_cast<Frame>(in.u8());
  left_ = in.u32();
  const auto* rule = rule_for(type_);
  if (rule == nullptr || !contains(rule->receivers, receiver_))
    return fail(Errc::malformed, fmt::format("session: a frame of type {} is not for this side",
                                             static_cast<unsigned>(type_)));
  if (left_ > rule->limit)
    return fail(Errc::too_large, fmt::format("session: a {} frame of {} bytes, at most {} allowed",
                                             rule->name, left_, rule->limit));
  return admit(type_);
}

// The table of what is allowed when: state x frame.
Result<void> FrameDecoder::admit(Frame type) {
  const bool opens = type == Frame::spec || type == Frame::started || type == Frame::resume;
  const bool closes = type == Frame::exit || type == Frame::detach || type == Frame::exit_ack;
  const bool input = type == Frame::stdin_data || type == Frame::stdin_eof;
  bool allowed = false;
  switch (state_) {
    case State::first:
      allowed = opens || type == Frame::notice;  // which may say why there is nothing to open
      break;
    case State::open:
      allowed = !opens;
      break;
    case State::input_ended:
      allowed = !opens && !input;
      break;
    case State::over:
      allowed = false;
      break;
  }
  if (!allowed)
    return fail(Errc::malformed, fmt::format("session: a {} frame is not allowed now", name(type)));
  if (opens) state_ = State::open;
  if (type == Frame::stdin_eof) state_ = State::input_ended;
  if (closes) state_ = State::over;
  return {};
}

Result<void> FrameDecoder::take_payload(std::string_view& bytes) {
  auto piece = bytes.substr(0, left_);
  bytes.remove_prefix(piece.size());
  left_ -= piece.size();
  const bool data = rule_for(type_)->data;
  const bool ends_screen = type_ == Frame::screen && left_ == 0;
  if (data && (!piece.empty() || ends_screen)) handler_.on_data(type_, piece);
  if (!data) control_ += piece;
  if (left_ > 0) return {};
  header_size_ = 0;
  return data ? Result<void>() : end_control();
}

Result<void> FrameDecoder::end_control() {
  auto payload = std::move(control_);
  control_ = std::string();
  return handler_.on_control(type_, payload);
}

Result<void> FrameDecoder::finish() const {
  if (header_size_ == 0) return {};
  return fail(Errc::malformed, "session: the stream ended inside a frame");
}

}  // namespace nigh::run
