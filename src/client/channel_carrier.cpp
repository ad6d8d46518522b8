// SPDX-License-Identifier: Apache-2.0
#include "client/channel_carrier.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <nlohmann/json.hpp>

#include "base/text.hpp"
#include "client/connect.hpp"

namespace nigh::client {
namespace {

using namespace std::chrono_literals;
using channel::Frame;

constexpr std::size_t kMaxWaiting = 1 << 20;
constexpr auto kFirstPause = 100ms;
constexpr auto kLongestPause = 5s;
// Who waits for hours hears of a connection that is gone without a word.
constexpr auto kPing = 15s;
constexpr auto kSilence = 45s;

bool may_pass(Errc code) {
  return code == Errc::closed || code == Errc::timeout || code == Errc::unavailable;
}

Errc code_of(std::string_view type) {
  if (type == "quota" || type == "too-large") return Errc::too_large;
  if (type == "no-receiver") return Errc::unavailable;
  if (type == "receiver-lost") return Errc::closed;
  if (type == "replaced") return Errc::cancelled;
  return type == "protocol" ? Errc::malformed : Errc::system;
}

}  // namespace

ChannelCarrier::ChannelCarrier(std::shared_ptr<Connection> connection)
    : connection_(std::move(connection)),
      changed_(connection_->executor()),
      timer_(connection_->executor()) {}

ChannelCarrier::~ChannelCarrier() {
  leave();
  if (owns_connection_) connection_->close();
}

void ChannelCarrier::start() {
  auto ended = [self = shared_from_this()](std::exception_ptr failure) {
    if (failure && !self->failure_) self->failure_ = io::to_error(failure);
    self->changed();
  };
  asio::co_spawn(connection_->executor(), converse(shared_from_this()),
                 asio::bind_cancellation_slot(stop_.slot(), std::move(ended)));
}

void ChannelCarrier::end(const Error& why) {
  if (!failure_) failure_ = why;
  if (!over_) leave();
  changed();
  stop_.emit(asio::cancellation_type::terminal);
}

void ChannelCarrier::leave() {
  connection_->consume(id_, std::exchange(owed_, 0));
  connection_->abandon(std::exchange(id_, 0));
}

void ChannelCarrier::throw_failure() const {
  if (failure_) throw Failure(*failure_);
}

// ---- the conversation --------------------------------------------------------------------------

awaitable<void> ChannelCarrier::converse(std::shared_ptr<ChannelCarrier> self) {
  for (;;) {
    Error why{Errc::closed, ""};
    const bool was_known = self->connection_->authenticator().proved();
    try {
      co_await io::until_either(self->talk(), self->watch());
      co_return;  // all is done
    } catch (const Failure& failure) {
      why = failure.error();
    }
    self->forgotten_ = was_known && self->status_ == 401;  // another worker is there
    auto state = co_await asio::this_coro::cancellation_state;
    if (self->failure_ || state.cancelled() != asio::cancellation_type::none) co_return;
    self->on_lost();
    self->changed();
    if (!(may_pass(why.code) || self->forgotten_) || !self->may_resume()) throw Failure(why);
    co_await self->find_contact(why);
  }
}

// Until all is done; throws what broke the stream.
awaitable<void> ChannelCarrier::talk() {
  co_await connection_->ready();
  auto again = [this](const http2::Fields& proof) { return send(proof); };
  co_await send_with_proof(*connection_, again);
  while (!over_ && !broken_) co_await changed_.wait();
  if (!over_) throw Failure(*broken_);
}

awaitable<void> ChannelCarrier::watch() {
  for (;;) {
    timer_.expires_after(kPing);
    co_await timer_.async_wait(asio::use_awaitable);
    auto silence = std::chrono::steady_clock::now() - connection_->last_heard();
    if (silence > kSilence)
      throw Failure(Errc::closed, fmt::format("{} is silent", connection_->endpoint().address()));
    connection_->ping();
  }
}

awaitable<Outcome> ChannelCarrier::send(http2::Fields proof) {
  leave();
  status_ = 0;
  answered_ = false;
  refusal_.clear();
  broken_.reset();
  decoder_.emplace(
      channel::FrameDecoder::Receiver::client,
      channel::FrameDecoder::Handler{[this](Frame type, std::string_view payload) {
                                       return type == Frame::error ? on_error_frame(payload)
                                                                   : on_frame(type, payload);
                                     },
                                     [this](std::string_view bytes) { return on_bytes(bytes); }});
  Request what{.method = "CONNECT", .protocol = "nigh-channel", .path = path_of(opening())};
  auto fields = request_fields(*connection_, what);
  std::ranges::move(proof, std::back_inserter(fields));
  id_ = connection_->open(fields, this, *this);
  auto answer = wait_answered();
  co_await io::with_timeout(std::move(answer), connection_->endpoint().timeout,
                            fmt::format("{} does not answer the request for the channel",
                                        connection_->endpoint().address()));
  co_return Outcome{status_, refusal_};
}

awaitable<void> ChannelCarrier::wait_answered() {
  while (!answered_ && !broken_) co_await changed_.wait();
  if (broken_) throw Failure(*broken_);
}

// The same connection if it still is one, of which the server knows whose it is.
awaitable<void> ChannelCarrier::find_contact(const Error& why) {
  const auto endpoint = connection_->endpoint();
  const auto progress = connection_->progress();
  const auto begin = std::chrono::steady_clock::now();
  auto last = why;
  for (;; last.code = Errc::closed) {
    if (endpoint.resume_limit && std::chrono::steady_clock::now() - begin >= *endpoint.resume_limit)
      throw Failure(Errc::timeout, fmt::format("contact with {} was lost and has not come back: {}",
                                               endpoint.address(), last.message));
    if (pause_ > 0ms) {
      timer_.expires_after(pause_);
      co_await timer_.async_wait(asio::use_awaitable);
    }
    pause_ = std::clamp<std::chrono::milliseconds>(pause_ * 2, kFirstPause, kLongestPause);
    const auto silence = std::chrono::steady_clock::now() - connection_->last_heard();
    if (!connection_->ending() && silence <= kSilence && !forgotten_) co_return;
    try {
      leave();
      auto found = co_await connect_directly(endpoint, nullptr, progress);
      if (std::exchange(owns_connection_, true)) connection_->close();
      connection_ = std::move(found);
      forgotten_ = false;
      co_return;
    } catch (const Failure& failure) {
      // Without a network there is no name service either.
      if (!may_pass(failure.code()) && failure.code() != Errc::not_found) throw;
      last = failure.error();
    }
  }
}

// ---- what arrives ------------------------------------------------------------------------------

void ChannelCarrier::on_headers(const http2::Fields& fields) {
  status_ = status_of(fields);
  answered_ = status_ == 200;
  if (answered_) resume();
  changed();
}

void ChannelCarrier::on_data(std::string_view bytes) {
  if (status_ != 200) {
    connection_->consume(id_, bytes.size());
    if (refusal_.size() + bytes.size() <= kMaxAnswer) refusal_ += bytes;
    return;
  }
  owed_ += bytes.size();
  pause_ = 0ms;
  auto fed = decoder_->feed(bytes);
  if (!fed && !failure_) failure_ = broken_ = fed.error();
  take_more();
  resume();
  changed();
}

Result<void> ChannelCarrier::on_error_frame(std::string_view payload) {
  auto json = nlohmann::json::parse(payload, nullptr, false);
  std::string type, detail;
  if (json.is_object() && json["type"].is_string()) type = json["type"];
  if (json.is_object() && json["detail"].is_string()) detail = json["detail"];
  return fail(code_of(type), fmt::format("{}: {}", connection_->endpoint().address(),
                                         printable(detail.empty() ? type : detail)));
}

void ChannelCarrier::take_more() {
  if (waiting() < kMaxWaiting && owed_ > 0) connection_->consume(id_, std::exchange(owed_, 0));
}

void ChannelCarrier::on_end() {
  answered_ = true;
  if (status_ == 200 && !finishing_)
    on_failed({Errc::closed, fmt::format("{} has ended the channel's stream",
                                         connection_->endpoint().address())});
  changed();
}

void ChannelCarrier::on_closed() {
  if (finishing_) over_ = true;
  changed();
}

void ChannelCarrier::on_failed(const Error& error) {
  if (finishing_) over_ = true;  // who has nothing to say any more has missed nothing
  if (!broken_) broken_ = error;
  changed();
}

// ---- what is sent ------------------------------------------------------------------------------

void ChannelCarrier::resume() {
  if (id_ != 0 && answered_ && !broken_) connection_->resume(id_);
}

void ChannelCarrier::finish() {
  finishing_ = true;
  if (broken_ || id_ == 0) over_ = true;
  resume();
  changed();
}

void ChannelCarrier::reopen() {
  if (!broken_) broken_ = Error{Errc::closed, "the channel is opened anew"};
  changed();
}

ChannelCarrier::Chunk ChannelCarrier::read(std::span<char> into) {
  if (!answered_) return {0, Next::wait};
  std::size_t size = 0;
  while (size < into.size()) {
    auto more = fill(into.subspan(size));
    if (more == 0) break;
    size += more;
  }
  if (size < into.size() && finishing_) return {size, Next::end};
  return {size, size > 0 ? Next::more : Next::wait};
}

}  // namespace nigh::client
