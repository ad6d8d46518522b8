// SPDX-License-Identifier: Apache-2.0
// A server of sessions in the test's own process: real TCP, TLS, HTTP/2 and HolderSession. What
// runs in a session is `cat`, which exits with 7 at the end of its input, or `flood`, which writes
// without end.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <ctime>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "client/broadcast.hpp"
#include "io/h2_connection.hpp"
#include "service/run/messages.hpp"
#include "service/session/holder_session.hpp"
#include "ssh/host_chain.hpp"

namespace nigh::client {

class SessionForTest : public session::SessionHost {
 public:
  SessionForTest(std::string id, const Command& command, std::function<void()> on_output)
      : flood_(!command.argv.empty() && command.argv[0] == "flood"),
        holder_(settings(std::move(id), command), *this, std::chrono::steady_clock::now()),
        on_output_(std::move(on_output)) {}

  session::HolderSession& holder() { return holder_; }

  void run() {
    while (flood_ && !holder_.output_room(Channel::out).empty()) write(std::string(65536, 'x'));
    while (!holder_.input().empty() && !holder_.output_room(Channel::out).empty()) {
      std::string piece(holder_.input());
      holder_.input_written(write(piece));
    }
    if (holder_.input_ended() && !exited_) exit({.code = 7});
    on_output_();
  }
  void exit(const ExitStatus& status) {
    exited_ = true;
    if (holder_.input_ended()) holder_.input_end_done();
    holder_.output_ended(Channel::out);
    if (!terminal_) holder_.output_ended(Channel::err);
    holder_.exited(status, std::chrono::steady_clock::now());
    on_output_();
  }
  std::size_t write(std::string_view bytes) {
    auto room = holder_.output_room(Channel::out);
    auto size = std::min(room.size(), bytes.size());
    std::copy_n(bytes.data(), size, room.data());
    holder_.output(Channel::out, size, std::chrono::steady_clock::now());
    written += size;
    return size;
  }

  std::vector<int> signals;
  int hang_ups = 0;
  std::uint64_t written = 0;

 private:
  session::HolderSettings settings(std::string id, const Command& command) {
    session::HolderSettings settings;
    settings.id = std::move(id);
    settings.process = "1";
    settings.terminal = terminal_ = command.pty.has_value();
    settings.keep = command.keep || terminal_;
    return settings;
  }
  void signal(int number) override { signals.push_back(number); }
  void hang_up() override { ++hang_ups; }
  void resize(const WindowSize&) override {}
  void close_output(Channel) override {}
  std::string repaint(std::uint32_t, session::Repaint) override { return "[screen]"; }
  void attached(session::ConnectionId, session::AttachmentId) override {}
  void forgotten(session::AttachmentId) override {}

  bool flood_;
  bool terminal_ = false;
  bool exited_ = false;
  session::HolderSession holder_;
  std::function<void()> on_output_;
};

class SessionServerForTest {
 public:
  // ---- what the test sets
  std::uint64_t cut_after =
      UINT64_MAX;              // bytes of DATA that come or go before all connections break
  bool know_tokens = true;     // else a Bearer gets a 401
  int refuse_connections = 0;  // so many are closed at once
  int status_of_resume = 200;
  bool deaf = false;  // streams are accepted, and nothing more happens on them
  std::function<void()> on_cut;
  // ---- what the test looks at
  std::map<std::string, std::unique_ptr<SessionForTest>> sessions;
  std::vector<std::string> credentials;  // "SSHSIG" or "Bearer" or "", of each session's request
  int connections = 0;

  explicit SessionServerForTest(asio::io_context& context)
      : acceptor_(context, tcp::endpoint(asio::ip::address_v4::loopback(), 0)),
        left_(context.get_executor()) {
    change_host_key();
  }
  std::string address() const {
    return "127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port());
  }
  SessionForTest& only() { return *sessions.begin()->second; }

  void change_host_key() {
    auto chain = unwrap(ssh::make_host_chain(unwrap(ssh::PrivateKey::generate_ed25519()),
                                             std::time(nullptr), std::chrono::hours(1)));
    tls_.emplace(unwrap(
        io::TlsContext::server(chain.leaf_key_der.expose(), chain.leaf_der, chain.host_der)));
  }

  awaitable<void> serve();
  // All connections break, as if their network had.
  void cut();
  // All clients are gone.
  awaitable<void> until_left() {
    while (!links_.empty()) co_await left_.wait();
  }
  void stop() {
    on_cut = nullptr;
    cut();
    acceptor_.close();
  }
  void resume_all();

 private:
  class Link;
  class Stream;

  void passed(std::size_t bytes) {
    if (bytes < cut_after) {
      if (cut_after != UINT64_MAX) cut_after -= bytes;
      return;
    }
    cut_after = UINT64_MAX;
    asio::post(acceptor_.get_executor(), [this] { cut(); });
  }
  SessionForTest& start(const Command& command) {
    auto id = fmt::format("session{}", sessions.size() + 1);
    auto made = std::make_unique<SessionForTest>(id, command, [this] { resume_all(); });
    return *(sessions[id] = std::move(made));
  }

  tcp::acceptor acceptor_;
  Broadcast left_;
  std::optional<io::TlsContext> tls_;
  std::list<std::shared_ptr<Link>> links_;
  int tokens_ = 0;
};

// Between one HTTP/2 stream and a session's holder, as the front of a server is.
class SessionServerForTest::Stream : public http2::BodySource {
 public:
  Stream(SessionServerForTest& server, SessionForTest* session)
      : server_(server), session_(session) {
    if (session) open(session::Opening::resume);
  }
  ~Stream() override {
    if (connection_ != 0) session_->holder().lost(connection_, std::chrono::steady_clock::now());
  }
  void receive(std::string_view bytes) {
    server_.passed(bytes.size());
    if (server_.deaf) return;
    if (session_) return feed(bytes);
    spec_ += bytes;
    if (spec_.size() < run::kFrameHeader) return;
    auto length = static_cast<std::size_t>(static_cast<unsigned char>(spec_[3])) << 8 |
                  static_cast<unsigned char>(spec_[4]);
    if (spec_.size() < run::kFrameHeader + length) return;
    session_ = &server_.start(unwrap(run::decode_spec(spec_.substr(run::kFrameHeader, length))));
    open(session::Opening::started);
    feed(std::string_view(spec_).substr(run::kFrameHeader + length));
  }
  void end() {
    if (connection_ != 0) session_->holder().lost(connection_, std::chrono::steady_clock::now());
    connection_ = 0;
  }

  Chunk read(std::span<char> into) override {
    if (server_.deaf || !session_) return {0, Next::wait};
    if (connection_ == 0) return {0, Next::end};
    if (spill_.empty()) {
      spill_.resize(65536);
      spill_.resize(session_->holder().fill(connection_, spill_));
    }
    auto size = std::min(into.size(), spill_.size());
    std::copy_n(spill_.data(), size, into.data());
    spill_.erase(0, size);
    server_.passed(size);
    if (size > 0) return {size, Next::more};
    return {0, session_->holder().is_over(connection_) ? Next::end : Next::wait};
  }

 private:
  void open(session::Opening how) {
    session::Visitor visitor;
    visitor.address = "192.0.2.1";
    visitor.resume_token = fmt::format("nigh_r_{}", ++server_.tokens_);
    connection_ = session_->holder().connect(visitor, how, std::chrono::steady_clock::now());
  }
  void feed(std::string_view bytes) {
    if (connection_ == 0) return;
    session_->holder().receive(connection_, bytes, std::chrono::steady_clock::now());
    session_->run();
  }

  SessionServerForTest& server_;
  SessionForTest* session_;
  session::ConnectionId connection_ = 0;
  std::string spec_;
  std::string spill_;
};

class SessionServerForTest::Link : private http2::Events {
 public:
  Link(SessionServerForTest& server, tcp::socket socket)
      : server_(server),
        h2_(std::move(socket), *server.tls_, http2::Role::server, http2::Limits(), *this) {}

  static awaitable<void> run(std::shared_ptr<Link> self) {
    try {
      co_await self->h2_.handshake();
      co_await self->h2_.run();
    } catch (const std::exception&) {
      // Clients may leave as they like.
    }
    self->streams_.clear();
    self->server_.links_.remove(self);
    self->server_.left_.notify_all();
  }
  void close() { h2_.stream().close(); }
  void resume_all() {
    for (auto& [id, stream] : streams_) h2_.resume(id);
  }

 private:
  class Text : public http2::BodySource {
   public:
    explicit Text(std::string text) : text_(std::move(text)) {}
    Chunk read(std::span<char> into) override {
      auto size = std::min(into.size(), text_.size());
      std::copy_n(text_.data(), size, into.data());
      text_.erase(0, size);
      return {size, text_.empty() ? Next::end : Next::more};
    }

   private:
    std::string text_;
  };
  void answer(http2::StreamId id, int status, std::string text) {
    auto& body = texts_[id] = std::make_unique<Text>(std::move(text));
    EXPECT_TRUE(h2_.submit_response(id, {{":status", std::to_string(status)}}, body.get()));
  }
  static std::string description(const std::string& id) {
    return fmt::format(R"({{"id":"{}","name":"work","command":"cat","idle":3,)"
                       R"("created":"2026-01-02T03:04:05Z"}})",
                       id);
  }
  // The list, or the one that is asked for; the first is called "work".
  void describe(http2::StreamId stream, const std::string& path) {
    std::string out;
    for (const auto& [id, session] : server_.sessions) {
      if (path == "/v1/sessions/" + id || path == "/v1/sessions/work")
        return answer(stream, 200, description(id));
      out += (out.empty() ? "" : ",") + description(id);
    }
    if (path != "/v1/sessions") return answer(stream, 404, R"({"detail":"no session"})");
    answer(stream, 200, R"({"sessions":[)" + out + "]}");
  }

  void on_headers(http2::StreamId id, http2::Fields fields, bool) override {
    const auto& path = *http2::find(fields, ":path");
    const auto* authorization = http2::find(fields, "authorization");
    if (*http2::find(fields, ":method") != "CONNECT") return describe(id, path);
    auto kind = authorization ? authorization->substr(0, authorization->find(' ')) : "";
    server_.credentials.push_back(kind);
    if (kind == "Bearer" && !server_.know_tokens) return answer(id, 401, R"({"detail":"who?"})");
    SessionForTest* session = nullptr;
    if (path != "/v1/sessions") {
      auto found = server_.sessions.find(path.substr(path.rfind('/') + 1));
      if (found == server_.sessions.end()) return answer(id, 404, R"({"detail":"no session"})");
      if (server_.status_of_resume != 200)
        return answer(id, std::exchange(server_.status_of_resume, 200), R"({"detail":"not now"})");
      session = found->second.get();
    }
    auto& stream = streams_[id] = std::make_unique<Stream>(server_, session);
    EXPECT_TRUE(h2_.submit_response(id, {{":status", "200"}}, stream.get()));
  }
  void on_data(http2::StreamId id, std::string_view bytes) override {
    h2_.consume(id, bytes.size());
    if (streams_.contains(id)) streams_[id]->receive(bytes);
    server_.resume_all();
  }
  void on_end(http2::StreamId id) override {
    if (streams_.contains(id)) streams_[id]->end();
    server_.resume_all();
  }
  void on_close(http2::StreamId id, std::uint32_t) override {
    streams_.erase(id);
    texts_.erase(id);
  }

  SessionServerForTest& server_;
  std::map<http2::StreamId, std::unique_ptr<Stream>> streams_;
  std::map<http2::StreamId, std::unique_ptr<Text>> texts_;
  io::H2Connection h2_;
};

inline awaitable<void> SessionServerForTest::serve() {
  for (;;) {
    auto socket = co_await acceptor_.async_accept(asio::use_awaitable);
    if (refuse_connections > 0) {
      --refuse_connections;
      continue;
    }
    ++connections;
    auto link = std::make_shared<Link>(*this, std::move(socket));
    links_.push_back(link);
    io::spawn_logged(acceptor_.get_executor(), "link", Link::run(link));
  }
}

inline void SessionServerForTest::cut() {
  cut_after = UINT64_MAX;
  for (auto& link : std::exchange(links_, {})) link->close();
  left_.notify_all();
  if (on_cut) on_cut();
}

inline void SessionServerForTest::resume_all() {
  for (auto& link : links_) link->resume_all();
}

}  // namespace nigh::client
