// SPDX-License-Identifier: Apache-2.0
// What happens when nghttp2 reports something: one handler for each kind of frame.
#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "http2/session_impl.hpp"

namespace nigh::http2 {
namespace {

constexpr std::size_t kFrameHeader = 9;
// No DATA frame smaller than this is made only because the output buffer is nearly full.
constexpr std::size_t kUsefulFrame = 16 * 1024;
// A message this many times over the limit is not answered any more.
constexpr std::size_t kHopeless = 2;

bool ends_stream(const nghttp2_frame_hd& header) {
  return (header.flags & NGHTTP2_FLAG_END_STREAM) != 0;
}

// No byte, or as few as padding alone can explain.
bool may_be_empty(const nghttp2_frame_hd& data) {
  bool padded = (data.flags & NGHTTP2_FLAG_PADDED) != 0;
  return data.length == 0 || (padded && data.length <= 256);
}

}  // namespace

// ---- budgets ---------------------------------------------------------------------------------

bool Session::Impl::spend(Budget& budget, std::string_view what) {
  if (budget.spend(clock_())) return true;
  fail(
      {Errc::too_large, fmt::format("the peer floods the connection with {} (more than {} in 10 s)",
                                    what, budget.limit())},
      kEnhanceYourCalm);
  return false;
}

bool Session::Impl::spend_window_update() {
  if (window_updates_due_ == 0) return spend(window_updates_, "WINDOW_UPDATE frames");
  --window_updates_due_;
  return true;
}

bool Session::Impl::on_begin_frame(const nghttp2_frame_hd& header) {
  switch (header.type) {
    case NGHTTP2_DATA:
      return !may_be_empty(header) || ends_stream(header) ||
             spend(empty_data_, "DATA frames without data");
    case NGHTTP2_PRIORITY:
      return spend(priorities_, "PRIORITY frames");
    case NGHTTP2_RST_STREAM:
      // A client opens the streams itself: their resets cost it nothing that it did not ask for.
      return role_ == Role::client || spend(resets_, "RST_STREAM frames");
    case NGHTTP2_SETTINGS:
      return spend(settings_, "SETTINGS frames");
    case NGHTTP2_GOAWAY:
      return spend(settings_, "GOAWAY frames");
    case NGHTTP2_PING:
      return spend(pings_, "PING frames");
    case NGHTTP2_WINDOW_UPDATE:
      return spend_window_update();
    default:
      return true;  // HEADERS and CONTINUATION have limits of their own
  }
}

// ---- header blocks ---------------------------------------------------------------------------

bool Session::Impl::on_begin_headers() {
  block_ = HeaderBlock();
  return true;
}

bool Session::Impl::over_limit() const {
  return block_.bytes > limits_.header_bytes || block_.count > limits_.header_fields;
}

bool Session::Impl::on_header(std::string_view name, std::string_view value, bool sensitive) {
  block_.bytes += name.size() + value.size() + 32;  // as RFC 9113, section 6.5.2, counts
  block_.count += 1;
  if (block_.bytes > kHopeless * limits_.header_bytes ||
      block_.count > kHopeless * limits_.header_fields) {
    fail({Errc::too_large, "the peer sent a header far over the limit"}, kEnhanceYourCalm);
    return false;
  }
  if (over_limit())
    block_.fields = Fields();
  else
    block_.fields.push_back({std::string(name), std::string(value), sensitive});
  return true;
}

bool Session::Impl::on_headers_complete(StreamId id, bool end_of_stream) {
  auto* known = stream(id);
  if (known != nullptr && known->headers_seen) {
    // Trailer fields: dropped.
  } else if (over_limit()) {
    if (role_ == Role::server && !spend(resets_, "requests over the header limit")) return false;
    refuse_headers(id);
  } else if (role_ == Role::server) {
    on_request(id, end_of_stream);
  } else if (known != nullptr) {
    on_response(id, *known, end_of_stream);
  }
  block_ = HeaderBlock();
  if (auto* now = stream(id); now != nullptr && end_of_stream) on_peer_end(id, *now);
  return true;
}

void Session::Impl::on_request(StreamId id, bool end_of_stream) {
  auto& stream = streams_[id];
  stream.headers_seen = true;
  const auto* method = find(block_.fields, ":method");
  stream.no_body = method != nullptr && *method == "HEAD";
  events_.on_headers(id, std::move(block_.fields), end_of_stream);
}

void Session::Impl::on_response(StreamId id, Stream& stream, bool end_of_stream) {
  const auto* status = find(block_.fields, ":status");
  if (status == nullptr || status->starts_with('1')) return;
  stream.headers_seen = true;
  events_.on_headers(id, std::move(block_.fields), end_of_stream);
}

void Session::Impl::refuse_headers(StreamId id) {
  if (role_ == Role::client) {
    nghttp2_submit_rst_stream(session_.get(), NGHTTP2_FLAG_NONE, id, kEnhanceYourCalm);
    return;
  }
  auto& refused = streams_[id];
  refused.headers_seen = refused.hidden = refused.discard = true;
  respond(id, refused, {{":status", "431"}, {"content-length", "0"}}, nullptr);
}

// ---- receiving -------------------------------------------------------------------------------

bool Session::Impl::on_data(StreamId id, std::string_view bytes) {
  auto* known = stream(id);
  if (known == nullptr || known->discard)
    nghttp2_session_consume(session_.get(), id, bytes.size());
  else
    events_.on_data(id, bytes);
  return true;
}

bool Session::Impl::on_frame_received(const nghttp2_frame& frame) {
  switch (frame.hd.type) {
    case NGHTTP2_HEADERS:
      return on_headers_complete(frame.hd.stream_id, ends_stream(frame.hd));
    case NGHTTP2_DATA:
      if (auto* known = stream(frame.hd.stream_id); known != nullptr && ends_stream(frame.hd))
        on_peer_end(frame.hd.stream_id, *known);
      break;
    case NGHTTP2_SETTINGS:
      if ((frame.hd.flags & NGHTTP2_FLAG_ACK) == 0) events_.on_settings();
      break;
    case NGHTTP2_PING:
      if ((frame.hd.flags & NGHTTP2_FLAG_ACK) != 0) {
        std::uint64_t opaque = 0;
        std::memcpy(&opaque, frame.ping.opaque_data, sizeof opaque);
        events_.on_pong(opaque);
      }
      break;
    case NGHTTP2_GOAWAY:
      events_.on_goaway(frame.goaway.last_stream_id, frame.goaway.error_code);
      break;
    default:
      break;
  }
  return true;
}

void Session::Impl::on_peer_end(StreamId id, Stream& stream) {
  stream.peer_ended = true;
  if (!stream.discard) events_.on_end(id);
}

// ---- sending ---------------------------------------------------------------------------------

std::size_t Session::Impl::body_length(std::size_t allowed) {
  std::size_t fits = out_->room() > kFrameHeader ? out_->room() - kFrameHeader : 0;
  no_room_ = fits == 0 || (fits < std::min(allowed, kUsefulFrame) && !out_->empty());
  return no_room_ ? 1 : std::min(allowed, fits);
}

ssize_t Session::Impl::read_body(Stream& stream, std::size_t length, std::uint32_t& flags) {
  if (stream.source == nullptr || stream.waiting) return NGHTTP2_ERR_DEFERRED;
  if (no_room_) return NGHTTP2_ERR_PAUSE;
  auto chunk = stream.source->read(out_->free_span().subspan(kFrameHeader, length));
  using Next = BodySource::Next;
  expect(chunk.size <= length, "a BodySource wrote more than it was given room for");
  expect(chunk.size > 0 || chunk.next != Next::more, "a BodySource said more without a byte");
  stream.waiting = chunk.next == Next::wait;
  if (chunk.size == 0 && stream.waiting) return NGHTTP2_ERR_DEFERRED;
  if (chunk.next == Next::end) {
    stream.source = nullptr;
    flags |= NGHTTP2_DATA_FLAG_EOF;
  }
  flags |= NGHTTP2_DATA_FLAG_NO_COPY;
  return static_cast<ssize_t>(chunk.size);
}

// The body is in place since read_body(); its header goes into the gap before it.
void Session::Impl::write_body(const std::uint8_t* frame_header, std::size_t length) {
  std::memcpy(out_->free_span().data(), frame_header, kFrameHeader);
  out_->commit(kFrameHeader + length);
}

bool Session::Impl::on_frame_sent(const nghttp2_frame& frame) {
  switch (frame.hd.type) {
    case NGHTTP2_DATA:
      // The stream's and the connection's; more if the peer reads large frames in small steps.
      window_updates_due_ += 2 + frame.hd.length / 8192;
      if (ends_stream(frame.hd)) on_our_end(frame.hd.stream_id);
      return true;
    case NGHTTP2_HEADERS:
      if (ends_stream(frame.hd)) on_our_end(frame.hd.stream_id);
      return true;
    case NGHTTP2_RST_STREAM:
      return on_reset_sent(frame.rst_stream.error_code);
    case NGHTTP2_GOAWAY:
      on_goaway_sent(frame.goaway);
      return true;
    default:
      return true;
  }
}

void Session::Impl::on_our_end(StreamId id) {
  auto* ended = stream(id);
  if (ended == nullptr) return;
  ended->we_ended = true;
  stop_peer(id, *ended);
}

void Session::Impl::stop_peer(StreamId id, const Stream& stream) {
  if (stream.discard && stream.we_ended && !stream.peer_ended)
    nghttp2_submit_rst_stream(session_.get(), NGHTTP2_FLAG_NONE, id, kNoError);
}

// A peer can make us reset its streams as cheaply as it can reset them itself.
bool Session::Impl::on_reset_sent(std::uint32_t error_code) {
  if (role_ == Role::client) return true;
  switch (error_code) {
    case NGHTTP2_PROTOCOL_ERROR:
    case NGHTTP2_FLOW_CONTROL_ERROR:
    case NGHTTP2_STREAM_CLOSED:
    case NGHTTP2_FRAME_SIZE_ERROR:
    case NGHTTP2_REFUSED_STREAM:
      return spend(resets_, "streams that must be reset");
    default:
      return true;
  }
}

// nghttp2 found the peer's error; these are its words.
void Session::Impl::on_goaway_sent(const nghttp2_goaway& frame) {
  if (frame.error_code == NGHTTP2_NO_ERROR || ending_ || failure_) return;
  std::string why = nghttp2_http2_strerror(frame.error_code);
  if (frame.opaque_data_len > 0)
    why +=
        ": " + std::string(reinterpret_cast<const char*>(frame.opaque_data), frame.opaque_data_len);
  auto code = frame.error_code == NGHTTP2_ENHANCE_YOUR_CALM ? Errc::too_large : Errc::malformed;
  failure_ = Error{code, "the peer broke the HTTP/2 protocol: " + why};
}

void Session::Impl::on_frame_not_sent(const nghttp2_frame& frame) {
  // Our response did not fit into a header block, say; its stream must not hang. (nghttp2 itself
  // closes the stream of a request; RST_STREAM for one that was never sent is an error.)
  bool response = role_ == Role::server && frame.hd.type == NGHTTP2_HEADERS;
  if (response && stream(frame.hd.stream_id) != nullptr)
    nghttp2_submit_rst_stream(session_.get(), NGHTTP2_FLAG_NONE, frame.hd.stream_id,
                              kInternalError);
}

void Session::Impl::on_stream_closed(StreamId id, std::uint32_t error_code) {
  auto closed = streams_.extract(id);
  if (closed && !closed.mapped().hidden) events_.on_close(id, error_code);
}

}  // namespace nigh::http2
