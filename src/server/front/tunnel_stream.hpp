// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "io/fd_source.hpp"
#include "server/front/stream.hpp"
#include "server/front/tunnel_output.hpp"

namespace nigh::server {

// The bytes of a tunnel (docs/protocol/tunnels.md): DATA to a socket, and what that says to DATA.
// Each half ends by itself; a socket that is reset resets the stream, and the reverse. Where the
// socket comes from, a derived class knows.
class TunnelStream : public Stream, private http2::BodySource {
 public:
  TunnelStream(Shared& shared, http2::StreamId id);
  ~TunnelStream() override;
  void on_data(std::string_view bytes) override { output_->write(bytes); }
  void on_end() override;
  void on_close() override;

 protected:
  // Answers 200. `socket` is connected and O_NONBLOCK.
  void connected(UniqueFd socket);
  void refuse(const Problem& problem);
  bool answered() const { return answered_; }

 private:
  Chunk read(std::span<char> into) override;
  void on_broken();
  void reset_target();

  std::shared_ptr<TunnelOutput> output_;
  std::optional<io::FdSource> input_;
  bool answered_ = false;
  bool client_ended_ = false;
  bool target_ended_ = false;  // and the client knows
  bool broken_ = false;        // the target takes nothing any more
};

}  // namespace nigh::server
