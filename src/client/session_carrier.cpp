// SPDX-License-Identifier: Apache-2.0
#include "client/session_carrier.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/secret.hpp"
#include "client/kept_messages.hpp"

namespace nigh::client {
namespace {

// At once out of what waits; then the reader is asked again.
constexpr std::size_t kMeal = 256 * 1024;

}  // namespace

SessionCarrier::SessionCarrier(std::shared_ptr<Connection> connection,
                               session::ClientSession& session, Hooks hooks)
    : connection_(std::move(connection)),
      session_(session),
      hooks_(std::move(hooks)),
      answered_(connection_->executor()) {}

SessionCarrier::~SessionCarrier() { leave(); }

void SessionCarrier::leave() {
  connection_->abandon(id_);
  connection_->consume(id_, waiting_.size() - waiting_begin_);
  waiting_.clear();
  waiting_begin_ = 0;
  spill_.clear();
  session_.disconnect();
}

awaitable<Outcome> SessionCarrier::send(std::string path, http2::Fields proof) {
  leave();  // an attempt with other credentials
  status_ = 0;
  has_answer_ = server_done_ = closed_ = false;
  refusal_.clear();
  broken_.reset();
  http2::Fields fields{{":method", "CONNECT"},
                       {":protocol", "nigh-session"},
                       {":scheme", "https"},
                       {":authority", connection_->endpoint().address()},
                       {":path", std::move(path)}};
  std::ranges::move(proof, std::back_inserter(fields));
  if (connection_->is_kept()) fields.push_back({std::string(kLeavesField), "1"});
  session_.connect();
  id_ = connection_->open(fields, this, *this);
  for (auto& field : fields)
    if (field.sensitive) Secret::wipe(field.value);
  auto answer = wait_answered();
  co_await io::with_timeout(std::move(answer), connection_->endpoint().timeout,
                            fmt::format("{} does not answer the request for the session",
                                        connection_->endpoint().address()));
  co_return Outcome{status_, refusal_};
}

awaitable<void> SessionCarrier::wait_answered() {
  while (!has_answer_ && !broken_) co_await answered_.wait();
  if (broken_) throw Failure(*broken_);
}

// ---- what arrives ------------------------------------------------------------------------------

void SessionCarrier::on_headers(const http2::Fields& fields) {
  status_ = status_of(fields);
  has_answer_ = status_ == 200;
  answered_.notify_all();
}

void SessionCarrier::on_data(std::string_view bytes) {
  if (status_ != 200) {
    connection_->consume(id_, bytes.size());
    if (refusal_.size() + bytes.size() <= kMaxAnswer) refusal_ += bytes;
    return;
  }
  if (waiting_.empty() && hooks_.may_receive()) return feed(bytes);
  // Not paid back to HTTP/2, so it is bounded; and not seen by the session, so the server keeps it
  // should we lose it.
  waiting_ += bytes;
}

void SessionCarrier::feed(std::string_view bytes) {
  connection_->consume(id_, bytes.size());
  if (wrong_) return;
  auto received = session_.receive(bytes);
  if (!received) wrong_ = received.error();
  resume();  // input for which there was no window, acknowledgements
  hooks_.on_change();
}

void SessionCarrier::receive() {
  while (waiting_begin_ < waiting_.size() && hooks_.may_receive()) {
    auto meal = std::string_view(waiting_).substr(waiting_begin_, kMeal);
    waiting_begin_ += meal.size();
    feed(meal);
  }
  if (waiting_begin_ == waiting_.size()) {
    waiting_ = std::string();  // a burst's memory is not kept
    waiting_begin_ = 0;
  } else if (waiting_begin_ > waiting_.size() / 2) {
    waiting_.erase(0, waiting_begin_);
    waiting_begin_ = 0;
  }
  if (server_done_ && waiting_.empty()) on_end();
}

void SessionCarrier::on_end() {
  has_answer_ = server_done_ = true;
  answered_.notify_all();
  if (status_ != 200 || !waiting_.empty() || broken_) return;
  if (!session_.is_over())
    broken_ = {Errc::closed,
               fmt::format("{} ended the session's stream", connection_->endpoint().address())};
  hooks_.on_change();
}

void SessionCarrier::on_closed() {
  closed_ = true;
  hooks_.on_change();
}

void SessionCarrier::on_failed(const Error& error) {
  if (!broken_) broken_ = error;
  answered_.notify_all();
  hooks_.on_change();
}

// ---- what is sent ------------------------------------------------------------------------------

void SessionCarrier::resume() {
  if (id_ != 0 && !ended()) connection_->resume(id_);
}

void SessionCarrier::finish() {
  finishing_ = true;
  resume();
}

std::size_t SessionCarrier::take_spill(std::span<char> into) {
  auto size = std::min(into.size(), spill_.size());
  std::copy_n(spill_.data(), size, into.data());
  spill_.erase(0, size);
  return size;
}

// `dry`: there is nothing more now.
std::size_t SessionCarrier::fill(std::span<char> into, bool& dry) {
  std::size_t size = 0;
  while (into.size() - size >= session::ClientSession::kMinFill) {
    auto filled = session_.fill(into.subspan(size));
    size += filled;
    dry = filled == 0 && !hooks_.more_input();
    if (dry) break;
  }
  return size;
}

SessionCarrier::Chunk SessionCarrier::read(std::span<char> into) {
  bool dry = false;
  auto size = take_spill(into);
  if (spill_.empty()) size += fill(into.subspan(size), dry);
  if (size == 0 && !dry && (session_.has_output() || hooks_.more_input())) {
    // A window that is nearly used up: what is left goes as it opens.
    spill_.resize(session::ClientSession::kMinFill);
    spill_.resize(session_.fill(spill_));
    size = take_spill(into);
  }
  if (size > 0) hooks_.on_sent();
  if (!spill_.empty() || session_.has_output()) return {size, size > 0 ? Next::more : Next::wait};
  if ((session_.is_over() && hooks_.may_end()) || finishing_) {
    hooks_.on_end();
    return {size, Next::end};
  }
  return {size, size > 0 && !dry ? Next::more : Next::wait};
}

}  // namespace nigh::client
