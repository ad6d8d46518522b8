// SPDX-License-Identifier: Apache-2.0
#include "service/sync/large_sender.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>

#include "base/text.hpp"
#include "files/new_file.hpp"

namespace nigh::sync {
namespace {

// Below this a changed file is sent sooner than it is compared.
constexpr std::uint64_t kWorthComparing = 64 << 10;
constexpr std::size_t kShortLiteral = 32 << 10;
constexpr int kAttempts = 3;

std::vector<delta::Span> data_spans(int fd, const files::Entry& entry) {
  std::vector<delta::Span> spans;
  if (entry.allocated >= entry.size) return {{0, entry.size}};
  std::uint64_t at = 0;
  while (auto extent = files::next_data(fd, at, entry.size)) {
    spans.push_back({extent->offset, extent->length});
    at = extent->offset + extent->length;
  }
  return spans;
}

bool same_version(const files::Entry& a, const files::Entry& b) {
  return a.size == b.size && a.mtime == b.mtime;
}

}  // namespace

// What the entry says is what is read: it may have changed since it was listed.
std::optional<UniqueFd> LargeSender::open(const files::Directory& directory, Change& change,
                                          const std::string& path) {
  auto fd = files::open_selected(directory, change.entry.name, sending_.preserve);
  if (!fd) {
    sending_.failed(path, fd.error());
    return std::nullopt;
  }
  auto now = files::stat_fd(fd->get(), sending_.fields.xattrs, path);
  if (!now) {
    sending_.failed(path, now.error());
    return std::nullopt;
  }
  now->name = change.entry.name;
  change.entry = *std::move(now);
  return *std::move(fd);
}

void LargeSender::send(FolderId folder, const files::Directory& directory,
                       const std::string& folder_path, Change change) {
  auto fd = open(directory, change, directory.path_of(change.entry.name));
  if (!fd) return;
  begin({next_id(), folder, folder_path, std::move(change), *std::move(fd)});
}

bool LargeSender::may_patch(const Large& large) const {
  if (sending_.spec.dry_run || large.attempts >= kAttempts) return false;
  if (large.change.partial.value_or(0) > 0) return true;  // resuming is no delta
  return !sending_.spec.whole_file && large.change.old_size >= kWorthComparing &&
         large.change.entry.size >= kWorthComparing;
}

void LargeSender::begin(Large large) {
  if (large.change.compare) return ask(std::move(large), true);
  auto partial = large.change.partial.value_or(0);
  if (may_patch(large)) {
    large.basis.fixed = sending_.spec.in_place ? large.change.old_size : partial;
    large.basis.size = std::max(large.basis.fixed, large.change.old_size);
    large.matcher.emplace(large.change.entry.size, data_spans(large.fd.get(), large.change.entry),
                          large.basis, sending_.spec.seed);
    if (large.matcher->next_request()) return ask(std::move(large), false);
  }
  send_pieces(std::move(large));
}

void LargeSender::ask(Large large, bool digest) {
  Ask question{.id = large.id,
               .path = large.path(),
               .basis = large.basis,
               .in_place = sending_.spec.in_place,
               .digest = digest};
  large.asked_digest = digest;
  large.signature.clear();
  if (!digest) question.request = *large.matcher->next_request();
  auto frame = encode(question);
  sending_.batch.send(frame, FrameWriter::Pack::metadata);
  asked_.emplace(large.id, std::move(large));
}

Result<std::size_t> LargeSender::read(const Large& large, std::uint64_t offset,
                                      std::span<char> into) const {
  return files::read_full(large.fd.get(), into, offset, large.path());
}

void LargeSender::on_signature(const SignatureNote& note) {
  auto found = asked_.find(note.id);
  if (found == asked_.end()) throw Failure(Errc::malformed, "transfer: an answer to no question");
  found->second.signature += note.bytes;
  if (!note.last) return;
  auto large = std::move(found->second);
  asked_.erase(found);
  if (large.asked_digest) return on_digest(std::move(large), note.known);
  if (!note.known) {  // it is not what it was when it was listed
    large.matcher.reset();
    large.basis = {};
    return send_pieces(std::move(large));
  }
  auto reader = [this, &large](std::uint64_t offset, std::span<char> into) {
    return read(large, offset, into);
  };
  if (auto matched = large.matcher->answer(large.signature, reader); !matched) {
    if (matched.error().code == Errc::malformed) throw Failure(matched.error());
    return sending_.failed(large.path(), matched.error());
  }
  if (large.matcher->next_request()) return ask(std::move(large), false);
  send_pieces(std::move(large));
}

// Contents have been compared: only what differs is sent.
void LargeSender::on_digest(Large large, bool known) {
  large.change.compare = false;
  auto own =
      files::digest_file(large.fd.get(), large.change.entry.size, sending_.spec.seed, large.path());
  if (!own) return sending_.failed(large.path(), own.error());
  if (!known || own->hex() != large.signature) return begin(std::move(large));
  if (!large.change.attributes_differ) return;
  sending_.add(AttributesRecord{large.folder, large.change.entry}, large.change.entry);
  sending_.item(TransferItem::Action::attributes, large.change.entry, large.path());
}

void LargeSender::send_literal(Large& large, std::uint64_t offset, std::string_view bytes) {
  sending_.batch.add(LiteralRecord{large.id, offset, bytes});
}

// Data goes from the file into the frame, is hashed there and leaves.
void LargeSender::send_piece(Large& large, const delta::Piece& piece, ContentDigest& digest) {
  auto pack = sending_.spec.compress ? FrameWriter::Pack::adaptive : FrameWriter::Pack::no;
  const bool literal = !piece.from;
  if (!literal) sending_.batch.add(CopiesRecord{large.id, {piece}});
  for (std::uint64_t done = 0; done < piece.length;) {
    sending_.check_stopped();
    auto size = static_cast<std::size_t>(std::min<std::uint64_t>(piece.length - done, kDataSize));
    auto offset = piece.offset + done;
    data_.clear();
    put_data_head(data_.bytes(), {large.id, offset});
    auto head = data_.bytes().size();
    resize_for_overwrite(data_.bytes(), head + size);
    auto got = read(large, offset, std::span(data_.bytes()).subspan(head));
    if (!got) throw Failure(got.error());
    if (*got < size) throw Failure(Errc::unavailable, "it became shorter while it was read");
    std::string_view bytes(data_.bytes().data() + head, size);
    unwrap(digest.add(offset, bytes));
    if (literal && piece.length <= kShortLiteral)
      send_literal(large, offset, bytes);
    else if (literal)
      sending_.batch.send(data_, pack);
    done += size;
    sending_.hub.add_bytes(size);
  }
}

void LargeSender::send_pieces(Large large) {
  const auto& entry = large.change.entry;
  LargeRecord record{.id = large.id,
                     .folder = large.folder,
                     .entry = entry,
                     .update = large.change.what == Change::What::update,
                     .basis = large.basis};
  if (large.matcher) record.mode = LargeMode::patch;
  if (sending_.spec.in_place) record.mode = LargeMode::in_place;
  sending_.add(record, entry);
  ContentDigest digest(sending_.spec.seed, entry.size);
  if (sending_.spec.dry_run) return finish(std::move(large), digest, 0);
  sending_.hub.begin_file(large.path());
  std::vector<delta::Piece> pieces;
  if (large.matcher)
    pieces = large.matcher->pieces();
  else
    for (const auto& span : data_spans(large.fd.get(), entry))
      pieces.push_back({span.offset, span.length, std::nullopt});
  std::uint64_t literal = 0;
  try {
    for (const auto& piece : pieces) {
      send_piece(large, piece, digest);
      if (!piece.from) literal += piece.length;
    }
  } catch (const Failure& failure) {
    // Of this file; what broke the channel shows at the next frame.
    if (failure.code() == Errc::closed || failure.code() == Errc::cancelled) throw;
    sending_.batch.add(EndRecord{large.id, {}, true});
    return failure.code() == Errc::unavailable ? again(std::move(large))
                                               : sending_.failed(large.path(), failure.error());
  }
  finish(std::move(large), digest, literal);
}

void LargeSender::finish(Large large, ContentDigest& digest, std::uint64_t literal) {
  const auto& entry = large.change.entry;
  if (sending_.spec.dry_run) {
    sending_.batch.add(EndRecord{large.id, {}, false});
    sending_.item(large.change.what == Change::What::create ? TransferItem::Action::created
                                                            : TransferItem::Action::updated,
                  entry, large.path());
    return;
  }
  auto hash = digest.finish();
  auto now = files::stat_fd(large.fd.get(), false, large.path());
  const bool changed = !now || !same_version(*now, entry);
  sending_.hub.literal(literal);
  sending_.batch.add(EndRecord{large.id, hash, changed});
  if (changed) return again(std::move(large));
  sending_.hub.end_file();
  sending_.item(large.change.what == Change::What::create ? TransferItem::Action::created
                                                          : TransferItem::Action::updated,
                entry, large.path(), literal, hash.hex());
  large.fd.reset();  // many may wait for their outcome
  large.matcher.reset();
  auto id = large.id;
  unsettled_.insert_or_assign(id, std::move(large));
}

void LargeSender::on_outcome(const Outcome& outcome) {
  auto found = unsettled_.find(outcome.id);
  if (found == unsettled_.end()) return;
  auto large = std::move(found->second);
  unsettled_.erase(found);
  if (outcome.verdict == Verdict::again) again(std::move(large));
}

// It changed while it was read, or did not come out right over there: once more, at last whole.
void LargeSender::again(Large large) {
  auto path = large.path();
  if (++large.attempts >= kAttempts)
    return sending_.failed(path, {Errc::unavailable,
                                  "it changed while it was read, again and again: copy it when "
                                  "nothing writes to it"});
  auto directory = top_.beneath(large.folder_path);
  if (!directory) return sending_.failed(path, directory.error());
  auto fd = open(*directory, large.change, directory->path_of(large.change.entry.name));
  if (!fd) return;
  large.fd = *std::move(fd);
  large.id = next_id();
  large.matcher.reset();
  large.basis = {};
  large.change.partial.reset();
  large.change.old_size = 0;
  begin(std::move(large));
}

}  // namespace nigh::sync
