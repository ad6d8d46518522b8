// SPDX-License-Identifier: Apache-2.0
#include "keep/relay.hpp"

#include "client/kept_messages.hpp"
#include "client/request.hpp"

namespace nigh::keep {
namespace {

constexpr int kUnauthorized = 401;

}  // namespace

Relay::~Relay() {
  if (up_open_) upstream_.connection->abandon(up_id_);
  drop_up();
  drop_down();
}

Relay::Source::Chunk Relay::Source::read(std::span<char> into) {
  auto size = queue.pop(into);
  if (size > 0) (owner.*on_taken)(size);
  return {size, !queue.empty() ? Next::more : ended ? Next::end : Next::wait};
}

// ---- from the command --------------------------------------------------------------------------

void Relay::begin(http2::Fields fields, bool ends) {
  leaves_ = std::erase_if(fields, [](const http2::Field& field) {
              return field.name == client::kLeavesField;
            }) > 0;
  try {
    up_id_ = upstream_.connection->open(fields, ends ? nullptr : &up_, *this);
    up_open_ = true;
    upstream_.on_sent();
  } catch (const Failure&) {
    break_off(http2::kRefusedStream);
    upstream_.on_useless();
  }
}

void Relay::data(std::string_view bytes) {
  if (!up_open_ || left_) return command_.consume_connection(bytes.size());
  up_.queue.push(bytes);
  upstream_.connection->resume(up_id_);
}

void Relay::end() {
  if (left_) return;
  up_.ended = true;
  if (up_open_) upstream_.connection->resume(up_id_);
}

// With both halves done the server may still get the rest of a request that it has answered.
void Relay::closed(std::uint32_t code) {
  down_open_ = false;
  drop_down();
  if (up_open_ && !left_ && (code != http2::kNoError || !up_.ended)) {
    up_open_ = false;
    upstream_.connection->abandon(up_id_, code == http2::kNoError ? http2::kCancel : code);
    drop_up();
  }
  check_over();
}

void Relay::leave_if_it_can() {
  // Before the answer there is nothing yet that could be resumed.
  if (!leaves_ || !answered_ || !up_open_ || left_) return;
  left_ = true;
  break_off(http2::kCancel);
}

// ---- from the server ---------------------------------------------------------------------------

void Relay::on_headers(const http2::Fields& fields) {
  if (!down_open_) return;
  answered_ = true;
  // A worker that was started anew knows nobody who logged in before; this connection proves
  // nothing any more.
  if (client::status_of(fields) == kUnauthorized) upstream_.on_useless();
  (void)command_.submit_response(down_id_, fields, &down_);  // else its end is about to be told
}

void Relay::on_data(std::string_view bytes) {
  auto& backlog = upstream_.backlog;
  if (!serves_command()) return upstream_.connection->consume_connection(bytes.size());
  down_.queue.push(bytes);
  upstream_.connection->consume_connection(backlog.arrived(bytes.size()));
  command_.resume(down_id_);
}

void Relay::on_end() {
  down_.ended = true;
  if (down_open_) command_.resume(down_id_);
}

void Relay::on_closed() {
  up_open_ = false;
  drop_up();
  // The server has said all, and wants to hear no more of it.
  if (down_open_ && !up_.ended) command_.stop_reading(down_id_);
  check_over();
}

void Relay::on_failed(const Error&) {
  up_open_ = false;
  break_off(http2::kInternalError);
  check_over();
}

void Relay::on_reset(std::uint32_t code, const Error&) {
  up_open_ = false;
  break_off(code);
  check_over();
}

// ---- both --------------------------------------------------------------------------------------

void Relay::sent_up(std::size_t count) {
  command_.consume(down_id_, count);
  upstream_.on_sent();
}

void Relay::sent_down(std::size_t count) {
  upstream_.connection->consume_stream(up_id_, count);
  upstream_.connection->consume_connection(upstream_.backlog.taken(count));
}

void Relay::drop_up() { command_.consume_connection(up_.queue.clear()); }

void Relay::drop_down() {
  auto& upstream = *upstream_.connection;
  upstream.consume_connection(upstream_.backlog.taken(down_.queue.clear()));
}

void Relay::break_off(std::uint32_t code) {
  drop_up();
  drop_down();
  if (down_open_) command_.reset(down_id_, code);  // closed() follows
}

void Relay::check_over() {
  if (is_over()) over_();
}

}  // namespace nigh::keep
