// SPDX-License-Identifier: Apache-2.0
#include "server/front/udp_stream.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

namespace nigh::server {
namespace {

constexpr int kMostTold = 64;  // errors in a row

}  // namespace

UdpStream::UdpStream(Shared& shared, http2::StreamId id, tunnel::HostPort target)
    : Stream(shared, id),
      target_{0, shared.login.grant, Reach::udp, std::move(target.host), target.port},
      asked_(shared.worker.ask(target_, *this, WorkerClient::Without::wait)) {}

UdpStream::~UdpStream() {
  shared_.worker.forget(asked_);
  if (!answered_) shared_.worker.abandon(asked_);
}

void UdpStream::on_started(const Started&, std::vector<UniqueFd> descriptors) {
  if (answered_ || descriptors.size() != 1) return;
  answered_ = true;
  target_ = Dial();
  shared_.worker.forget(asked_);
  socket_.emplace(shared_.executor, std::move(descriptors[0]), io::Readiness::For::reading,
                  [this] { shared_.h2.resume(id_); });
  // The stream may just have been reset; then on_close() is on its way.
  (void)shared_.h2.submit_response(id_, {{":status", "200"}, {"capsule-protocol", "?1"}}, this);
  for (const auto& datagram : std::exchange(early_, {})) send(datagram);
}

void UdpStream::on_failed(const Failed& failure) {
  if (answered_) return;
  answered_ = true;
  answer(problem_of(failure.trouble, failure.message));
}

void UdpStream::on_worker_died(const Failed&) {
  if (!answered_) asked_ = shared_.worker.ask(target_, *this, WorkerClient::Without::wait);
}

void UdpStream::on_data(std::string_view bytes) {
  shared_.h2.consume(id_, bytes.size());
  if (over_) return;
  decoder_.feed(bytes);
  for (;;) {
    auto datagram = decoder_.next();
    if (!datagram) {
      over_ = true;
      return shared_.h2.reset(id_, http2::kProtocolError);
    }
    if (!*datagram) break;
    if (socket_)
      send(**datagram);
    else if (early_.size() < kMaxEarly && keep((*datagram)->size()))
      early_.push_back(**std::move(datagram));
  }
  release(std::exchange(incomplete_, 0));
  if (keep(decoder_.kept())) {
    incomplete_ = decoder_.kept();
  } else {
    over_ = true;
    shared_.h2.reset(id_, http2::kEnhanceYourCalm);
  }
}

void UdpStream::send(const std::string& datagram) {
  // A second time, since the first may only be told what became of an earlier datagram.
  for (int attempt = 0; attempt < 2; ++attempt)
    if (::send(socket_->fd(), datagram.data(), datagram.size(), MSG_NOSIGNAL) >= 0 ||
        errno == EAGAIN)
      return;
}

void UdpStream::on_end() {
  over_ = true;
  shared_.h2.resume(id_);
}

// One more into capsule_. False: none is there.
bool UdpStream::receive() {
  std::array<char, tunnel::kMaxDatagram> datagram;
  for (int told = 0; told < kMostTold; ++told) {
    auto size = ::recv(socket_->fd(), datagram.data(), datagram.size(), 0);
    if (size >= 0) {
      capsule_ = tunnel::datagram_capsule({datagram.data(), static_cast<std::size_t>(size)});
      sent_ = 0;
      return true;
    }
    if (errno == EAGAIN) break;
    // Else this tells what became of an earlier datagram, as that nobody listens there.
  }
  socket_->arm();
  return false;
}

UdpStream::Chunk UdpStream::read(std::span<char> into) {
  if (over_) return {0, Next::end};
  std::size_t size = 0;
  while (size < into.size() && (sent_ < capsule_.size() || receive())) {
    auto part = std::min(into.size() - size, capsule_.size() - sent_);
    std::copy_n(capsule_.data() + sent_, part, into.data() + size);
    size += part;
    sent_ += part;
  }
  if (size == into.size()) return {size, Next::more};
  capsule_ = std::string();
  sent_ = 0;
  return {size, Next::wait};
}

}  // namespace nigh::server
