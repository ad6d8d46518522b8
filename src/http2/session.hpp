// SPDX-License-Identifier: Apache-2.0
// One HTTP/2 connection (RFC 9113) without its socket: bytes in, bytes out, events. The caller
// reads from the network into receive() and writes what produce() yields, whenever it likes.
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "base/error.hpp"
#include "http2/out_buffer.hpp"
#include "http2/types.hpp"

namespace nigh::http2 {

// What a stream sends. Owned by the caller; used until on_close(), reset() or the Session's end,
// whichever is first.
class BodySource {
 public:
  enum class Next {
    more,  // ask again as soon as there is room
    wait,  // ask again after resume()
    end,   // these bytes are the last
  };
  struct Chunk {
    std::size_t size;  // bytes written; 0 only with wait or end
    Next next;
  };
  virtual ~BodySource() = default;
  // Called from produce(), only when flow control lets at least one byte go. `into` is the output
  // buffer itself and never empty. May throw: produce() rethrows and the session has failed.
  virtual Chunk read(std::span<char> into) = 0;
};

// What arrives. Called from receive() (on_close also from produce()). A handler may call anything
// of the Session but receive(), produce() and the destructor; what it throws is rethrown there,
// and the session has failed.
class Events {
 public:
  virtual ~Events() = default;
  // A request, or the final response to ours; once a stream. (1xx responses and trailer fields
  // are dropped.)
  virtual void on_headers(StreamId id, Fields fields, bool end_of_stream) = 0;
  // `bytes` point into what receive() was given. Every byte is owed back through consume() or
  // consume_connection(), also after on_close(), else the peer stops sending.
  virtual void on_data(StreamId id, std::string_view bytes) = 0;
  // The peer's half is complete; follows on_headers(…, true) too.
  virtual void on_end(StreamId id) = 0;
  // The last event of a stream that on_headers() or submit_request() named. kRefusedStream: the
  // peer did nothing with the request, it can be sent again elsewhere.
  virtual void on_close(StreamId id, std::uint32_t error_code) = 0;
  virtual void on_settings() {}
  virtual void on_goaway(StreamId /*last_accepted*/, std::uint32_t /*error_code*/) {}
  virtual void on_pong(std::uint64_t /*opaque*/) {}
};

// Not thread-safe, not reentrant. `events` must outlive it. No handler is called by the
// destructor.
class Session {
 public:
  Session(Role role, const Limits& limits, Events& events,
          Clock clock = std::chrono::steady_clock::now);
  ~Session();

  // All of `bytes` is used. An Error (Errc::malformed, Errc::too_large) ends the session and all
  // its streams, without further events: send what produce() still gives (GOAWAY) and close.
  // Some errors show only as failure() after produce() has written their GOAWAY.
  Result<void> receive(std::string_view bytes);
  // Appends frames until `out` is full or there is nothing to send now. If it leaves `out` empty,
  // nothing will come until one of the other functions was called.
  void produce(OutBuffer& out);
  bool wants_write() const;
  bool wants_read() const;
  // Neither direction has anything left to do: close once all bytes produced are sent.
  bool finished() const { return !wants_write() && !wants_read(); }
  // Why the session ended, if it did not end well; else nullptr.
  const Error* failure() const;

  // Client. A null body is END_STREAM. More requests than the peer allows at a time wait their
  // turn. Errc::closed once the connection is going away or its stream ids are used up.
  Result<StreamId> submit_request(const Fields& fields, BodySource* body);
  // Server, once a stream; to HEAD the body is not sent. Errc::closed if the stream is gone.
  Result<void> submit_response(StreamId id, const Fields& fields, BodySource* body);

  // All that follow do nothing when the stream is gone or the session has failed.
  void resume(StreamId id);                      // the source that said wait has something
  void consume(StreamId id, std::size_t count);  // window for the stream and the connection
  void consume_connection(std::size_t count);    // the connection only: the stream stays paused
  void consume_stream(StreamId id, std::size_t count);  // the rest of what that began
  void reset(StreamId id, std::uint32_t error_code);    // cuts off both halves; on_close() follows
  // Nobody reads this stream any more: no more on_data() or on_end(), what arrives is dropped and
  // its window returned, and once our half is sent the peer is told to stop (RST_STREAM NO_ERROR).
  void stop_reading(StreamId id);

  // More streams and larger windows than at first, for the streams that are open too: a server
  // gives strangers little and raises it once it knows who they are. Who is known may also reset
  // more streams. The other limits stay.
  void raise_limits(const Limits& raised);

  void ping(std::uint64_t opaque);  // answered by on_pong()
  // Server: announces that the end is near (RFC 9113, section 6.8); streams are still accepted.
  // At least one round trip later go_away(kNoError) makes it final.
  void announce_shutdown();
  // No further streams of the peer; those that are open run to their end, then finished().
  void go_away(std::uint32_t error_code);
  // GOAWAY, and finished() as soon as it is produced.
  void terminate(std::uint32_t error_code);

  bool peer_allows_connect_protocol() const;  // RFC 8441; meaningful after on_settings()
  std::size_t open_streams() const;

  class Impl;

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace nigh::http2
