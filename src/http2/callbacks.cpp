// SPDX-License-Identifier: Apache-2.0
// From nghttp2's C callbacks to the handlers of Session::Impl. No exception passes through C.
#include <algorithm>

#include "http2/session_impl.hpp"

namespace nigh::http2 {
namespace {

Session::Impl& impl(void* user_data) { return *static_cast<Session::Impl*>(user_data); }

std::string_view text(const std::uint8_t* bytes, std::size_t size) {
  return {reinterpret_cast<const char*>(bytes), size};
}

// Runs a handler (returning false once the session failed, or nothing) for nghttp2.
template <class Handler>
int guarded(void* user_data, Handler handler) {
  auto& self = impl(user_data);
  try {
    if constexpr (std::is_void_v<decltype(handler(self))>) {
      handler(self);
      return 0;
    } else {
      return handler(self) ? 0 : NGHTTP2_ERR_CALLBACK_FAILURE;
    }
  } catch (...) {
    self.thrown_ = std::current_exception();
    self.fail({Errc::closed, "the connection was ended by an error on this side"}, kInternalError);
    return NGHTTP2_ERR_CALLBACK_FAILURE;
  }
}

int begin_frame(nghttp2_session*, const nghttp2_frame_hd* header, void* user) {
  return guarded(user, [&](auto& self) { return self.on_begin_frame(*header); });
}

int begin_headers(nghttp2_session*, const nghttp2_frame*, void* user) {
  return guarded(user, [&](auto& self) { return self.on_begin_headers(); });
}

int header(nghttp2_session*, const nghttp2_frame*, const std::uint8_t* name, std::size_t name_size,
           const std::uint8_t* value, std::size_t value_size, std::uint8_t flags, void* user) {
  return guarded(user, [&](auto& self) {
    return self.on_header(text(name, name_size), text(value, value_size),
                          (flags & NGHTTP2_NV_FLAG_NO_INDEX) != 0);
  });
}

int data_chunk(nghttp2_session*, std::uint8_t, std::int32_t id, const std::uint8_t* data,
               std::size_t size, void* user) {
  return guarded(user, [&](auto& self) { return self.on_data(id, text(data, size)); });
}

int frame_received(nghttp2_session*, const nghttp2_frame* frame, void* user) {
  return guarded(user, [&](auto& self) { return self.on_frame_received(*frame); });
}

int frame_sent(nghttp2_session*, const nghttp2_frame* frame, void* user) {
  return guarded(user, [&](auto& self) { return self.on_frame_sent(*frame); });
}

int frame_not_sent(nghttp2_session*, const nghttp2_frame* frame, int, void* user) {
  return guarded(user, [&](auto& self) { self.on_frame_not_sent(*frame); });
}

int stream_closed(nghttp2_session*, std::int32_t id, std::uint32_t error_code, void* user) {
  return guarded(user, [&](auto& self) { self.on_stream_closed(id, error_code); });
}

ssize_t body_length(nghttp2_session*, std::uint8_t, std::int32_t, std::int32_t connection_window,
                    std::int32_t stream_window, std::uint32_t frame_size, void* user) {
  std::int64_t allowed = std::min(
      {std::int64_t{connection_window}, std::int64_t{stream_window}, std::int64_t{frame_size}});
  return static_cast<ssize_t>(
      impl(user).body_length(static_cast<std::size_t>(std::max<std::int64_t>(allowed, 1))));
}

ssize_t read_body(nghttp2_session*, std::int32_t, std::uint8_t*, std::size_t length,
                  std::uint32_t* flags, nghttp2_data_source* source, void* user) {
  ssize_t size = 0;
  int failed = guarded(user, [&](auto& self) {
    size = self.read_body(*static_cast<Stream*>(source->ptr), length, *flags);
  });
  return failed != 0 ? failed : size;
}

int write_body(nghttp2_session*, nghttp2_frame*, const std::uint8_t* frame_header,
               std::size_t length, nghttp2_data_source*, void* user) {
  return guarded(user, [&](auto& self) { self.write_body(frame_header, length); });
}

Owned<nghttp2_session_callbacks> make_callbacks() {
  nghttp2_session_callbacks* made = nullptr;
  expect(nghttp2_session_callbacks_new(&made) == 0, "out of memory");
  nghttp2_session_callbacks_set_on_begin_frame_callback(made, begin_frame);
  nghttp2_session_callbacks_set_on_begin_headers_callback(made, begin_headers);
  nghttp2_session_callbacks_set_on_header_callback(made, header);
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback(made, data_chunk);
  nghttp2_session_callbacks_set_on_frame_recv_callback(made, frame_received);
  nghttp2_session_callbacks_set_on_frame_send_callback(made, frame_sent);
  nghttp2_session_callbacks_set_on_frame_not_send_callback(made, frame_not_sent);
  nghttp2_session_callbacks_set_on_stream_close_callback(made, stream_closed);
  nghttp2_session_callbacks_set_data_source_read_length_callback(made, body_length);
  nghttp2_session_callbacks_set_send_data_callback(made, write_body);
  return Owned<nghttp2_session_callbacks>(made);
}

}  // namespace

const nghttp2_session_callbacks* callbacks() {
  static const Owned<nghttp2_session_callbacks> all = make_callbacks();
  return all.get();
}

nghttp2_data_provider body_provider(Stream& stream) {
  nghttp2_data_provider provider;
  provider.source.ptr = &stream;
  provider.read_callback = read_body;
  return provider;
}

}  // namespace nigh::http2
