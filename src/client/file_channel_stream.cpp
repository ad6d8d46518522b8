// SPDX-License-Identifier: Apache-2.0
#include "client/file_channel_stream.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>

namespace nigh::client {
namespace {

// Of what is written and did not go out yet. Enough to fill a burst of the connection while the
// writer sleeps; flow control of a long link is HTTP/2's.
constexpr std::size_t kMaxQueued = 4 << 20;
// The loop gets the first part of a long write while the rest is copied.
constexpr std::size_t kPiece = 256 * 1024;
// Window is given back in such steps; less, before the reader sleeps, so that streams which stand
// still do not keep the connection's window from each other.
constexpr std::size_t kMuchOwed = 1 << 20;
constexpr std::size_t kWorthGivingBack = 64 * 1024;

}  // namespace

FileStream::FileStream(std::shared_ptr<Connection> connection, Request what)
    : connection_(std::move(connection)),
      executor_(connection_->executor()),
      address_(connection_->endpoint().address()),
      what_(std::move(what)),
      changed_(executor_) {
  expect(what_.body.empty(), "FileChannel: the body is written, not given");
}

// ---- the conversation --------------------------------------------------------------------------

void FileStream::start() {
  auto ended = [self = shared_from_this()](std::exception_ptr failure) {
    if (failure) self->fail(io::to_error(failure));
  };
  asio::co_spawn(executor_, converse(shared_from_this()),
                 asio::bind_cancellation_slot(stop_conversation_.slot(), std::move(ended)));
}

awaitable<void> FileStream::converse(std::shared_ptr<FileStream> self) {
  auto& connection = *self->connection_;
  co_await connection.ready();
  auto send = [self](const http2::Fields& proof) { return self->send(proof); };
  co_await send_with_proof(connection, send);
  self->open_ = true;
  self->changed_.notify_all();
  self->early_.release();
  connection.resume(self->id_);
}

awaitable<Outcome> FileStream::send(http2::Fields proof) {
  connection_->abandon(id_);  // of an attempt with another key
  if (proof.empty()) early_.release();
  early_.rewind();
  status_ = 0;
  refusal_.clear();
  answered_ = closed_ = false;
  auto fields = request_fields(*connection_, what_);
  std::ranges::move(proof, std::back_inserter(fields));
  id_ = connection_->open(fields, has_body() ? &early_ : nullptr, *this);
  auto limit = what_.time_limit.value_or(connection_->endpoint().timeout);
  auto answer = wait_answered();
  if (limit == io::Duration::max())
    co_await std::move(answer);
  else
    co_await io::with_timeout(std::move(answer), limit,
                              fmt::format("{} does not answer the request", address_));
  co_return Outcome{status_, refusal_};
}

awaitable<void> FileStream::wait_answered() {
  while (!answered_) co_await changed_.wait();
  throw_failure();
}

void FileStream::throw_failure() {
  std::lock_guard lock(mutex_);
  if (failure_) throw Failure(*failure_);
}

awaitable<void> FileStream::opened() {
  auto self = shared_from_this();
  while (!open_) {
    throw_failure();
    co_await changed_.wait();
  }
}

void FileStream::wake_all() {
  can_read_.notify_all();
  can_write_.notify_all();
  changed_.notify_all();
}

void FileStream::fail(const Error& error) {
  std::lock_guard lock(mutex_);
  if (!failure_) failure_ = error;
  wake_all();
}

// A stream whose server is done gets its end instead of a reset: servers take only so many resets.
void FileStream::close() {
  stop_conversation_.emit(asio::cancellation_type::terminal);
  bool in_order = false;
  {
    std::lock_guard lock(mutex_);
    in_order = open_ && ended_ && !closed_ && !failure_;
    finished_ = true;
    if (!failure_) failure_ = {Errc::cancelled, "the transfer was ended"};
  }
  outgoing_.clear();
  connection_->consume(id_, incoming_.clear() + owed_);
  if (!in_order) return connection_->abandon(id_);
  connection_->resume(id_);
  asio::co_spawn(executor_, linger(shared_from_this()), [](std::exception_ptr) {});
}

awaitable<void> FileStream::linger(std::shared_ptr<FileStream> self) {
  while (!self->closed_) co_await self->changed_.wait();
}

// ---- what arrives ------------------------------------------------------------------------------

void FileStream::on_headers(const http2::Fields& fields) {
  status_ = status_of(fields);
  headers_ = fields;
  answered_ = succeeded();
  changed_.notify_all();
}

void FileStream::on_data(std::string_view bytes) {
  if (!succeeded()) {
    connection_->consume(id_, bytes.size());
    if (refusal_.size() + bytes.size() <= kMaxAnswer) refusal_ += bytes;
    return;
  }
  received_ += bytes.size();
  incoming_.push(bytes);
  std::lock_guard lock(mutex_);
  if (std::exchange(reader_waits_, false)) can_read_.notify_one();
}

void FileStream::on_end() {
  answered_ = true;
  changed_.notify_all();
  if (!succeeded()) return;
  std::lock_guard lock(mutex_);
  ended_ = true;
  can_read_.notify_all();
}

void FileStream::on_closed() {
  closed_ = true;
  std::lock_guard lock(mutex_);
  takes_nothing_ = succeeded();  // else another attempt may follow
  wake_all();
}

void FileStream::on_failed(const Error& error) {
  closed_ = true;
  answered_ = true;
  // Before the server agreed the code says what to do; later the stream has broken, whatever did
  // it.
  fail({open_ ? Errc::closed : error.code, error.message});
}

// ---- what goes out -----------------------------------------------------------------------------

FileStream::Chunk FileStream::read(std::span<char> into) {
  for (;;) {
    auto size = outgoing_.pull(into);
    sent_ += size;
    std::lock_guard lock(mutex_);
    auto left = outgoing_.size();
    if (left <= kMaxQueued / 2 && std::exchange(writer_waits_, false)) can_write_.notify_one();
    if (left > 0 && size > 0) return {size, Next::more};
    if (left > 0) continue;  // it came in between
    if (finished_) return {size, Next::end};
    body_waits_ = true;
    return {size, Next::wait};
  }
}

void FileStream::wake_loop() {
  std::lock_guard lock(mutex_);
  if (!std::exchange(body_waits_, false)) return;
  asio::post(executor_, [self = shared_from_this()] { self->connection_->resume(self->id_); });
}

std::size_t FileStream::wait_for_room() {
  std::unique_lock lock(mutex_);
  for (;;) {
    if (failure_) throw Failure(*failure_);
    if (takes_nothing_)
      throw Failure(Errc::closed,
                    fmt::format("{} has ended the transfer", connection_->endpoint().address()));
    expect(!finished_ && has_body(), "FileChannel: write() after finish(), or without a body");
    if (auto queued = outgoing_.size(); queued < kMaxQueued)
      return std::min(kMaxQueued - queued, kPiece);
    writer_waits_ = true;
    can_write_.wait(lock);
  }
}

void FileStream::write(std::string_view bytes) {
  while (!bytes.empty()) {
    auto piece = bytes.substr(0, wait_for_room());
    outgoing_.push(piece);
    wake_loop();
    bytes.remove_prefix(piece.size());
  }
}

void FileStream::finish() {
  {
    std::lock_guard lock(mutex_);
    if (failure_) throw Failure(*failure_);
    finished_ = true;
  }
  wake_loop();
}

// ---- what is read ------------------------------------------------------------------------------

void FileStream::give_back(std::size_t at_least) {
  if (owed_ < at_least) return;
  asio::post(executor_, [self = shared_from_this(), count = std::exchange(owed_, 0)] {
    self->connection_->consume(self->id_, count);
  });
}

std::size_t FileStream::read_now_or_wait(std::span<char> into) {
  for (;;) {
    auto size = incoming_.pull(into);
    owed_ += size;
    give_back(size > 0 ? kMuchOwed : kWorthGivingBack);
    std::unique_lock lock(mutex_);
    if (cancelled_) throw Failure(*failure_);
    if (size > 0 || into.empty()) return size;
    if (incoming_.size() > 0) continue;
    if (ended_) return 0;
    if (failure_) throw Failure(*failure_);
    reader_waits_ = true;
    can_read_.wait(lock);
  }
}

void FileStream::cancel() {
  std::lock_guard lock(mutex_);
  cancelled_ = true;
  failure_ = {Errc::cancelled, "cancelled"};
  can_read_.notify_all();
  can_write_.notify_all();
}

}  // namespace nigh::client
