// SPDX-License-Identifier: Apache-2.0
#include "http2/session.hpp"

#include <array>
#include <cstring>
#include <iterator>

#include "http2/session_impl.hpp"

namespace nigh::http2 {

Session::Session(Role role, const Limits& limits, Events& events, Clock clock)
    : impl_(std::make_unique<Impl>(role, limits, events, std::move(clock))) {}
Session::~Session() = default;

Result<void> Session::receive(std::string_view bytes) {
  if (impl_->failure_) return std::unexpected(*impl_->failure_);
  auto used = nghttp2_session_mem_recv(
      impl_->session_.get(), reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  if (used < 0)
    impl_->fail_library(static_cast<int>(used));
  else
    impl_->check_backlog();
  impl_->rethrow();
  if (impl_->failure_) return std::unexpected(*impl_->failure_);
  return {};
}

void Session::produce(OutBuffer& out) {
  impl_->out_ = &out;
  while (impl_->write_pending(out) && impl_->next_frame()) {
  }
  impl_->out_ = nullptr;
  impl_->rethrow();
}

bool Session::wants_write() const {
  if (!impl_->pending_.empty()) return true;
  if (impl_->failure_) return impl_->goaway_due();
  return nghttp2_session_want_write(impl_->session_.get()) != 0;
}

bool Session::wants_read() const {
  return !impl_->failure_ && nghttp2_session_want_read(impl_->session_.get()) != 0;
}

const Error* Session::failure() const { return impl_->failure_ ? &*impl_->failure_ : nullptr; }

Result<StreamId> Session::submit_request(const Fields& fields, BodySource* body) {
  auto* session = impl_->session_.get();
  if (impl_->failure_ || nghttp2_session_check_request_allowed(session) == 0)
    return fail(Errc::closed, "the connection takes no further requests; open another one");
  auto& stream =
      impl_->streams_[static_cast<StreamId>(nghttp2_session_get_next_stream_id(session))];
  stream.source = body;
  auto headers = name_values(fields);
  auto provider = body_provider(stream);
  auto id = nghttp2_submit_request(session, nullptr, headers.data(), headers.size(),
                                   body != nullptr ? &provider : nullptr, nullptr);
  expect(id > 0, "nghttp2 refused a request although it is allowed");
  return id;
}

Result<void> Session::submit_response(StreamId id, const Fields& fields, BodySource* body) {
  auto* stream = impl_->stream(id);
  if (stream == nullptr)
    return fail(Errc::closed, "the peer has closed the request that was to be answered");
  expect(!stream->answered, "a request was answered twice");
  impl_->respond(id, *stream, fields, body);
  return {};
}

void Session::resume(StreamId id) {
  auto* stream = impl_->stream(id);
  if (stream == nullptr) return;
  stream->waiting = false;
  nghttp2_session_resume_data(impl_->session_.get(), id);
}

void Session::consume(StreamId id, std::size_t count) {
  if (impl_->failure_) return;
  nghttp2_session_consume(impl_->session_.get(), id, count);
}

void Session::consume_connection(std::size_t count) {
  if (impl_->failure_) return;
  nghttp2_session_consume_connection(impl_->session_.get(), count);
}

void Session::consume_stream(StreamId id, std::size_t count) {
  if (impl_->failure_) return;
  nghttp2_session_consume_stream(impl_->session_.get(), id, count);
}

void Session::reset(StreamId id, std::uint32_t error_code) {
  auto* stream = impl_->stream(id);
  if (stream == nullptr) return;
  stream->source = nullptr;
  stream->discard = true;  // nghttp2 would still deliver the rest of the frame it is in
  nghttp2_submit_rst_stream(impl_->session_.get(), NGHTTP2_FLAG_NONE, id, error_code);
}

void Session::stop_reading(StreamId id) {
  auto* stream = impl_->stream(id);
  if (stream == nullptr) return;
  stream->discard = true;
  impl_->stop_peer(id, *stream);
}

void Session::raise_limits(const Limits& raised) {
  if (impl_->failure_) return;
  // Whom we know may reset what he could as well just use: programs reset their connections, and
  // tunnels are reset with them.
  constexpr std::uint32_t kResetsOfTheKnown = 20'000;
  impl_->allow_resets(kResetsOfTheKnown);
  impl_->limits_.concurrent_streams = raised.concurrent_streams;
  auto* session = impl_->session_.get();
  const nghttp2_settings_entry entries[] = {
      {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, raised.stream_window},
      {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, raised.concurrent_streams}};
  expect(nghttp2_submit_settings(session, NGHTTP2_FLAG_NONE, entries, std::size(entries)) == 0 &&
             nghttp2_session_set_local_window_size(
                 session, NGHTTP2_FLAG_NONE, 0,
                 static_cast<std::int32_t>(raised.connection_window)) == 0,
         "cannot raise the limits");
}

void Session::ping(std::uint64_t opaque) {
  if (impl_->failure_) return;
  std::array<std::uint8_t, 8> bytes;
  std::memcpy(bytes.data(), &opaque, bytes.size());
  nghttp2_submit_ping(impl_->session_.get(), NGHTTP2_FLAG_NONE, bytes.data());
}

void Session::announce_shutdown() {
  if (!impl_->failure_) nghttp2_submit_shutdown_notice(impl_->session_.get());
}

void Session::go_away(std::uint32_t error_code) {
  if (impl_->failure_) return;
  auto* session = impl_->session_.get();
  impl_->ending_ |= error_code != kNoError;
  nghttp2_submit_goaway(session, NGHTTP2_FLAG_NONE,
                        nghttp2_session_get_last_proc_stream_id(session), error_code, nullptr, 0);
}

void Session::terminate(std::uint32_t error_code) {
  if (impl_->failure_) return;
  impl_->ending_ |= error_code != kNoError;
  nghttp2_session_terminate_session(impl_->session_.get(), error_code);
}

bool Session::peer_allows_connect_protocol() const {
  return nghttp2_session_get_remote_settings(impl_->session_.get(),
                                             NGHTTP2_SETTINGS_ENABLE_CONNECT_PROTOCOL) == 1;
}

std::size_t Session::open_streams() const { return impl_->streams_.size(); }

}  // namespace nigh::http2
