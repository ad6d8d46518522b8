// SPDX-License-Identifier: Apache-2.0
// A server in the test's own process: real TCP, TLS and HTTP/2; what it does with requests is the
// test's to say. Sessions echo their input and exit with 7; file requests echo their body.
#pragma once

#include <gtest/gtest.h>

#include <ctime>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "io/h2_connection.hpp"
#include "service/run/frame_body.hpp"
#include "service/run/messages.hpp"
#include "ssh/host_chain.hpp"
#include "ssh/sshsig.hpp"
#include "wire/base64.hpp"

namespace nigh::client {

class TestBody : public http2::BodySource {
 public:
  explicit TestBody(std::string text) : text_(std::move(text)) {}
  Chunk read(std::span<char> into) override {
    auto size = std::min(into.size(), text_.size());
    std::copy_n(text_.data(), size, into.data());
    text_.erase(0, size);
    return {size, text_.empty() ? Next::end : Next::more};
  }

 private:
  std::string text_;
};

// Sends back what comes: of each byte that leaves `on_sent` is told.
class EchoBody : public http2::BodySource {
 public:
  explicit EchoBody(std::function<void(std::size_t)> on_sent) : on_sent_(std::move(on_sent)) {}
  void add(std::string_view bytes) { text_ += bytes; }
  void end() { ended_ = true; }
  Chunk read(std::span<char> into) override {
    auto size = std::min(into.size(), text_.size());
    std::copy_n(text_.data(), size, into.data());
    text_.erase(0, size);
    if (size > 0) on_sent_(size);
    return {size, !text_.empty() ? Next::more : ended_ ? Next::end : Next::wait};
  }

 private:
  std::function<void(std::size_t)> on_sent_;
  std::string text_;
  bool ended_ = false;
};

class ServerForTest : private http2::Events {
 public:
  // ---- what the test sets
  int refuse_keys = 0;          // so many attempts get a 401
  int session_status = 200;     // else a problem document comes
  bool vanish_on_spec = false;  // the connection breaks when the session has begun
  bool hold_sessions = false;   // no output and no exit
  int file_status =
      200;  // of /v1/files/… and /v1/sync: 200 echoes the body, else a problem document comes
  bool hold_files = false;      // neither reads nor answers the body of such a request
  bool end_files = false;       // ends its half of such a request at once
  bool vanish_on_file = false;  // the connection breaks when its body begins
  std::function<std::string(std::string_view)> file_answers;  // what comes back, instead of an echo
  // By path: a status, and a document that is the whole answer.
  std::map<std::string, std::pair<int, std::string>> documents;
  int tunnel_status = 200;  // of CONNECT host:port: 200 echoes, else a problem document comes
  // What tunnels are called that survive their connection. Empty: they do not. Their frames mean
  // the same in both directions, so that an echo of them is an echo of what they carry.
  std::string tunnel_name;
  // ---- what the test looks at
  std::vector<std::string> paths;         // of the requests, in order
  std::vector<http2::Fields> requests;    // all their fields
  std::vector<bool> proofs;               // did they carry one?
  std::vector<std::string> proved_keys;   // fingerprints; each signature was good
  std::vector<std::string> refused_data;  // what came with each refused session
  std::map<std::string, int> resets;      // by path
  int goodbyes = 0;                       // connections that the client said it would end

  explicit ServerForTest(asio::io_context& context)
      : acceptor_(context, tcp::endpoint(asio::ip::address_v4::loopback(), 0)) {}
  std::string address() const {
    return "127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port());
  }
  tcp::endpoint endpoint() const { return acceptor_.local_endpoint(); }
  std::string host_fingerprint() const { return ssh::fingerprint(host_key_.public_key()); }

  // Serves one connection to its end.
  awaitable<void> serve() {
    auto socket = co_await acceptor_.async_accept(asio::use_awaitable);
    auto chain = unwrap(ssh::make_host_chain(host_key_, std::time(nullptr), std::chrono::hours(1)));
    auto tls =
        unwrap(io::TlsContext::server(chain.leaf_key_der.expose(), chain.leaf_der, chain.host_der));
    h2_.emplace(std::move(socket), tls, http2::Role::server, http2::Limits(),
                static_cast<http2::Events&>(*this));
    try {
      co_await h2_->handshake();
      co_await h2_->run();
    } catch (const std::exception&) {
      // Clients may leave as they like.
    }
  }

 private:
  struct Stream {
    std::string path;
    std::string data;  // of a request that was refused
    bool refused = false;
    std::unique_ptr<http2::BodySource> body;
    run::FrameBody* frames = nullptr;  // `body` of a session
    EchoBody* echo = nullptr;          // `body` of a file request
    std::unique_ptr<run::FrameDecoder> decoder;
    std::uint64_t taken = 0;  // of its input
  };

  void answer(http2::StreamId id, int status, std::string text) {
    auto& stream = streams_.at(id);
    stream.body = std::make_unique<TestBody>(std::move(text));
    EXPECT_TRUE(h2_->submit_response(id, {{":status", std::to_string(status)}}, stream.body.get()));
  }

  void check_proof(const http2::Fields& fields) {
    const auto* value = http2::find(fields, "authorization");
    const auto* user = http2::find(fields, "nigh-user");
    proofs.push_back(value != nullptr);
    if (!value) return;
    ASSERT_TRUE(user && value->starts_with("SSHSIG "));
    auto sshsig = unwrap(ssh::parse_sshsig(unwrap(wire::base64_decode(value->substr(7)))));
    auto message = h2_->stream().engine().exporter("EXPORTER-nigh-auth-v1", *user, 32);
    EXPECT_TRUE(ssh::verify_sshsig(sshsig, "nigh-auth-v1", message));
    proved_keys.push_back(ssh::fingerprint(sshsig.key));
  }

  void on_headers(http2::StreamId id, http2::Fields fields, bool) override {
    auto& stream = streams_[id];
    const auto* path = http2::find(fields, ":path");
    stream.path = path ? *path : *http2::find(fields, ":authority");
    paths.push_back(stream.path);
    requests.push_back(fields);
    check_proof(fields);
    if (proofs.back() && refuse_keys-- > 0) {
      stream.refused = true;
      return answer(id, 401, R"({"detail":"not this one"})");
    }
    if (auto found = documents.find(stream.path); found != documents.end())
      return answer(id, found->second.first, found->second.second);
    if (stream.path == "/v1/sessions") {
      if (session_status != 200)
        return answer(id, session_status, R"({"detail":"out of processes"})");
      return begin_session(id, stream);
    }
    if (stream.path.starts_with("/v1/files/") || stream.path == "/v1/sync") {
      if (file_status != 200) return answer(id, file_status, R"({"detail":"no such file"})");
      return begin_echo(id, stream);
    }
    if (!path) return begin_tunnel(id, stream);
    answer(id, 200, R"({"version":"9.9","features":["run"],"user":"ada"})");
  }

  void begin_tunnel(http2::StreamId id, Stream& stream) {
    if (tunnel_status != 200) return answer(id, tunnel_status, R"({"detail":"no way there"})");
    auto echo = std::make_unique<EchoBody>([this, id](std::size_t n) { h2_->consume(id, n); });
    stream.echo = echo.get();
    stream.body = std::move(echo);
    http2::Fields fields{{":status", "200"}};
    if (!tunnel_name.empty()) fields.push_back({"nigh-tunnel", tunnel_name});
    EXPECT_TRUE(h2_->submit_response(id, fields, stream.body.get()));
  }

  void begin_echo(http2::StreamId id, Stream& stream) {
    auto echo = std::make_unique<EchoBody>([this, id](std::size_t sent) {
      if (!file_answers) h2_->consume(id, sent);
    });
    stream.echo = echo.get();
    if (end_files) echo->end();
    stream.body = std::move(echo);
    EXPECT_TRUE(
        h2_->submit_response(id, {{":status", "200"}, {"etag", "\"e\""}}, stream.body.get()));
  }

  void begin_session(http2::StreamId id, Stream& stream) {
    auto frames = std::make_unique<run::FrameBody>(h2_->stream().socket().get_executor(),
                                                   [this, id] { h2_->resume(id); });
    stream.frames = frames.get();
    stream.body = std::move(frames);
    run::FrameDecoder::Handler handler;
    handler.on_control = [this, &stream](run::Frame type, std::string_view) {
      on_frame(stream, type);
      return Result<void>();
    };
    handler.on_data = [&stream](run::Frame, std::string_view piece) {
      stream.taken += piece.size();
      stream.frames->push(run::frame(run::Frame::stdout_data, piece));
      stream.frames->push(run::frame(run::Frame::ack, run::encode_ack(stream.taken)));
    };
    stream.decoder = std::make_unique<run::FrameDecoder>(run::Receiver::server, handler);
    EXPECT_TRUE(h2_->submit_response(id, {{":status", "200"}}, stream.body.get()));
  }

  void on_frame(Stream& stream, run::Frame type) {
    if (type == run::Frame::spec) {
      if (vanish_on_spec) return h2_->stream().close();
      stream.frames->push(
          run::frame(run::Frame::started, run::encode_started({"1", run::kEarlyInput})));
    }
    if (type == run::Frame::stdin_eof && !hold_sessions) {
      stream.frames->push(run::frame(run::Frame::stderr_data, "done"));
      stream.frames->push(run::frame(run::Frame::exit, run::encode_exit({.code = 7})));
      stream.frames->finish();
    }
  }

  void on_data(http2::StreamId id, std::string_view bytes) override {
    auto& stream = streams_.at(id);
    if (stream.echo && vanish_on_file) return h2_->stream().close();
    if (stream.echo && hold_files) return;
    if (stream.echo) {
      stream.echo->add(file_answers ? file_answers(bytes) : std::string(bytes));
      if (file_answers) h2_->consume(id, bytes.size());
      return h2_->resume(id);
    }
    h2_->consume(id, bytes.size());
    if (stream.decoder)
      EXPECT_TRUE(stream.decoder->feed(bytes));
    else
      stream.data += bytes;
  }
  void on_end(http2::StreamId id) override {
    auto& stream = streams_.at(id);
    if (!stream.echo || hold_files) return;
    stream.echo->end();
    h2_->resume(id);
  }
  void on_close(http2::StreamId id, std::uint32_t code) override {
    auto& stream = streams_.at(id);
    if (code != http2::kNoError) ++resets[stream.path];
    if (stream.refused) refused_data.push_back(stream.data);
    streams_.erase(id);
  }
  void on_goaway(http2::StreamId, std::uint32_t) override { ++goodbyes; }

  tcp::acceptor acceptor_;
  ssh::PrivateKey host_key_ = unwrap(ssh::PrivateKey::generate_ed25519());
  std::map<http2::StreamId, Stream> streams_;
  std::optional<io::H2Connection> h2_;
};

}  // namespace nigh::client
