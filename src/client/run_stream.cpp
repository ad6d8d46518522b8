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
    : ProcessStream(connection->executor()),
      connection_(std::move(connection)),
      spec_(spec_of(command)),
      body_([this] {
        if (id_ != 0) connection_->resume(id_);
      }),
      decoder_(run::Receiver::client,
               {[this](Frame type, std::string_view payload) { return on_control(type, payload); },
                [this](Frame type, std::string_view piece) { on_output(type, piece); }}) {
  body_.push(run::frame(Frame::spec, spec_));
}

RunStream::~RunStream() {
  connection_->abandon(id_);
  connection_->consume(id_, buffered());
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
  while (!answered_ && !failure()) co_await changed_.wait();
  if (failure()) throw Failure(*failure());
}

void RunStream::end(const Error& why) {
  stop_conversation_.emit(asio::cancellation_type::terminal);
  fail(why);
}

void RunStream::fail(const Error& error) {
  if (!failed(error)) return;
  body_.drop_input();
  connection_->abandon(id_);
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

void RunStream::on_closed() { closed(); }

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
  began("");
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
  exited(*std::move(exit));
  body_.finish();
  return {};
}

void RunStream::on_output(Frame type, std::string_view piece) {
  output_in_feed_ += piece.size();
  output(type == Frame::stdout_data ? Channel::out : Channel::err, piece);
}

// ---- what the caller does ----------------------------------------------------------------------

void RunStream::detach() {
  fail({Errc::unsupported, "only a session can be left running: this command is none"});
}

awaitable<void> RunStream::write(std::string_view bytes, Last last) {
  if (failure()) throw Failure(*failure());
  bool sent = false;
  struct Forget {  // whoever cancels us takes the bytes away
    RunBody& body;
    bool& sent;
    ~Forget() {
      if (!sent) body.drop_input();
    }
  } forget{body_, sent};
  if (!has_exited())
    body_.send_input(bytes, [&] {
      sent = true;
      changed_.notify_all();
    });
  if (last == Last::yes) close_input();
  while (!sent && !over()) co_await changed_.wait();
  if (failure()) throw Failure(*failure());
  if (!sent) throw Failure(Errc::closed, "the command ended before it read all of its input");
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
