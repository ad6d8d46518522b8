// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "base/log.hpp"
#include "server/front/held_stream.hpp"
#include "server/front/process_streams.hpp"
#include "wire/reader.hpp"

namespace nigh::server {
namespace {

// All sessions of a connection together may make this front hold so much input that nobody reads.
// The first get a window that fills a long link, later ones share what is left.
std::uint64_t input_window(const Shared& shared) {
  auto share = (48u << 20) / (3 * std::max<std::size_t>(shared.h2.session().open_streams(), 1));
  return std::clamp<std::uint64_t>(share, run::kEarlyInput, run::kMaxInputWindow);
}

}  // namespace

SessionStream::SessionStream(Shared& shared, http2::StreamId id)
    : Stream(shared, id),
      pump_(shared.executor, [this] { shared_.h2.resume(id_); }),
      process_(shared),
      decoder_(run::Receiver::server, {[this](run::Frame type, std::string_view payload) {
                                         return on_control(type, payload);
                                       },
                                       [this](run::Frame, std::string_view piece) {
                                         if (input_state_) input_state_ = pump_.input(piece);
                                       }}) {}

std::string_view FirstFrame::part_of(std::string_view bytes) {
  std::size_t taken = 0;
  while (header_size_ < run::kFrameHeader && taken < bytes.size()) {
    header_[header_size_++] = bytes[taken++];
    if (header_size_ == run::kFrameHeader)
      left_ = wire::Reader(std::string_view(header_.data(), header_.size()).substr(1)).u32();
  }
  auto payload = std::min(left_, bytes.size() - taken);
  left_ -= payload;
  return bytes.substr(0, taken + payload);
}

void SessionStream::on_data(std::string_view bytes) {
  if (!first_.is_whole()) {
    auto part = first_.part_of(bytes);
    feed(part);
    bytes.remove_prefix(part.size());
  }
  if (held_)
    held_->on_data(bytes);
  else
    feed(bytes);
}

void SessionStream::feed(std::string_view bytes) {
  shared_.h2.consume(id_, bytes.size());
  if (over_) return;
  // Once it runs it has a window.
  if (!answered_ && !keep(bytes.size())) {
    over_ = true;
    return answer(too_much_kept());
  }
  auto fed = decoder_.feed(bytes);
  if (fed) fed = input_state_;
  if (!fed) refuse(fed.error());
}

void SessionStream::on_end() {
  if (over_) return;
  input_over_ = true;
  if (held_) return held_->on_end();
  // A client that just ends its half has no more input; to leave, it resets the stream.
  if (auto whole = decoder_.finish(); !whole) return refuse(whole.error());
  if (process_.id() == 0) return refuse({Errc::malformed, "session: it ended before its SPEC"});
  pump_.input_ended();
}

void SessionStream::on_drain() {
  if (held_) held_->on_drain();
}

void SessionStream::on_close() {
  if (held_) held_->on_close();
}

void SessionStream::hold() {
  auto instead = [this](const std::string& input) {
    not_held_ = std::move(held_);  // we are called by it
    process_.start(command_, *this);
    feed(input);
    if (input_over_) on_end();
  };
  const bool must = command_.keep || !command_.name.empty();
  held_ = std::make_unique<HeldStream>(shared_, id_, command_,
                                       must ? HeldStream::Instead() : std::move(instead));
}

Result<void> SessionStream::on_control(run::Frame type, std::string_view payload) {
  switch (type) {
    case run::Frame::spec: {
      auto command = run::decode_spec(payload);
      if (!command) return std::unexpected(command.error());
      command_ = *std::move(command);
      if (command_.is_session())
        hold();
      else
        process_.start(command_, *this);
      return {};
    }
    case run::Frame::stdin_eof:
      pump_.input_ended();
      return {};
    case run::Frame::resize: {
      auto size = run::decode_resize(payload);
      if (!size) return std::unexpected(size.error());
      pump_.resize(*size);
      return {};
    }
    case run::Frame::signal: {
      auto number = run::signal_number(payload);
      if (!number) return std::unexpected(number.error());
      process_.signal(*number);
      return {};
    }
    case run::Frame::output_closed:
      if (payload != "\x01" && payload != "\x02")
        return fail(Errc::malformed, "session: OUTPUT_CLOSED names no output");
      pump_.output_closed(payload == "\x01" ? run::Frame::stdout_data : run::Frame::stderr_data);
      return {};
    default:
      bug("FrameDecoder let a frame through that is not for a server");
  }
}

void SessionStream::on_started(const Started& started, std::vector<UniqueFd> descriptors) {
  if (over_ || answered_ || (descriptors.size() != 3 && descriptors.size() != 1)) return;
  process_.started(command_);
  pump_.attach(std::move(descriptors), {fmt::format("{}", started.pid), input_window(shared_)});
  answered_ = true;
  answer_stream(kFramesType, pump_.body());
}

void SessionStream::on_exited(const Exited& exited) { pump_.exited(process_.ended(exited)); }

void SessionStream::on_failed(const Failed& failure) {
  process_.forget();
  if (over_) return;  // the client has had its answer
  over_ = true;
  // After the start this is the worker's death: the session cannot go on.
  if (answered_)
    shared_.h2.reset(id_, http2::kInternalError);
  else
    answer(problem_of(failure.trouble, failure.message));
}

void SessionStream::refuse(const Error& error) {
  over_ = true;
  log::info("{}: {}", shared_.connection, error.message);
  if (answered_)
    shared_.h2.reset(id_, http2::kProtocolError);
  else
    answer(problem_of(Trouble::bad_request, error.message));
}

}  // namespace nigh::server
