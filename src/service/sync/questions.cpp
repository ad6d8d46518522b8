// SPDX-License-Identifier: Apache-2.0
#include "service/sync/questions.hpp"

#include <fmt/format.h>
#include <stdio.h>

#include <algorithm>
#include <cerrno>

#include "base/log.hpp"
#include "files/names.hpp"
#include "service/sync/selected_lists.hpp"

namespace nigh::sync {
namespace {

constexpr std::size_t kSignatureFrame = 512 << 10;

std::unexpected<Error> changed() {
  return fail(Errc::unavailable, "it is not what it was when it was listed");
}

// A basis is two files in one: first what an earlier transfer left, from its end on the old
// version.
struct Basis {
  UniqueFd partial;
  UniqueFd old;
  std::uint64_t fixed;
  std::string path;

  Result<std::size_t> read(std::uint64_t offset, std::span<char> into) const {
    std::size_t done = 0;
    if (offset < fixed) {
      auto piece = into.first(std::min<std::uint64_t>(into.size(), fixed - offset));
      auto size = files::read_full(partial.get(), piece, offset, path);
      if (!size || *size < piece.size()) return size;
      done = *size;
    }
    if (done == into.size()) return done;
    auto rest = files::read_full(old.get(), into.subspan(done), offset + done, path);
    if (!rest) return rest;
    return done + *rest;
  }
};

Result<UniqueFd> open_at_least(const files::Directory& directory, const std::string& name,
                               std::uint64_t size) {
  auto fd = files::open_file(directory, name);
  if (!fd) return fd;
  auto entry = files::stat_fd(fd->get(), false, directory.path_of(name));
  if (!entry) return std::unexpected(entry.error());
  if (entry->size < size) return changed();
  return fd;
}

}  // namespace

Result<Questions::Found> Questions::find(const std::string& path) const {
  auto here = target_.here(path);
  auto directory = target_.base()->beneath(parent_of(here));
  if (!directory) return std::unexpected(directory.error());
  return Found{std::make_shared<const files::Directory>(*std::move(directory)),
               std::string(last_of(here))};
}

Result<std::string> Questions::digest(const Ask& ask) const {
  auto found = find(ask.path);
  if (!found) return std::unexpected(found.error());
  auto fd = files::open_file(*found->directory, found->name);
  if (!fd) return std::unexpected(fd.error());
  auto path = found->directory->path_of(found->name);
  auto entry = files::stat_fd(fd->get(), false, path);
  if (!entry) return std::unexpected(entry.error());
  auto hash = files::digest_file(fd->get(), entry->size, receiving_.spec.seed, path);
  if (!hash) return std::unexpected(hash.error());
  return hash->hex();
}

Result<std::string> Questions::sign(const Ask& ask) const {
  auto found = find(ask.path);
  if (!found) return std::unexpected(found.error());
  Basis basis{{}, {}, ask.basis.fixed, found->directory->path_of(found->name)};
  const auto& fixed_name = ask.in_place ? found->name : files::partial_name(found->name);
  if (ask.basis.fixed > 0) {
    auto partial = open_at_least(*found->directory, fixed_name, ask.basis.fixed);
    if (!partial) return std::unexpected(partial.error());
    basis.partial = *std::move(partial);
  }
  if (ask.basis.size > ask.basis.fixed) {
    auto old = open_at_least(*found->directory, found->name, ask.basis.size);
    if (!old) return std::unexpected(old.error());
    basis.old = *std::move(old);
  }
  return delta::sign(
      ask.request, ask.basis.size, receiving_.spec.seed,
      [&](std::uint64_t offset, std::span<char> into) { return basis.read(offset, into); });
}

void Questions::answer(const Ask& ask) {
  auto bytes = ask.digest ? digest(ask) : sign(ask);
  SignatureNote note{.id = ask.id, .known = bytes.has_value()};
  if (!bytes) {
    if (bytes.error().code == Errc::malformed) throw Failure(bytes.error());
    log::debug("no signature of {}: {}", ask.path, bytes.error().message);
  }
  std::string_view rest = bytes ? std::string_view(*bytes) : std::string_view();
  do {
    note.bytes = rest.substr(0, kSignatureFrame);
    rest.remove_prefix(note.bytes.size());
    note.last = rest.empty();
    auto frame = encode(note);
    receiving_.writer.send(frame);
  } while (!rest.empty());
}

void Questions::hash(const CandidateRecord& candidate) {
  if (receiving_.spec.dry_run) return;
  auto found = find(candidate.from);
  if (!found) return;
  auto fd = files::open_file(*found->directory, found->name);
  if (!fd) return;
  if (auto hash = files::sha256_file(fd->get(), candidate.from)) hashes_[candidate.id] = *hash;
}

void Questions::take(const TakeRecord& take,
                     const std::shared_ptr<const files::Directory>& directory,
                     const CandidateRecord& candidate, const std::string& path) {
  auto hash = hashes_.extract(take.id);
  const bool same = receiving_.spec.dry_run || (hash && hash.mapped() == take.sha256);
  auto verdict = Verdict::again;
  if (receiving_.spec.dry_run) {
    verdict = Verdict::done;
  } else if (same && directory) {
    auto taken = move_or_copy(directory, candidate);
    if (taken) verdict = Verdict::done;
    if (!taken) log::debug("{} is not taken: {}", path, taken.error().message);
  }
  if (verdict == Verdict::done) {
    receiving_.hub.end_file();
    receiving_.hub.add_bytes(candidate.entry.size);
    receiving_.item(
        {.action = candidate.move ? TransferItem::Action::moved : TransferItem::Action::copied,
         .path = path,
         .from = candidate.from,
         .size = candidate.entry.size});
  }
  receiving_.outcome(take.id, verdict);
}

Result<void> Questions::move_or_copy(const std::shared_ptr<const files::Directory>& directory,
                                     const CandidateRecord& candidate) {
  auto from = find(candidate.from);
  if (!from) return std::unexpected(from.error());
  const auto& name = candidate.entry.name;
  // Another name of the same file would go on being that.
  auto entry = files::stat_entry(*from->directory, from->name, false);
  const bool shared = receiving_.preserve.hard_links && entry && entry->links > 1;
  if (!candidate.move || shared) return copy(*from, *directory, candidate.entry);
  // Never over something: the sender believes that nothing has this name.
  if (::renameat2(from->directory->fd(), from->name.c_str(), directory->fd(), name.c_str(),
                  RENAME_NOREPLACE) != 0)
    return fail_errno("cannot rename it", errno);
  auto fd = files::open_file(*directory, name);
  if (!fd) return std::unexpected(fd.error());
  return files::apply(fd->get(), candidate.entry, receiving_.preserve, directory->path_of(name));
}

Result<void> Questions::copy(const Found& from, const files::Directory& directory,
                             const files::Entry& entry) {
  auto source = files::open_file(*from.directory, from.name);
  if (!source) return std::unexpected(source.error());
  auto file = files::NewFile::create(directory, entry.name);
  if (!file) return std::unexpected(file.error());
  auto copied = files::copy_with_holes(source->get(), file->fd(), entry.size, file->path());
  if (!copied) return copied;
  return file->commit(directory, entry, receiving_.preserve, receiving_.durability);
}

}  // namespace nigh::sync
