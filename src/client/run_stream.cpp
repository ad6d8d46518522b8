// SPDX-License-Identifier: Apache-2.0
#include "client/run_stream.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>

#include "service/run/messages.hpp"

namespace nigh::client {

using run::Frame;

RunStream::RunStream(std::shared_ptr<Connection> connection, Command command)
    : connection_(std::move(connection)),
      spec_(run::encode_spec(command)),
      body_([this] {
        if (id_ != 0) connection_->resume(id_);
      }),
      decoder_(run::Receiver::client,
               {[this](Frame type, std::string_view payload) { return on_control(type, payload); },
                [this](Frame type, std::string_view piece) { on_output(type, piece); }}),
      changed_(connection_->executor()) {
  if (spec_.size() > run::kMaxSpec)
    throw Failure(
        Errc::too_large,
        fmt::format("the command and its environment are longer than {} KiB: send what is "
                    "large as standard input",
                    run::kMaxSpec / 1024));
  body_.push(run::frame(Frame::spec, spec_));
}

RunStream::~RunStream() {
  connection_->abandon(id_);
  connection_->consume(id_, buffers_[0].view().size() + buffers_[1].view().size());
}

// ---- the conversation --------------------------------------------------------------------------

void RunStream::start() {
  auto ended = [self = shared_from_this()](std::exception_ptr failure) {
    if (failure) self->fail(io::to_error(failure));
  };
  asio::co_spawn(executor(), converse(shared_from_this()),
                 asio::bind_cancellation_slot(stop_conversation_.slot(), std::move(ended)));
}

awaitable<void> RunStream::converse(std::shared_ptr<RunStream> self) {
  auto& connection = *self->connection_;
  co_await connection.ready();
  // Before it knows us a server hears only a little: prove who we are with a smaller request.
  if (self->spec_.size() > kEarlyBytes && !connection.authenticator().proved())
    co_await fetch(connection, "GET", "/v1/");
  auto send = [self](const http2::Fields& proof) { return self->send(proof); };
  co_await send_with_proof(connection, send);
  self->early_.release();
  connection.resume(self->id_);
}

http2::Fields RunStream::fields(http2::Fields proof) const {
  http2::Fields out{{":method", "CONNECT"},
                    {":protocol", "nigh-session"},
                    {":scheme", "https"},
                    {":authority", connection_->endpoint().address()},
                    {":path", "/v1/sessions"}};
  std::ranges::move(proof, std::back_inserter(out));
  return out;
}

awaitable<Outcome> RunStream::send(http2::Fields proof) {
  connection_->abandon(id_);  // of an attempt with another key
  if (proof.empty()) early_.release();
  early_.rewind();
  status_ = 0;
  refusal_.clear();
  answered_ = false;
  id_ = connection_->open(fields(std::move(proof)), &early_, *this);
  auto answer = wait_answered();
  co_await io::with_timeout(std::move(answer), connection_->endpoint().timeout,
                            fmt::format("{} does not answer the request to run the command",
                                        connection_->endpoint().address()));
  co_return Outcome{status_, refusal_};
}

awaitable<void> RunStream::wait_answered() {
  while (!answered_ && !failure_) co_await changed_.wait();
  if (failure_) throw Failure(*failure_);
}

void RunStream::end(const Error& why) {
  stop_conversation_.emit(asio::cancellation_type::terminal);
  fail(why);
}

void RunStream::fail(const Error& error) {
  if (over()) return;
  failure_ = error;
  body_.drop_input();
  connection_->abandon(id_);
  changed_.notify_all();
}

// ---- what arrives ------------------------------------------------------------------------------

void RunStream::on_headers(const http2::Fields& fields) {
  status_ = status_of(fields);
  answered_ = status_ == 200;
  changed_.notify_all();
}

void RunStream::on_data(std::string_view bytes) {
  if (status_ != 200) {
    connection_->consume(id_, bytes.size());
    if (refusal_.size() + bytes.size() <= kMaxAnswer) refusal_ += bytes;
    return;
  }
  output_in_feed_ = 0;
  auto fed = decoder_.feed(bytes);
  // Output is paid back as it is read; the frames around it at once.
  connection_->consume(id_, bytes.size() - output_in_feed_);
  if (!fed) return fail(fed.error());
  changed_.notify_all();
}

void RunStream::on_end() {
  answered_ = true;
  if (status_ == 200)
    fail({Errc::closed, fmt::format("{} ended the session before the command did",
                                    connection_->endpoint().address())});
  changed_.notify_all();
}

void RunStream::on_closed() {
  closed_ = true;
  changed_.notify_all();
}

void RunStream::on_failed(const Error& error) {
  on_closed();  // after EXIT that is all it means
  fail(error);
}

Result<void> RunStream::on_control(Frame type, std::string_view payload) {
  switch (type) {
    case Frame::started:
      return on_started(payload);
    case Frame::ack:
      return on_ack(payload);
    case Frame::exit:
      return on_exit(payload);
    default:
      bug("FrameDecoder let a frame through that is not for a client");
  }
}

Result<void> RunStream::on_started(std::string_view payload) {
  auto note = run::decode_started(payload);
  if (!note) return std::unexpected(note.error());
  input_window_ = note->input_window;
  body_.allow(input_window_);
  return {};
}

Result<void> RunStream::on_ack(std::string_view payload) {
  auto taken = run::decode_ack(payload);
  if (!taken) return std::unexpected(taken.error());
  if (*taken < input_taken_ || *taken > body_.input_sent())
    return nigh::fail(Errc::malformed, "session: an ACK for input that was never sent");
  input_taken_ = *taken;
  body_.allow(input_taken_ + input_window_);
  return {};
}

Result<void> RunStream::on_exit(std::string_view payload) {
  auto exit = run::decode_exit(payload);
  if (!exit) return std::unexpected(exit.error());
  exit_ = *std::move(exit);
  body_.finish();
  return {};
}

void RunStream::on_output(Frame type, std::string_view piece) {
  auto channel = type == Frame::stdout_data ? Channel::out : Channel::err;
  output_in_feed_ += piece.size();
  if (taker_)
    taker_->take(channel, piece);
  else
    buffer(channel).bytes += piece;
}

// ---- what the caller does ----------------------------------------------------------------------

void RunStream::set_taker(OutputTaker* taker) {
  taker_ = taker;
  if (!taker) return;
  for (auto channel : {Channel::out, Channel::err}) {
    auto buffered = std::exchange(buffer(channel), Buffer());
    if (!buffered.view().empty()) taker->take(channel, buffered.view());
  }
}

awaitable<void> RunStream::write(std::string_view bytes, Last last) {
  if (failure_) throw Failure(*failure_);
  bool sent = false;
  struct Forget {  // whoever cancels us takes the bytes away
    RunBody& body;
    bool& sent;
    ~Forget() {
      if (!sent) body.drop_input();
    }
  } forget{body_, sent};
  if (!exit_)
    body_.send_input(bytes, [&] {
      sent = true;
      changed_.notify_all();
    });
  if (last == Last::yes) close_input();
  while (!sent && !over()) co_await changed_.wait();
  if (failure_) throw Failure(*failure_);
  if (!sent) throw Failure(Errc::closed, "the command ended before it read all of its input");
}

void RunStream::Buffer::drop(std::size_t count) {
  begin += count;
  if (begin == bytes.size()) {
    *this = Buffer();  // a burst's memory is not kept
  } else if (begin > bytes.size() / 2) {
    bytes.erase(0, begin);
    begin = 0;
  }
}

std::size_t RunStream::read_now(Channel channel, std::span<char> into) {
  auto& from = buffer(channel);
  auto size = std::min(into.size(), from.view().size());
  std::ranges::copy(from.view().substr(0, size), into.begin());
  from.drop(size);
  consume(size);
  return size;
}

awaitable<std::size_t> RunStream::read(Channel channel, std::span<char> into) {
  for (;;) {
    if (auto size = read_now(channel, into); size > 0 || into.empty()) co_return size;
    if (closed()) co_return 0;
    if (failure_) throw Failure(*failure_);
    co_await changed_.wait();
  }
}

awaitable<RunStream::Piece> RunStream::read_any(std::span<char> into) {
  for (;;) {
    for (auto channel : {Channel::out, Channel::err})
      if (auto size = read_now(channel, into); size > 0) co_return Piece{channel, size};
    if (closed() || into.empty()) co_return Piece{Channel::out, 0};
    if (failure_) throw Failure(*failure_);
    co_await changed_.wait();
  }
}

awaitable<ExitStatus> RunStream::wait_exit() {
  while (!closed() && !failure_) co_await changed_.wait();
  if (failure_) throw Failure(*failure_);
  co_return *exit_;
}

void RunStream::signal(std::string_view name) {
  unwrap(run::signal_number(name));
  if (!over()) body_.push(run::frame(Frame::signal, name));
}

void RunStream::resize(const WindowSize& size) {
  if (!over()) body_.push(run::frame(Frame::resize, run::encode_resize(size)));
}

void RunStream::close_output(Channel channel) {
  if (!over()) body_.push(run::frame(Frame::output_closed, channel == Channel::out ? "\1" : "\2"));
}

}  // namespace nigh::client
