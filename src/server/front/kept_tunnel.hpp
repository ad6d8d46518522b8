// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "http2/session.hpp"
#include "io/fd_source.hpp"
#include "server/front/tunnel_output.hpp"
#include "service/tunnel/resumable_end.hpp"

namespace nigh::server {

class KeptTunnels;

// The server's end of a tunnel that survives its connections: the socket to the target, and what
// the client does not have yet. Without a connection it waits, and reads nothing.
class KeptTunnel : public std::enable_shared_from_this<KeptTunnel>, private tunnel::ResumableTaker {
 public:
  // The stream that it goes over now.
  class Carrier {
   public:
    virtual ~Carrier() = default;
    virtual void resume() = 0;                    // there is something to read
    virtual void consume(std::size_t count) = 0;  // so much of what came is gone
    virtual void on_broken() = 0;                 // the target has reset it
    virtual void on_taken() = 0;                  // it goes over another carrier now
  };
  struct Whose {
    std::string id;           // nobody else can know it
    std::string fingerprint;  // of the key of its client, the only one who may have it back
  };
  // What another front is given, to be what this one was.
  struct Estate {
    tunnel::ResumableState state;
    std::string kept, unsent;  // for the client; for the target
    UniqueFd socket;
  };

  // `all` outlives it. `socket` is connected and O_NONBLOCK.
  KeptTunnel(KeptTunnels& all, Whose whose, UniqueFd socket);
  // Throws Errc::malformed.
  KeptTunnel(KeptTunnels& all, Whose whose, Estate estate);
  ~KeptTunnel() override;  // resets the target, unless both halves have ended
  KeptTunnel(const KeptTunnel&) = delete;
  KeptTunnel& operator=(const KeptTunnel&) = delete;

  const Whose& whose() const { return whose_; }
  std::uint64_t received() const { return end_.received(); }
  std::size_t kept() const { return end_.kept() + output_->kept(); }

  // Goes over `carrier` from now on, whose client has received so much; over no other any more.
  // Errc::malformed: it cannot have that.
  Result<void> attach(Carrier& carrier, std::uint64_t theirs);
  void detach();
  bool is_attached() const { return carrier_ != nullptr; }

  // Errc::malformed: see ResumableEnd::receive().
  Result<void> receive(std::string_view bytes);
  // Next::end once all is done: see docs/protocol/tunnels.md.
  http2::BodySource::Chunk read(std::span<char> into);
  // The client knows that both halves have ended: what it sent last is still delivered.
  void leave();
  bool is_complete() const { return end_.is_complete(); }
  void ack_now();

  // Over here. nullopt: it has broken.
  std::optional<Estate> give_away();

 private:
  void open(UniqueFd socket);
  void on_bytes(std::string_view piece) override;
  void on_end() override { output_->finish(); }
  void on_gone(std::size_t count);
  void on_broken();
  std::size_t take_output(std::span<char> into);
  void count_kept();
  void close();

  KeptTunnels& all_;
  Whose whose_;
  tunnel::ResumableEnd end_;
  std::shared_ptr<TunnelOutput> output_;
  std::optional<io::FdSource> input_;
  Carrier* carrier_ = nullptr;
  std::size_t stale_ = 0;    // of what waits for the target: came over an earlier carrier
  std::size_t pieces_ = 0;   // of what is being received
  std::size_t counted_ = 0;  // as `all_` knows
  bool input_ended_ = false;
  bool broken_ = false;       // the target takes nothing, or gives nothing, any more
  bool input_broke_ = false;  // and all that the target has said is read
  bool ack_later_ = false;
  bool waits_for_room_ = false;  // has read less from the target than there may be
};

}  // namespace nigh::server
