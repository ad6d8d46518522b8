// SPDX-License-Identifier: Apache-2.0
// Reading and writing at offsets: all of it, or an error.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/text.hpp"
#include "files/failure.hpp"
#include "files/new_file.hpp"

namespace nigh::files {
namespace {

constexpr std::size_t kPiece = 1 << 20;  // of a copy through our memory

// Within the kernel, as far as that goes: moves the offsets on and takes what it copied off
// `length`.
void copy_in_kernel(int in, off64_t& from, int out, off64_t& to, std::uint64_t& length) {
  constexpr std::uint64_t kAtOnce = 1 << 30;
  while (length > 0) {
    auto n = ::copy_file_range(in, &from, out, &to, std::min(length, kAtOnce), 0);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return;
    length -= static_cast<std::uint64_t>(n);
  }
}

Result<void> copy_through_us(int in, std::uint64_t from, int out, std::uint64_t to,
                             std::uint64_t length, const std::string& path) {
  std::string buffer(std::min<std::uint64_t>(length, kPiece), '\0');
  while (length > 0) {
    std::span piece(buffer.data(), std::min<std::uint64_t>(length, buffer.size()));
    auto got = read_full(in, piece, from, path);
    if (!got) return std::unexpected(got.error());
    if (*got == 0) return fail(Errc::closed, printable(path) + " became shorter meanwhile");
    if (auto put = write_all(out, {piece.data(), *got}, to, path); !put) return put;
    from += *got;
    to += *got;
    length -= *got;
  }
  return {};
}

}  // namespace

Result<void> write_all(int fd, std::string_view bytes, std::uint64_t offset,
                       const std::string& path) {
  while (!bytes.empty()) {
    auto n = ::pwrite(fd, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return fail_file("cannot write", path, errno);
    bytes.remove_prefix(static_cast<std::size_t>(n));
    offset += static_cast<std::uint64_t>(n);
  }
  return {};
}

Result<std::size_t> read_full(int fd, std::span<char> into, std::uint64_t offset,
                              const std::string& path) {
  std::size_t done = 0;
  while (done < into.size()) {
    auto n = ::pread(fd, into.data() + done, into.size() - done, static_cast<off_t>(offset + done));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return fail_file("cannot read", path, errno);
    if (n == 0) break;
    done += static_cast<std::size_t>(n);
  }
  return done;
}

Result<void> copy_range(int from, std::uint64_t from_offset, int to, std::uint64_t to_offset,
                        std::uint64_t length, const std::string& path) {
  auto in = static_cast<off64_t>(from_offset);
  auto out = static_cast<off64_t>(to_offset);
  copy_in_kernel(from, in, to, out, length);
  // What it could not copy is copied the ordinary way, which says what is wrong if something is.
  return copy_through_us(from, static_cast<std::uint64_t>(in), to, static_cast<std::uint64_t>(out),
                         length, path);
}

std::optional<Extent> next_data(int fd, std::uint64_t offset, std::uint64_t size) {
  if (offset >= size) return std::nullopt;
  auto data = ::lseek(fd, static_cast<off_t>(offset), SEEK_DATA);
  if (data < 0) {
    if (errno == ENXIO) return std::nullopt;
    return Extent{offset, size - offset};  // the file system has no notion of holes
  }
  auto begin = static_cast<std::uint64_t>(data);
  if (begin >= size) return std::nullopt;
  auto hole = ::lseek(fd, data, SEEK_HOLE);
  // Not behind it: a hole was made just now. What is read there will be zeros.
  auto end = hole <= data ? size : std::min(static_cast<std::uint64_t>(hole), size);
  return Extent{begin, end - begin};
}

Result<void> copy_with_holes(int from, int to, std::uint64_t length, const std::string& path) {
  if (::ftruncate(to, static_cast<off_t>(length)) != 0)
    return fail_file("cannot lengthen", path, errno);
  std::uint64_t offset = 0;
  while (auto data = next_data(from, offset, length)) {
    auto copied = copy_range(from, data->offset, to, data->offset, data->length, path);
    if (!copied) return copied;
    offset = data->offset + data->length;
  }
  struct stat now{};
  if (::fstat(from, &now) != 0) return fail_file("cannot stat", path, errno);
  if (static_cast<std::uint64_t>(now.st_size) < length)
    return fail(Errc::closed, printable(path) + " became shorter meanwhile");
  return {};
}

}  // namespace nigh::files
