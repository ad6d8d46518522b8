// SPDX-License-Identifier: Apache-2.0
// What the receiver does with the records of a batch.
#include <fcntl.h>
#include <fmt/format.h>
#include <stdio.h>
#include <unistd.h>

#include <cerrno>
#include <random>

#include "files/names.hpp"
#include "service/sync/receiver.hpp"
#include "service/sync/small_writer.hpp"

namespace nigh::sync {
namespace {

constexpr std::size_t kRecordWeight = 256;

std::uint64_t random_number() {
  thread_local std::mt19937_64 numbers{std::random_device{}()};
  return numbers();
}

}  // namespace

void Receiver::localize(FolderId folder, files::Entry& entry) {
  owners_.localize(entry);
  if (state().target.renames() && state().folders.path(folder).empty())
    entry.name = state().target.here(entry.name);
}

void Receiver::on_batch(const Received& frame) {
  wire::VarintReader in(frame.payload);
  while (!in.at_end()) {
    auto record = unwrap(get_record(in, receiving_.fields));
    std::visit([&](auto& one) { on_record(frame, one); }, record);
  }
}

void Receiver::on_data(const Received& frame) {
  wire::VarintReader in(frame.payload);
  auto head = unwrap(get_data_head(in));
  add_to_large(head.id, frame.payload.size(),
               [head, bytes = in.rest(), buffer = frame.buffer](LargeFile& file) {
                 file.data(head.offset, bytes);
               });
}

void Receiver::on_record(const Received&, FolderRecord& record) {
  auto& round = state();
  permission_.check_path(round.round, record.path, files::Kind::directory);
  if (round.target.base() == nullptr && !receiving_.spec.dry_run)
    throw Failure(Errc::malformed, "transfer: a folder in no target");
  owners_.localize(record.entry);
  round.folders.add(record);
}

// The record's path, once it is known to be allowed.
template <class R>
std::string Receiver::checked_path(const R& record) {
  auto path = join(state().folders.checked_path(record.folder), record.entry.name);
  permission_.check_path(state().round, path, record.entry.kind);
  return path;
}

template <class R>
void Receiver::write_in_worker(const Received& frame, R& record,
                               void (*write)(Receiving&, const SharedDirectory&, const std::string&,
                                             const R&)) {
  auto path = checked_path(record);
  auto directory = state().folders.open(record.folder);
  if (!directory && !receiving_.spec.dry_run) return;  // which was reported
  localize(record.folder, record.entry);
  auto key = record.folder;
  auto weight = kRecordWeight + static_cast<std::size_t>(record.entry.size);
  workers_.add(key, weight,
               [this, path, directory, record = std::move(record), buffer = frame.buffer, write] {
                 write(receiving_, directory, path, record);
               });
}

void Receiver::on_record(const Received& frame, FileRecord& record) {
  write_in_worker(frame, record, write_small);
}
void Receiver::on_record(const Received& frame, SpecialRecord& record) {
  write_in_worker(frame, record, write_special);
}
void Receiver::on_record(const Received& frame, AttributesRecord& record) {
  write_in_worker(frame, record, write_attributes);
}

// ---- large files -------------------------------------------------------------------------------

void Receiver::add_to_large(FileId id, std::size_t weight, std::function<void(LargeFile&)> task) {
  auto found = large_.find(id);
  if (found == large_.end())
    throw Failure(Errc::malformed, "transfer: data of a file that was not begun");
  workers_.add(id, weight, [file = found->second, task = std::move(task)] { task(*file); });
}

void Receiver::on_record(const Received&, LargeRecord& record) {
  auto path = checked_path(record);
  if (record.mode == LargeMode::in_place && !receiving_.spec.in_place)
    throw Failure(Errc::refused, "transfer: writing in place was not asked for");
  if (large_.contains(record.id))
    throw Failure(Errc::malformed, "transfer: a file that has begun begins again");
  if (receiving_.spec.dry_run)
    receiving_.item(
        {.action = record.update ? TransferItem::Action::updated : TransferItem::Action::created,
         .path = path,
         .size = record.entry.size});
  auto directory = state().folders.open(record.folder);
  localize(record.folder, record.entry);
  state().leftovers.erase(
      {state().folders.path(record.folder), files::partial_name(record.entry.name)});
  auto id = record.id;
  large_.emplace(id, std::make_shared<LargeFile>(receiving_, std::move(directory), path, record));
  if (!receiving_.spec.dry_run)
    add_to_large(id, kRecordWeight, [](LargeFile& file) { file.open(); });
}

void Receiver::on_record(const Received&, CopiesRecord& record) {
  add_to_large(record.id, kRecordWeight,
               [pieces = std::move(record.pieces)](LargeFile& file) { file.copies(pieces); });
}

void Receiver::on_record(const Received& frame, LiteralRecord& record) {
  add_to_large(record.id, record.data.size(), [record, buffer = frame.buffer](LargeFile& file) {
    file.data(record.offset, record.data);
  });
}

void Receiver::on_record(const Received&, EndRecord& record) {
  if (receiving_.spec.dry_run) {
    large_.erase(record.id);
    return;
  }
  add_to_large(record.id, kRecordWeight, [record](LargeFile& file) { file.end(record); });
  large_.erase(record.id);
}

// ---- what is here under another name -----------------------------------------------------------

void Receiver::on_record(const Received&, CandidateRecord& record) {
  auto& round = state();
  checked_path(record);
  permission_.check_path(round.round, record.from, files::Kind::file);
  if (record.move) permission_.check_removal(round.round);
  auto& questions = round.questions;
  answering_.add(0, kRecordWeight, [&questions, record] { questions.hash(record); });
  auto id = record.id;
  if (!round.candidates.emplace(id, std::move(record)).second)
    throw Failure(Errc::malformed, "transfer: two candidates of one number");
}

void Receiver::on_record(const Received&, TakeRecord& record) {
  auto& round = state();
  auto found = round.candidates.extract(record.id);
  if (!found) throw Failure(Errc::malformed, "transfer: taking what was not named");
  auto candidate = std::move(found.mapped());
  auto path = checked_path(candidate);
  auto directory = round.folders.open(candidate.folder);
  localize(candidate.folder, candidate.entry);
  auto& questions = round.questions;
  answering_.add(0, kRecordWeight, [&questions, record, directory, candidate, path] {
    questions.take(record, directory, candidate, path);
  });
}

// ---- at the end --------------------------------------------------------------------------------

// The name is given as rename(2) does it: what had it is replaced at once. False: it is one
// already.
Result<bool> Receiver::make_link(const LinkRecord& record, const files::Directory& directory) {
  auto& target = state().target;
  auto here = target.here(record.target);
  auto from = target.base()->beneath(parent_of(here));
  if (!from) return std::unexpected(from.error());
  const std::string old_name(last_of(here));
  auto old_file = files::stat_entry(*from, old_name, false);
  auto new_file = files::stat_entry(directory, record.entry.name, false);
  if (old_file && new_file && old_file->inode == new_file->inode &&
      old_file->device == new_file->device)
    return false;
  auto temporary = fmt::format(".nigh-tmp-{:016x}", random_number());
  if (::linkat(from->fd(), old_name.c_str(), directory.fd(), temporary.c_str(), 0) != 0)
    return fail_errno(fmt::format("cannot link it to {}", record.target), errno);
  const auto& name = record.entry.name;
  bool done = ::renameat(directory.fd(), temporary.c_str(), directory.fd(), name.c_str()) == 0;
  if (!done && remove_folder_in_the_way(receiving_, directory, name))
    done = ::renameat(directory.fd(), temporary.c_str(), directory.fd(), name.c_str()) == 0;
  const int error = errno;
  // Also after a rename: onto another link of the same file that does nothing.
  ::unlinkat(directory.fd(), temporary.c_str(), 0);
  if (!done) return fail_errno("cannot give the link its name", error);
  return true;
}

void Receiver::on_record(const Received&, LinkRecord& record) {
  drain_once();
  auto path = checked_path(record);
  permission_.check_path(state().round, record.target, files::Kind::file);
  if (!receiving_.spec.dry_run) {
    auto directory = state().folders.open(record.folder);
    if (!directory) return;
    localize(record.folder, record.entry);
    auto made = make_link(record, *directory);
    if (!made) return receiving_.failed(path, made.error());
    if (!*made) return;
  }
  receiving_.hub.end_file();
  receiving_.item({.action = TransferItem::Action::linked, .path = path, .from = record.target});
}

void Receiver::on_record(const Received&, RemoveRecord& record) {
  drain_once();
  permission_.check_removal(state().round);
  const auto folder = state().folders.checked_path(record.folder);
  auto directory = state().folders.open(record.folder);
  for (const auto& name : record.names) {
    auto path = join(folder, name);
    permission_.check_path(state().round, path, files::Kind::file);
    if (!receiving_.spec.dry_run) {
      if (!directory) return;
      auto on_failed = [this](const std::string& at, const Error& error) {
        receiving_.failed(at, error);
      };
      // Gone already: it was moved.
      if (auto there = files::stat_entry(*directory, name, false); !there) continue;
      if (!files::remove_tree(*directory, name, on_failed)) continue;
    }
    receiving_.item({.action = TransferItem::Action::removed, .path = path});
  }
}

void Receiver::drain_once() {
  if (state().drained) return;
  drain();
  state().drained = true;
}

}  // namespace nigh::sync
