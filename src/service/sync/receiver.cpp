// SPDX-License-Identifier: Apache-2.0
#include "service/sync/receiver.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <thread>

namespace nigh::sync {
namespace {

// Two write small files faster than one even on one disk; more than four did not pay.
unsigned worker_count(const Spec& spec) {
  if (spec.parallel > 0) return std::min(spec.parallel, 16U);
  return std::clamp(std::thread::hardware_concurrency(), 2U, 4U);
}

}  // namespace

Receiver::Receiver(ByteChannel& channel, FrameReader& reader, FrameWriter& writer, const Spec& spec,
                   std::string destination, Permission permission, Hub& hub, bool is_client)
    : channel_(channel),
      reader_(reader),
      receiving_(writer, spec, hub, is_client),
      destination_(std::move(destination)),
      permission_(std::move(permission)),
      owners_(receiving_.preserve),
      written_(writer),
      workers_(worker_count(spec)),
      answering_(1) {}

Receiver::~Receiver() {
  receiving_.stopped = true;
  receiving_.writer.stop();
  written_.stop();
  // Workers that wait for the peer to read would wait for ever.
  if (!over_) channel_.cancel();
}

void Receiver::run() {
  try {
    while (!over_) handle_next();
  } catch (const Failure& failure) {
    if (failure.code() == Errc::closed || failure.code() == Errc::cancelled) write_what_came();
    throw;
  }
  channel_.finish();
}

void Receiver::handle_next() {
  Received frame;
  if (!reader_.next(frame)) throw Failure(Errc::closed, "the other end broke the transfer off");
  if (frame.type == Frame::batch || frame.type == Frame::data) frame.buffer = written_.watch(frame);
  handle(frame);
}

// The line is gone, but not what came through it: it need not be sent again.
void Receiver::write_what_came() {
  try {
    workers_.drain();
  } catch (const Failure&) {
    // That the transfer has failed is known.
  }
}

Receiver::State& Receiver::state() {
  if (!state_) throw Failure(Errc::malformed, "transfer: a frame outside of a round");
  return *state_;
}

void Receiver::handle(const Received& frame) {
  switch (frame.type) {
    case Frame::owners:
      return owners_.learn(unwrap(decode_owners(frame.payload)));
    case Frame::round:
      return begin_round(unwrap(decode_round(frame.payload)));
    case Frame::digests:
      return on_digests(unwrap(decode_digests(frame.payload)));
    case Frame::totals: {
      auto totals = unwrap(decode_totals(frame.payload));
      return receiving_.hub.total(totals.files, totals.bytes);
    }
    case Frame::batch:
      return on_batch(frame);
    case Frame::data:
      return on_data(frame);
    case Frame::ask: {
      auto ask = unwrap(decode_ask(frame.payload));
      auto& questions = state().questions;
      if (state().target.base() == nullptr)
        throw Failure(Errc::malformed, "transfer: a question about nothing");
      return answering_.add(0, frame.payload.size(), [&questions, ask] { questions.answer(ask); });
    }
    case Frame::failed: {
      auto note = unwrap(decode_failed(frame.payload));
      if (note.skipped) return receiving_.hub.skipped(note.path, note.kind, note.error.message);
      return receiving_.hub.failure(note.path, note.error);
    }
    case Frame::complete:
      return finish_round(unwrap(decode_complete(frame.payload)));
    case Frame::good_bye:
      over_ = true;
      return;
    default:
      throw Failure(Errc::malformed, fmt::format("transfer: frame {} is none of a sender's",
                                                 static_cast<int>(frame.type)));
  }
}

void Receiver::drain() {
  workers_.drain();
  answering_.drain();
}

void Receiver::finish_round(const Complete& complete) {
  auto& round = state();
  drain();
  const bool writes = !receiving_.spec.dry_run && round.target.base() != nullptr;
  if (writes) {  // before their folders get their times
    round.target.remove_note();
    remove_leftovers();
  }
  round.folders.finish();
  if (writes) {
    if (receiving_.spec.sync == static_cast<std::uint32_t>(Sync::end) &&
        ::syncfs(round.target.base()->fd()) != 0)
      receiving_.failed("", errno_error("cannot force the data to disk", errno));
  }
  receiving_.hub.unchanged(complete.unchanged);
  if (receiving_.spec.watch) receiving_.hub.pass();
  auto report = receiving_.hub.report();
  auto frame = encode(
      ResultNote{report.files, report.directories, report.removed, report.moved, report.failed});
  receiving_.writer.send(frame);
  state_.reset();
}

}  // namespace nigh::sync
