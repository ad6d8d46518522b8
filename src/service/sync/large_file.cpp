// SPDX-License-Identifier: Apache-2.0
#include "service/sync/large_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "files/failure.hpp"
#include "service/sync/in_place.hpp"

namespace nigh::sync {
namespace {

constexpr std::size_t kBuffer = 256 << 10;

// Not for good: another way of sending it may work.
std::unexpected<Error> not_as_told() {
  return fail(Errc::unavailable, "the old version is not what it was");
}

}  // namespace

LargeFile::LargeFile(Receiving& receiving, std::shared_ptr<const files::Directory> directory,
                     std::string path, LargeRecord record)
    : receiving_(receiving),
      directory_(std::move(directory)),
      path_(std::move(path)),
      record_(std::move(record)),
      name_(record_.entry.name),
      digest_(receiving.spec.seed, record_.entry.size) {}

void LargeFile::open() {
  if (!directory_) {
    verdict_ = Verdict::failed;
    return;
  }
  receiving_.hub.begin_file(path_);
  if (auto opened = open_new(); !opened) return give_up(opened.error());
  if (record_.mode != LargeMode::patch) return;
  if (auto basis = open_basis(); !basis) verdict_ = Verdict::again;
}

Result<void> LargeFile::open_new() {
  auto file = record_.mode == LargeMode::in_place
                  ? open_to_update(receiving_, *directory_, name_, record_.basis.fixed)
                  : files::NewFile::open_partial(*directory_, name_);
  // Another transfer writes the same file: neither may disturb the other.
  if (!file && file.error().code == Errc::unavailable && record_.mode == LargeMode::whole)
    file = files::NewFile::create(*directory_, name_);
  if (!file) return std::unexpected(file.error());
  file_.emplace(*std::move(file));
  initial_ = file_->initial_size();
  if (record_.mode == LargeMode::in_place) initial_ = std::max(initial_, record_.basis.fixed);
  if (record_.mode == LargeMode::whole && initial_ > 0) {
    if (::ftruncate(file_->fd(), 0) != 0) return fail_errno("cannot empty it", errno);
    initial_ = 0;
  }
  return {};
}

Result<void> LargeFile::open_basis() {
  const auto& basis = record_.basis;
  if (initial_ < basis.fixed) return not_as_told();
  if (initial_ > basis.fixed) {
    if (::ftruncate(file_->fd(), static_cast<off_t>(basis.fixed)) != 0)
      return fail_errno("cannot shorten it", errno);
    initial_ = basis.fixed;
  }
  if (basis.size == basis.fixed) return {};
  auto old = files::open_file(*directory_, name_);
  if (!old) return std::unexpected(old.error());
  auto entry = files::stat_fd(old->get(), false, path_);
  if (!entry || entry->size < basis.size) return not_as_told();
  old_ = *std::move(old);
  return {};
}

// A hole in the source is one here; what was in its place is cleared.
Result<void> LargeFile::skip_to(std::uint64_t offset) {
  auto from = digest_.position();
  auto until = std::min(offset, initial_);
  if (from >= until) return {};
  if (::fallocate(file_->fd(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, static_cast<off_t>(from),
                  static_cast<off_t>(until - from)) == 0)
    return {};
  const std::string zeros(kBuffer, '\0');
  for (; from < until; from += kBuffer) {
    auto piece = std::string_view(zeros).substr(0, std::min<std::uint64_t>(kBuffer, until - from));
    if (auto written = files::write_all(file_->fd(), piece, from, path_); !written) return written;
  }
  return {};
}

void LargeFile::data(std::uint64_t offset, std::string_view bytes) {
  if (verdict_) return;
  auto done = skip_to(offset);
  if (done) done = digest_.add(offset, bytes);
  if (done) done = files::write_all(file_->fd(), bytes, offset, path_);
  if (!done) return give_up(done.error());
  literal_ += bytes.size();
  receiving_.hub.literal(bytes.size());
  receiving_.hub.add_bytes(bytes.size());
}

void LargeFile::copies(const std::vector<delta::Piece>& pieces) {
  for (const auto& piece : pieces) {
    if (verdict_) return;
    if (auto copied = copy(piece); !copied) return give_up(copied.error());
    receiving_.hub.add_bytes(piece.length);
  }
}

Result<void> LargeFile::copy(const delta::Piece& piece) {
  const auto& basis = record_.basis;
  if (piece.offset < digest_.position() || *piece.from > basis.size ||
      piece.length > basis.size - *piece.from || piece.offset > record_.entry.size ||
      piece.length > record_.entry.size - piece.offset)
    return fail(Errc::malformed, "transfer: a copy from where nothing is");
  if (auto skipped = skip_to(piece.offset); !skipped) return skipped;
  const bool in_itself = *piece.from < basis.fixed;
  if (in_itself && (*piece.from != piece.offset || piece.length > basis.fixed - piece.offset))
    return fail(Errc::malformed, "transfer: a copy over itself");
  if (!in_itself) {
    if (!old_.valid()) return fail(Errc::malformed, "transfer: a copy of nothing");
    if (auto copied = files::copy_range(old_.get(), *piece.from, file_->fd(), piece.offset,
                                        piece.length, path_);
        !copied)
      return copied;
  }
  return hash_back(piece.offset, piece.length);
}

// What is in the file now is what counts.
Result<void> LargeFile::hash_back(std::uint64_t offset, std::uint64_t length) {
  buffer_.resize(kBuffer);
  while (length > 0) {
    auto want = std::span(buffer_).first(std::min<std::uint64_t>(length, kBuffer));
    auto size = files::read_full(file_->fd(), want, offset, path_);
    if (!size) return std::unexpected(size.error());
    if (*size < want.size()) return not_as_told();
    if (auto added = digest_.add(offset, {want.data(), *size}); !added) return added;
    offset += *size;
    length -= *size;
  }
  return {};
}

void LargeFile::end(const EndRecord& end) {
  if (end.changed) {  // the sender begins anew; what came may serve then
    file_.reset();
    return;
  }
  if (!verdict_) {
    auto done = finish(end.digest);
    if (!done) give_up(done.error());
  }
  file_.reset();
  receiving_.outcome(record_.id, verdict_.value_or(Verdict::done));
}

Result<void> LargeFile::finish(const files::Hash128& digest) {
  if (auto skipped = skip_to(record_.entry.size); !skipped) return skipped;
  if (::ftruncate(file_->fd(), static_cast<off_t>(record_.entry.size)) != 0)
    return fail_errno("cannot set its length", errno);
  if (digest_.finish() != digest) {
    file_->discard(*directory_);
    verdict_ = Verdict::again;
    return {};
  }
  if (auto done =
          file_->commit(*directory_, record_.entry, receiving_.preserve, receiving_.durability);
      !done)
    return done;
  receiving_.hub.end_file();
  receiving_.item(
      {.action = record_.update ? TransferItem::Action::updated : TransferItem::Action::created,
       .path = path_,
       .size = record_.entry.size,
       .sent = literal_,
       .digest = digest.hex()});
  return {};
}

void LargeFile::give_up(const Error& error) {
  if (error.code == Errc::malformed) throw Failure(error);
  if (error.code == Errc::unavailable) {
    verdict_ = Verdict::again;
    return;
  }
  verdict_ = Verdict::failed;
  // A full disk is not to be kept full by what cannot be used.
  if (file_ && files::is_out_of_space(error) && record_.mode != LargeMode::in_place)
    file_->discard(*directory_);
  receiving_.failed(path_, error);
}

}  // namespace nigh::sync
