// SPDX-License-Identifier: Apache-2.0
#include "http2/session_impl.hpp"

#include <vector>

namespace nigh::http2 {
namespace {

constexpr std::uint32_t kSmallestFrameSize = 16'384;  // RFC 9113, section 6.5.2
constexpr std::uint32_t kLargestFrameSize = 16'777'215;
constexpr std::uint32_t kLargestWindow = 0x7fff'ffff;

Owned<nghttp2_option> options() {
  nghttp2_option* made = nullptr;
  expect(nghttp2_option_new(&made) == 0, "out of memory");
  nghttp2_option_set_no_auto_window_update(made, 1);
  nghttp2_option_set_no_closed_streams(made, 1);  // they serve priorities only, and cost memory
  nghttp2_option_set_max_settings(made, 32);
  nghttp2_option_set_max_outbound_ack(made, 200);
  // Budgets::resets counts them, and knows better who may.
  nghttp2_option_set_stream_reset_rate_limit(made, 1'000'000, 1'000'000);
  return Owned<nghttp2_option>(made);
}

std::vector<nghttp2_settings_entry> settings(Role role, const Limits& limits) {
  std::vector<nghttp2_settings_entry> all = {
      {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, limits.stream_window},
      {NGHTTP2_SETTINGS_MAX_FRAME_SIZE, limits.frame_size},
      {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, static_cast<std::uint32_t>(limits.header_bytes)},
  };
  if (role == Role::client) {
    all.push_back({NGHTTP2_SETTINGS_ENABLE_PUSH, 0});
  } else {
    all.push_back({NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, limits.concurrent_streams});
    all.push_back({NGHTTP2_SETTINGS_ENABLE_CONNECT_PROTOCOL, 1});
  }
  return all;
}

nghttp2_nv name_value(const Field& field) {
  auto bytes = [](const std::string& s) {
    // nghttp2 copies them; its struct is not const-correct.
    return reinterpret_cast<std::uint8_t*>(const_cast<char*>(s.data()));
  };
  auto flags = field.sensitive ? NGHTTP2_NV_FLAG_NO_INDEX : NGHTTP2_NV_FLAG_NONE;
  return {bytes(field.name), bytes(field.value), field.name.size(), field.value.size(),
          static_cast<std::uint8_t>(flags)};
}

// A GOAWAY frame (RFC 9113, section 6.8): after some errors nghttp2 must not be asked for one.
std::string goaway_frame(StreamId last, std::uint32_t code, std::string_view reason) {
  std::string frame;
  auto put = [&frame](std::uint32_t value, int bytes) {
    while (bytes-- > 0) frame.push_back(static_cast<char>(value >> (8 * bytes)));
  };
  put(static_cast<std::uint32_t>(8 + reason.size()), 3);
  put(NGHTTP2_GOAWAY, 1);
  put(0, 1);  // flags
  put(0, 4);  // the connection, not a stream
  put(static_cast<std::uint32_t>(last), 4);
  put(code, 4);
  return frame.append(reason);
}

}  // namespace

std::vector<nghttp2_nv> name_values(const Fields& fields) {
  std::vector<nghttp2_nv> all;
  all.reserve(fields.size());
  for (const auto& field : fields) all.push_back(name_value(field));
  return all;
}

Session::Impl::Impl(Role role, const Limits& limits, Events& events, Clock clock)
    : role_(role),
      limits_(limits),
      events_(events),
      clock_(std::move(clock)),
      resets_(limits.budgets.resets),
      pings_(limits.budgets.pings),
      settings_(limits.budgets.settings),
      priorities_(limits.budgets.priorities),
      empty_data_(limits.budgets.empty_data),
      window_updates_(limits.budgets.window_updates) {
  expect(limits.frame_size >= kSmallestFrameSize && limits.frame_size <= kLargestFrameSize,
         "Limits::frame_size is not one that HTTP/2 has");
  expect(limits.stream_window <= kLargestWindow && limits.connection_window <= kLargestWindow,
         "a window in Limits is larger than HTTP/2 has");
  start();
}

void Session::Impl::start() {
  auto make = role_ == Role::client ? nghttp2_session_client_new2 : nghttp2_session_server_new2;
  nghttp2_session* made = nullptr;
  expect(make(&made, callbacks(), this, options().get()) == 0, "out of memory");
  session_.reset(made);
  auto entries = settings(role_, limits_);
  expect(nghttp2_submit_settings(made, NGHTTP2_FLAG_NONE, entries.data(), entries.size()) == 0 &&
             nghttp2_session_set_local_window_size(
                 made, NGHTTP2_FLAG_NONE, 0,
                 static_cast<std::int32_t>(limits_.connection_window)) == 0,
         "cannot prepare an HTTP/2 session");
  next_frame();  // SETTINGS come first, even if a failure's GOAWAY is all that follows
}

void Session::Impl::fail(Error error, std::uint32_t goaway_code) {
  if (failure_) return;
  goaway_ = goaway_frame(nghttp2_session_get_last_proc_stream_id(session_.get()), goaway_code,
                         error.message);
  failure_ = std::move(error);
}

void Session::Impl::fail_library(int nghttp2_error) {
  switch (nghttp2_error) {
    case NGHTTP2_ERR_BAD_CLIENT_MAGIC:
      return fail({Errc::malformed, "the peer does not speak HTTP/2"}, kProtocolError);
    case NGHTTP2_ERR_FLOODED:
      return fail({Errc::too_large, "the peer floods the connection with frames to acknowledge"},
                  kEnhanceYourCalm);
    case NGHTTP2_ERR_TOO_MANY_CONTINUATIONS:
      return fail({Errc::too_large, "the peer floods the connection with CONTINUATION frames"},
                  kEnhanceYourCalm);
    case NGHTTP2_ERR_NOMEM:
      return fail({Errc::system, "out of memory"}, kInternalError);
    default:
      return fail(
          {Errc::malformed, std::string("HTTP/2 failed: ") + nghttp2_strerror(nghttp2_error)},
          kInternalError);
  }
}

void Session::Impl::rethrow() {
  if (thrown_) std::rethrow_exception(std::exchange(thrown_, nullptr));
}

Stream* Session::Impl::stream(StreamId id) {
  if (failure_) return nullptr;
  auto found = streams_.find(id);
  return found == streams_.end() ? nullptr : &found->second;
}

bool Session::Impl::write_pending(OutBuffer& out) {
  auto fits = pending_.substr(0, out.room());
  out.append(fits);
  pending_.remove_prefix(fits.size());
  return pending_.empty();
}

bool Session::Impl::next_frame() {
  if (failure_) {
    if (!goaway_due()) return false;
    goaway_taken_ = true;
    pending_ = goaway_;
    return true;
  }
  const std::uint8_t* bytes = nullptr;
  auto size = nghttp2_session_mem_send(session_.get(), &bytes);
  if (size < 0) {
    fail_library(static_cast<int>(size));
    return true;
  }
  pending_ = {reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size)};
  return size > 0;
}

// A peer that provokes answers and does not read them would have us store them.
void Session::Impl::check_backlog() {
  auto allowed = 1000 + 3 * std::size_t{limits_.concurrent_streams};
  if (role_ == Role::server && nghttp2_session_get_outbound_queue_size(session_.get()) > allowed)
    fail({Errc::too_large, "the peer does not read the answers to its frames"}, kEnhanceYourCalm);
}

void Session::Impl::respond(StreamId id, Stream& stream, const Fields& fields, BodySource* body) {
  if (stream.no_body) body = nullptr;  // RFC 9110, section 9.3.2
  stream.source = body;
  stream.answered = true;
  auto headers = name_values(fields);
  auto provider = body_provider(stream);
  int failed = nghttp2_submit_response(session_.get(), id, headers.data(), headers.size(),
                                       body != nullptr ? &provider : nullptr);
  if (failed != 0) fail_library(failed);
}

}  // namespace nigh::http2
