// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "server/front/kept_tunnel.hpp"
#include "server/front/stream.hpp"

namespace nigh::server {

inline constexpr std::size_t kTunnelIdBytes = 16;
inline constexpr std::size_t kTunnelId = 22;  // in base64url

// A stream that a tunnel goes over which survives it (docs/protocol/tunnels.md): its frames are the
// tunnel's business, and this passes them on. Where the socket comes from, a derived class knows.
class KeptTunnelStream : public Stream, private http2::BodySource, private KeptTunnel::Carrier {
 public:
  KeptTunnelStream(Shared& shared, http2::StreamId id) : Stream(shared, id) {}
  ~KeptTunnelStream() override;
  void on_data(std::string_view bytes) override;
  void on_end() override;
  void on_close() override;

 protected:
  // Answers 200. `socket` is connected and O_NONBLOCK.
  void connected(UniqueFd socket);
  // Goes on with one, whose client has received so much.
  void go_on(std::shared_ptr<KeptTunnel> tunnel, std::uint64_t theirs);
  void refuse(const Problem& problem);
  bool answered() const { return answered_; }

 private:
  Chunk read(std::span<char> into) override;
  void resume() override { shared_.h2.resume(id_); }
  void consume(std::size_t count) override { shared_.h2.consume(id_, count); }
  void on_broken() override { break_off(); }
  void on_taken() override;

  void begin(const http2::Fields& fields);
  void break_off();

  std::shared_ptr<KeptTunnel> tunnel_;
  std::string early_;  // before there is one
  bool answered_ = false;
  bool client_ended_ = false;
  bool broken_ = false;  // and was reset
};

}  // namespace nigh::server
