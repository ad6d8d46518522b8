// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "io/h2_connection.hpp"
#include "server/front/problem.hpp"
#include "server/front/worker_client.hpp"
#include "ssh/agent_binding.hpp"

namespace nigh::server {

// Who a connection turned out to be.
struct Login {
  GrantId grant;
  std::string user;
  std::string fingerprint;
  std::optional<std::int64_t> expires;
};

class KeptTunnels;
class ListenStream;

// What streams of a connection keep that no window bounds, together: bodies and frames until they
// are whole, answers until they are sent.
struct Kept {
  std::size_t most = 256u << 20;
  std::size_t now = 0;
  bool allows(std::size_t more) const { return more <= most - now; }
};

// Of a request for which there is no room in Kept.
Problem too_much_kept();

// What every stream of a connection may use. Outlives the streams.
struct Shared {
  io::H2Connection& h2;
  WorkerClient& worker;
  KeptTunnels& tunnels;
  asio::any_io_executor executor;
  std::string connection;  // as in SSH_CONNECTION
  std::string tls_group;
  std::string tls_cipher;
  Login login;  // empty until somebody is
  // The client has ended the connection; false also where it broke without a word.
  bool peer_left = false;
  // The client has said that it ends the connection (GOAWAY), and will not come back.
  bool said_goodbye = false;
  // It came through somebody who carries its bytes, and who may have ended it: only a goodbye is
  // the client's own.
  bool relayed = false;
  // Connections that listeners have accepted and nobody has fetched, and where they are.
  std::unordered_map<std::string, ListenStream*> accepted = {};
  std::size_t listeners = 0;
  Kept kept = {};
  // What programs that forward an ssh-agent tell it about this host.
  std::shared_ptr<const ssh::AgentBinding> agent_binding = {};
  // Ends with the connection: for what may live longer than it.
  std::shared_ptr<const bool> alive = std::make_shared<const bool>(true);
};

// Bytes that are all there: a JSON document.
class TextBody : public http2::BodySource {
 public:
  explicit TextBody(std::string text) : text_(std::move(text)) {}
  ~TextBody() override { explicit_bzero(text_.data(), text_.size()); }  // it may be a token
  Chunk read(std::span<char> into) override;

 private:
  std::string text_;
  std::size_t sent_ = 0;
};

// One request after authentication, from its header to its end. Owned by the Connection, which
// destroys it when the stream is closed.
class Stream {
 public:
  Stream(Shared& shared, http2::StreamId id) : shared_(shared), id_(id) {}
  virtual ~Stream() { shared_.kept.now -= kept_; }

  // So many bytes more are kept, until the stream ends. False: they may not be.
  bool keep(std::size_t more);

  // Every byte is to be given back by shared_.h2.consume().
  virtual void on_data(std::string_view bytes) { shared_.h2.consume(id_, bytes.size()); }
  virtual void on_end() {}
  // This front is about to end: what can go on elsewhere should.
  virtual void on_drain() {}
  // The stream is closed, while its connection goes on. The last that it hears.
  virtual void on_close() {}

 protected:
  // An answer that is complete; at most one.
  void answer(int status, std::string_view content_type, std::string text);
  void answer(const Problem& problem);
  void answer_stream(std::string_view content_type, http2::BodySource& body);
  void release(std::size_t less);  // which keep() allowed

  Shared& shared_;
  const http2::StreamId id_;

 private:
  std::optional<TextBody> text_;
  std::size_t kept_ = 0;
};

// The body of a request, gathered up to a limit.
class GatheringStream : public Stream {
 public:
  GatheringStream(Shared& shared, http2::StreamId id, std::size_t limit)
      : Stream(shared, id), limit_(limit) {}
  void on_data(std::string_view bytes) final;
  void on_end() final;

 protected:
  virtual void on_body(std::string body) = 0;

 private:
  std::size_t limit_;
  std::string body_;
  bool refused_ = false;
};

}  // namespace nigh::server
