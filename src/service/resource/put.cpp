// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fmt/format.h>
#include <time.h>
#include <unistd.h>

#include "base/text.hpp"
#include "files/names.hpp"
#include "files/new_file.hpp"
#include "service/resource/attributes.hpp"
#include "service/resource/handlers.hpp"
#include "service/resource/location.hpp"
#include "service/resource/problem.hpp"
#include "service/resource/range.hpp"
#include "service/resource/unfinished.hpp"

namespace nigh::resource {
namespace {

constexpr std::size_t kBuffer = 1 << 20;

// What is to be written, where, and as what.
struct Target {
  std::string path;  // links at its end followed
  Location where;
  files::Directory directory;
};

void check_name(const Target& target) {
  const auto& name = target.where.name;
  if (target.where.slash || name == "." || name == "..")
    throw Refused(409, fmt::format("{} names a directory", printable(target.path)));
  if (files::is_temporary_name(name))
    throw Refused(400, fmt::format("{}: names that begin with .nigh-tmp- and .nigh-part- are those "
                                   "of unfinished transfers; choose another",
                                   printable(target.path)));
  if (!files::is_valid_name(name))
    throw Refused(400,
                  fmt::format("{}: the name is longer than 255 bytes", printable(target.path)));
}

Target find_target(const Request& request) {
  auto path = follow_last(request.place.path);
  auto where = locate(path);
  auto directory = files::Directory::open(where.folder);
  if (!directory) {
    auto problem = problem_of(directory.error());
    if (problem.status == 404) problem.status = 409;  // it is not the file that is missed
    throw Refused(problem);
  }
  Target target{std::move(path), std::move(where), *std::move(directory)};
  check_name(target);
  return target;
}

// The file that is to be replaced, if there is one. 409 if it is no file; 412.
std::optional<files::Entry> check_existing(const Request& request, const Target& target) {
  auto existing = look_at(target.path);
  if (existing) require_regular(target.path, *existing);
  check_conditions(request, existing);
  return existing;
}

files::Durability durability(const Request& request) {
  auto text = request.parameter("sync").value_or("file");
  if (text == "file") return files::Durability::file;
  if (text == "none") return files::Durability::none;
  throw Refused(400, fmt::format("request: \"sync\" is none or file, not \"{}\"", printable(text)));
}

files::Time now() {
  struct timespec time{};
  expect(::clock_gettime(CLOCK_REALTIME, &time) == 0, "there is a clock");
  return {time.tv_sec, static_cast<std::uint32_t>(time.tv_nsec)};
}

// Everything that can be wrong about the request's head, before anything is written.
struct Wishes {
  std::optional<std::uint32_t> mode;
  std::optional<files::Time> mtime;
  std::optional<std::uint64_t> body_length;
  std::optional<Piece> piece;
  files::Durability durability;
};

Wishes wishes_of(const Request& request) {
  Wishes wishes{wanted_mode(request), {}, {}, {}, durability(request)};
  if (auto text = request.header("nigh-mtime")) wishes.mtime = take(parse_time(*text));
  if (auto text = request.header("content-length")) {
    wishes.body_length = parse_decimal(*text);
    if (!wishes.body_length)
      throw Refused(400,
                    fmt::format("request: content-length \"{}\" is no number", printable(*text)));
  }
  if (auto text = request.header("content-range")) wishes.piece = take(parse_content_range(*text));
  return wishes;
}

// Appends the body at `offset`; how many bytes it had. More than `limit`: 400.
template <class File>
std::uint64_t receive(Exchange& exchange, const File& file, std::uint64_t offset,
                      std::uint64_t limit) {
  std::string buffer(kBuffer, '\0');
  std::uint64_t received = 0;
  while (auto size = exchange.read(buffer)) {
    if (size > limit - received)
      throw Refused(400, "request: the body is longer than its head says");
    take(files::write_all(file.fd(), {buffer.data(), size}, offset + received, file.path()));
    received += size;
  }
  return received;
}

// A file that is replaced hands its owner, its mode, its ACL and its extended attributes on, as if
// it had been written into. The attributes of a file that we may replace but not read are lost.
void keep_attributes(const Target& target, files::Entry& entry, files::Preserve& preserve) {
  auto old = files::stat_entry(target.directory, target.where.name, true);
  const bool unreadable = !old && old.error().code == Errc::refused;
  if (unreadable) old = files::stat_entry(target.directory, target.where.name, false);
  entry = take(std::move(old));
  preserve.owner = preserve.numeric = true;
  preserve.xattrs = !unreadable;
}

// Gives the file its name.
template <class File>
void commit(Exchange& exchange, const Target& target, File& file, const Wishes& wishes) {
  // Once more: somebody may have been faster.
  auto existing = check_existing(exchange.request(), target);
  files::Entry entry;
  files::Preserve preserve;
  if (existing)
    keep_attributes(target, entry, preserve);
  else
    entry.mode = 0666 & ~current_umask();
  entry.name = target.where.name;
  entry.mtime = wishes.mtime.value_or(now());
  if (wishes.mode) entry.mode = *wishes.mode;
  preserve.set_id = wishes.mode.has_value();
  take(file.commit(target.directory, entry, preserve, wishes.durability));
  auto stored = look_at(target.path);
  Headers headers;
  if (stored) headers.push_back({"etag", etag(*stored)});
  exchange.answer(existing ? 204 : 201, std::move(headers));
}

void put_whole(Exchange& exchange, const Target& target, const Wishes& wishes) {
  auto file = take(files::NewFile::create(target.directory, target.where.name));
  auto received = receive(exchange, file, 0, wishes.body_length.value_or(UINT64_MAX));
  if (wishes.body_length && received != *wishes.body_length)
    throw Refused(400, fmt::format("request: the body ended after {} of {} bytes", received,
                                   *wishes.body_length));
  commit(exchange, target, file, wishes);
}

// Makes the unfinished file end where the piece begins. What it held from there on belongs to an
// upload that was given up.
void prepare(const Target& target, UnfinishedFile& file, const Piece& piece) {
  auto have = file.initial_size();
  if (piece.first > have) {
    if (have == 0) file.discard(target.directory);
    throw Refused(Problem{416,
                          fmt::format("{}: {} bytes are here; continue from there, not from {}",
                                      printable(target.path), have, piece.first),
                          {{"content-range", fmt::format("bytes */{}", have)}}});
  }
  if (piece.first < have && ::ftruncate(file.fd(), static_cast<off_t>(piece.first)) != 0)
    throw Refused(problem_of_errno("cannot shorten " + printable(file.path()), errno));
}

void put_piece(Exchange& exchange, const Target& target, const Wishes& wishes) {
  const auto& piece = *wishes.piece;
  auto file = take(UnfinishedFile::open(target.directory, target.where.name));
  prepare(target, file, piece);
  auto received = receive(exchange, file, piece.first, piece.length());
  auto have = piece.first + received;
  if (received < piece.length())
    throw Refused(400, fmt::format("request: the body ended after {} of {} bytes; {} are kept, "
                                   "continue from there",
                                   received, piece.length(), have));
  if (piece.is_last()) return commit(exchange, target, file, wishes);
  exchange.answer(202, {{"content-range", fmt::format("bytes 0-{}/{}", have - 1, piece.total)}});
}

}  // namespace

void put_file(Exchange& exchange) {
  auto wishes = wishes_of(exchange.request());
  auto target = find_target(exchange.request());
  (void)check_existing(exchange.request(), target);  // for what it throws
  if (wishes.piece)
    put_piece(exchange, target, wishes);
  else
    put_whole(exchange, target, wishes);
}

}  // namespace nigh::resource
