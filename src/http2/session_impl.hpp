// SPDX-License-Identifier: Apache-2.0
// The inside of Session: its state, and one handler for each thing that nghttp2 calls back for.
// Only this folder includes it.
#pragma once

#include <nghttp2/nghttp2.h>

#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

#include "http2/budget.hpp"
#include "http2/session.hpp"

namespace nigh::http2 {

struct Deleter {
  void operator()(nghttp2_session* p) const { nghttp2_session_del(p); }
  void operator()(nghttp2_session_callbacks* p) const { nghttp2_session_callbacks_del(p); }
  void operator()(nghttp2_option* p) const { nghttp2_option_del(p); }
};
template <class T>
using Owned = std::unique_ptr<T, Deleter>;

// A stream that the events told of (or, if hidden, that we answered ourselves).
struct Stream {
  BodySource* source = nullptr;
  bool waiting = false;       // the source said wait, and resume() was not called since
  bool answered = false;      // server: submit_response() was called
  bool headers_seen = false;  // what follows are trailer fields
  bool peer_ended = false;
  bool we_ended = false;  // our END_STREAM is out
  bool discard = false;   // stop_reading()
  bool hidden = false;    // no events
  bool no_body = false;   // of the answer: it is to HEAD
};

// The header block being received; a connection has one at a time (RFC 9113, section 4.3).
struct HeaderBlock {
  Fields fields;
  std::size_t bytes = 0;
  std::size_t count = 0;
};

class Session::Impl {
 public:
  Impl(Role role, const Limits& limits, Events& events, Clock clock);

  // Ends the session: no further call into nghttp2's send and receive, GOAWAY goes out.
  void fail(Error error, std::uint32_t goaway_code);
  void fail_library(int nghttp2_error);
  void rethrow();
  Stream* stream(StreamId id);         // nullptr also when the session has failed
  bool write_pending(OutBuffer& out);  // false: `out` is full
  bool next_frame();                   // false: nothing to send
  bool goaway_due() const { return !goaway_.empty() && !goaway_taken_; }
  void check_backlog();
  void allow_resets(std::uint32_t count) { resets_ = Budget(count); }
  void respond(StreamId id, Stream& stream, const Fields& fields, BodySource* body);
  // Tells the peer to stop, if it is time: nobody reads and our half is out.
  void stop_peer(StreamId id, const Stream& stream);

  // What nghttp2 reports. False: the session has failed.
  bool on_begin_frame(const nghttp2_frame_hd& header);
  bool on_begin_headers();
  bool on_header(std::string_view name, std::string_view value, bool sensitive);
  bool on_data(StreamId id, std::string_view bytes);
  bool on_frame_received(const nghttp2_frame& frame);
  bool on_frame_sent(const nghttp2_frame& frame);
  void on_frame_not_sent(const nghttp2_frame& frame);
  void on_stream_closed(StreamId id, std::uint32_t error_code);
  std::size_t body_length(std::size_t allowed);
  ssize_t read_body(Stream& stream, std::size_t length, std::uint32_t& flags);
  void write_body(const std::uint8_t* frame_header, std::size_t length);

  Role role_;
  Limits limits_;
  Events& events_;
  Clock clock_;
  Owned<nghttp2_session> session_;
  std::unordered_map<StreamId, Stream> streams_;
  std::optional<Error> failure_;
  std::exception_ptr thrown_;  // on its way through nghttp2
  std::string goaway_;         // ours, after a failure; empty if nghttp2 sent its own
  bool goaway_taken_ = false;  // into pending_
  std::string_view pending_;   // of nghttp2 or goaway_: did not fit into the last OutBuffer
  OutBuffer* out_ = nullptr;   // during produce()
  bool no_room_ = false;       // in out_ for the DATA frame that is being made
  bool ending_ = false;        // go_away() or terminate() was called: GOAWAY is no failure

 private:
  bool spend(Budget& budget, std::string_view what);
  bool spend_window_update();
  bool on_headers_complete(StreamId id, bool end_of_stream);
  void on_request(StreamId id, bool end_of_stream);
  void on_response(StreamId id, Stream& stream, bool end_of_stream);
  void refuse_headers(StreamId id);
  void on_peer_end(StreamId id, Stream& stream);
  void on_our_end(StreamId id);
  bool on_reset_sent(std::uint32_t error_code);
  void on_goaway_sent(const nghttp2_goaway& frame);
  bool over_limit() const;
  void start();

  HeaderBlock block_;
  Budget resets_, pings_, settings_, priorities_, empty_data_, window_updates_;
  std::uint64_t window_updates_due_ = 0;  // that our DATA may draw
};

// The callbacks that lead to the handlers above.
const nghttp2_session_callbacks* callbacks();
nghttp2_data_provider body_provider(Stream& stream);
std::vector<nghttp2_nv> name_values(const Fields& fields);  // pointing into `fields`

}  // namespace nigh::http2
