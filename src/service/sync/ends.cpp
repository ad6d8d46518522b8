// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "base/log.hpp"
#include "base/text.hpp"
#include "files/glob.hpp"
#include "service/sync/receiver.hpp"
#include "service/sync/sender.hpp"
#include "service/sync/sync.hpp"

namespace nigh::sync {
namespace {

using Clock = std::chrono::steady_clock;

void send_spec(FrameWriter& writer, const Spec& spec) {
  auto frame = encode(spec);
  writer.send(frame);
}

// Reads until the other end has ended its half too: only then is everything over there done.
void read_end(FrameReader& reader) {
  Received frame;
  while (reader.next(frame)) {
  }
}

TransferReport finished(const Hub& hub, const FrameWriter& writer, const FrameReader& reader,
                        Clock::time_point begin) {
  auto report = hub.report();
  report.wire_sent = writer.sent();
  report.wire_received = reader.received();
  report.elapsed = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - begin);
  return report;
}

std::vector<std::string> expand_all(const std::vector<std::string>& patterns,
                                    const std::string& home, Hub& hub, FrameWriter& writer) {
  std::vector<std::string> paths;
  for (const auto& pattern : patterns) {
    auto found = files::expand(files::absolute(pattern, home));
    if (!found) {
      hub.failure(pattern, found.error());
      auto frame = encode(FailedNote{pattern, found.error(), false});
      writer.send(frame);
      continue;
    }
    // A slash at the end is part of what is meant.
    for (auto& path : *found) {
      if (pattern.ends_with('/') && !path.ends_with('/')) path += '/';
      paths.push_back(std::move(path));
    }
  }
  return paths;
}

void tell_fatal(FrameWriter& writer, const Error& error) {
  try {
    FrameBuffer frame(Frame::fatal);
    auto note = encode(FailedNote{"", error, false});
    frame.bytes() += note.payload();
    writer.send(frame);
  } catch (const Failure&) {
    // Nobody is there to hear it.
  }
}

// While the channel still works: it is cancelled when what runs on it goes.
template <class Run>
void telling_why(FrameWriter& writer, Run run) {
  try {
    run();
  } catch (const Failure& failure) {
    tell_fatal(writer, failure.error());
    throw;
  }
}

void serve_sender(ByteChannel& channel, FrameReader& reader, FrameWriter& writer, const Spec& spec,
                  const std::string& home) {
  TransferEvents nobody;
  Hub hub(nobody);
  auto on_failed = [&](const std::string& path, const Error& error) {
    hub.failure(path, error);
    auto frame = encode(FailedNote{path, error, false});
    writer.send(frame);
  };
  auto sources = expand_all(spec.paths, home, hub, writer);
  auto groups = find_sources(sources, spec.contents, on_failed);
  Sender sender(channel, reader, writer, spec, hub, false);
  telling_why(writer, [&] { sender.run(std::move(groups)); });
}

void serve_receiver(ByteChannel& channel, FrameReader& reader, FrameWriter& writer,
                    const Spec& spec, const std::string& home) {
  TransferEvents nobody;
  Hub hub(nobody);
  Receiver receiver(channel, reader, writer, spec, files::absolute(spec.paths[0], home),
                    Permission::anything(spec), hub, false);
  telling_why(writer, [&] { receiver.run(); });
}

}  // namespace

TransferReport push(ByteChannel& channel, const Job& job, const TransferEvents& events) {
  auto begin = Clock::now();
  Hub hub(events);
  auto spec = make_spec(job.options, ServerRole::receives, {job.destination}, job.contents);
  auto on_failed = [&](const std::string& path, const Error& error) { hub.failure(path, error); };
  auto groups = find_sources(job.sources, job.contents, on_failed);
  FrameWriter writer(channel, spec.bytes_per_second);
  FrameReader reader(channel);
  send_spec(writer, spec);
  Sender sender(channel, reader, writer, spec, hub, true);
  sender.run(std::move(groups));
  return finished(hub, writer, reader, begin);
}

TransferReport pull(ByteChannel& channel, const Job& job, const TransferEvents& events) {
  auto begin = Clock::now();
  Hub hub(events);
  auto spec = make_spec(job.options, ServerRole::sends, job.sources, job.contents);
  FrameWriter writer(channel, 0);  // a limit is the sender's to keep
  FrameReader reader(channel);
  send_spec(writer, spec);
  {
    Receiver receiver(channel, reader, writer, spec, job.destination,
                      Permission::only(spec, job.sources), hub, true);
    receiver.run();
  }
  read_end(reader);
  return finished(hub, writer, reader, begin);
}

void serve(ByteChannel& channel, const std::string& home) {
  FrameWriter quick(channel, 0);
  FrameReader reader(channel);
  Received frame;
  if (!reader.next(frame)) return;
  try {
    if (frame.type != Frame::spec)
      throw Failure(Errc::malformed, "transfer: it does not begin with what is wanted");
    auto spec = unwrap(decode_spec(frame.payload));
    FrameWriter writer(channel, spec.role == ServerRole::sends ? spec.bytes_per_second : 0);
    if (spec.role == ServerRole::sends)
      serve_sender(channel, reader, writer, spec, home);
    else
      serve_receiver(channel, reader, writer, spec, home);
  } catch (const Failure& failure) {
    tell_fatal(quick, failure.error());
    throw;
  }
}

}  // namespace nigh::sync
