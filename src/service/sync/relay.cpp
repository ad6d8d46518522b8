// SPDX-License-Identifier: Apache-2.0
// From one server to another: frames pass through here as they are, and are looked at on their way,
// to be counted and to be sure that they write nothing that was not asked for.
#include <fmt/format.h>

#include <mutex>
#include <thread>

#include "service/sync/answers.hpp"
#include "service/sync/hub.hpp"
#include "service/sync/permission.hpp"
#include "service/sync/selected_lists.hpp"
#include "service/sync/sending.hpp"
#include "service/sync/spec.hpp"
#include "service/sync/sync.hpp"

namespace nigh::sync {
namespace {

using Action = TransferItem::Action;

// What the sender says.
class Looker {
 public:
  Looker(const Spec& spec, Permission permission, Hub& hub)
      : fields_{spec.owner, spec.xattrs, spec.hard_links},
        permission_(std::move(permission)),
        hub_(hub) {}

  void look(const Received& frame) {
    switch (frame.type) {
      case Frame::round:
        round_ = unwrap(decode_round(frame.payload));
        folders_.clear();
        return permission_.check_round(round_);
      case Frame::totals: {
        auto totals = unwrap(decode_totals(frame.payload));
        return hub_.total(totals.files, totals.bytes);
      }
      case Frame::batch:
        return look_at_records(frame.payload);
      case Frame::data:
        hub_.literal(frame.payload.size());
        return hub_.add_bytes(frame.payload.size());
      case Frame::failed:
        return note(unwrap(decode_failed(frame.payload)));
      case Frame::complete:
        return hub_.unchanged(unwrap(decode_complete(frame.payload)).unchanged);
      default:
        return;
    }
  }

  void note(const FailedNote& failed) {
    if (failed.skipped) return hub_.skipped(failed.path, failed.kind, failed.error.message);
    hub_.failure(failed.path, failed.error);
  }

 private:
  void look_at_records(std::string_view payload) {
    wire::VarintReader in(payload);
    while (!in.at_end()) {
      auto record = unwrap(get_record(in, fields_));
      std::visit([this](const auto& one) { look_at(one); }, record);
    }
  }
  std::string path_of(FolderId folder, const files::Entry& entry) {
    if (folder >= folders_.size())
      throw Failure(Errc::malformed, "transfer: something in a folder that was not entered");
    auto path = join(folders_[folder], entry.name);
    permission_.check_path(round_, path, entry.kind);
    return path;
  }
  void tell(Action action, const std::string& path, const files::Entry& entry,
            const std::string& from = {}, const std::string& digest = {}) {
    hub_.begin_file(path);
    if (entry.kind != files::Kind::directory) hub_.end_file();
    hub_.item({.action = action,
               .kind = public_kind(entry.kind),
               .path = path,
               .from = from,
               .size = entry.size,
               .digest = digest});
  }

  void look_at(const FolderRecord& record) {
    permission_.check_path(round_, record.path, files::Kind::directory);
    folders_.push_back(record.path);
    if (record.is_new && !record.path.empty()) tell(Action::created, record.path, record.entry);
  }
  void look_at(const FileRecord& record) {
    hub_.literal(record.data.size());
    hub_.add_bytes(record.data.size());
    tell(record.update ? Action::updated : Action::created, path_of(record.folder, record.entry),
         record.entry, {}, record.digest.hex());
  }
  void look_at(const SpecialRecord& record) {
    tell(record.update ? Action::updated : Action::created, path_of(record.folder, record.entry),
         record.entry);
  }
  void look_at(const AttributesRecord& record) {
    tell(Action::attributes, path_of(record.folder, record.entry), record.entry);
  }
  void look_at(const LinkRecord& record) {
    permission_.check_path(round_, record.target, files::Kind::file);
    tell(Action::linked, path_of(record.folder, record.entry), record.entry, record.target);
  }
  void look_at(const LargeRecord& record) {
    tell(record.update ? Action::updated : Action::created, path_of(record.folder, record.entry),
         record.entry);
  }
  void look_at(const CopiesRecord& record) {
    for (const auto& piece : record.pieces) hub_.add_bytes(piece.length);
  }
  void look_at(const LiteralRecord& record) {
    hub_.literal(record.data.size());
    hub_.add_bytes(record.data.size());
  }
  void look_at(const EndRecord&) {}
  void look_at(const CandidateRecord& record) {
    if (record.move) permission_.check_removal(round_);
    permission_.check_path(round_, record.from, files::Kind::file);
    (void)path_of(record.folder, record.entry);  // for its check
  }
  void look_at(const TakeRecord&) {}
  void look_at(const RemoveRecord& record) {
    permission_.check_removal(round_);
    for (const auto& name : record.names) {
      files::Entry entry{.name = name};
      tell(Action::removed, path_of(record.folder, entry), entry);
    }
  }

  const EntryFields fields_;
  const Permission permission_;
  Hub& hub_;
  Round round_;
  std::vector<std::string> folders_;
};

void pass_on(const Received& frame, FrameWriter& writer, bool pack) {
  FrameBuffer copy(frame.type);
  copy.bytes() += frame.payload;
  writer.send(copy, pack ? FrameWriter::Pack::adaptive : FrameWriter::Pack::no);
}

void send_spec(FrameWriter& writer, const Spec& spec) {
  auto frame = encode(spec);
  writer.send(frame);
}

// Whichever direction fails ends the other.
struct Ends {
  ByteChannel& from;
  ByteChannel& to;
  std::mutex mutex{};
  std::exception_ptr failure{};

  void fail(std::exception_ptr why) {
    std::lock_guard lock(mutex);
    if (!failure) failure = std::move(why);
    from.cancel();
    to.cancel();
  }
};

}  // namespace

TransferReport relay(ByteChannel& from, ByteChannel& to, const Job& job,
                     const TransferEvents& events) {
  auto begin = std::chrono::steady_clock::now();
  Hub hub(events);
  auto spec = make_spec(job.options, ServerRole::sends, job.sources, job.contents);
  auto other = spec;
  other.role = ServerRole::receives;
  other.paths = {job.destination};
  FrameWriter to_sender(from, 0), to_receiver(to, spec.bytes_per_second);
  FrameReader from_sender(from), from_receiver(to);
  send_spec(to_sender, spec);
  send_spec(to_receiver, other);

  Ends ends{from, to};
  Looker looker(spec, Permission::only(spec, job.sources), hub);
  std::thread back([&] {
    try {
      Received frame;
      while (from_receiver.next(frame)) {
        if (frame.type == Frame::failed) {
          auto failed = unwrap(decode_failed(frame.payload));
          hub.failure(failed.path, failed.error);
        }
        if (frame.type == Frame::result) {
          auto result = unwrap(decode_result(frame.payload));
          hub.set_written(result.files, result.directories, result.removed, result.moved);
        }
        pass_on(frame, to_sender, false);
      }
      from.finish();
    } catch (...) {
      ends.fail(std::current_exception());
    }
  });
  try {
    Received frame;
    while (from_sender.next(frame)) {
      looker.look(frame);
      pass_on(frame, to_receiver, spec.compress);
    }
    to.finish();
  } catch (...) {
    ends.fail(std::current_exception());
  }
  back.join();
  if (ends.failure) std::rethrow_exception(ends.failure);
  auto report = hub.report();
  report.wire_sent = to_sender.sent() + to_receiver.sent();
  report.wire_received = from_sender.received() + from_receiver.received();
  report.elapsed = std::chrono::duration_cast<std::chrono::microseconds>(
      std::chrono::steady_clock::now() - begin);
  return report;
}

}  // namespace nigh::sync
