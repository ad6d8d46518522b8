// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "files/attributes.hpp"
#include "files/directory.hpp"

namespace nigh::files {

enum class Durability { none, file };  // file: fdatasync before it gets its name

// A regular file that is being written. It has a temporary name in the folder of its final one and
// gets that by commit(), at once, replacing what had it. Not under its final name by any other way.
// The Directory must outlive it: it is removed there if it is not committed.
class NewFile {
 public:
  // For small files: a name of its own (".nigh-tmp-<random>"), gone if it is not committed.
  static Result<NewFile> create(const Directory& directory, std::string_view name);
  // For large files: the name follows from `name` (".nigh-part-<16 hex digits>"), locked (flock)
  // while open, kept if it is not committed, and opened again as it is by the next transfer.
  // If another process writes it now: Errc::unavailable.
  static Result<NewFile> open_partial(const Directory& directory, std::string_view name);
  // The file itself, for --inplace: commit() only sets attributes. Created if it is absent.
  static Result<NewFile> open_in_place(const Directory& directory, std::string_view name);

  NewFile(NewFile&&) noexcept;
  NewFile& operator=(NewFile&&) noexcept;
  ~NewFile();

  int fd() const;
  // Bytes that were there when it was opened.
  std::uint64_t initial_size() const;
  const std::string& path() const;  // the final one, for messages

  // `directory` must be the one it was made in. Attributes, fdatasync if asked for, rename. An
  // attribute that cannot be set is an error, but keeps it neither from the others nor from its
  // name: it is there then (and not readable by more than it should be).
  Result<void> commit(const Directory& directory, const Entry& entry, const Preserve& preserve,
                      Durability durability);
  // Removes it, a partial too; in place only if it was absent before.
  void discard(const Directory& directory);

 private:
  struct State;
  explicit NewFile(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// Removes leftovers of killed transfers from `temporaries` (as list() gives them): ".nigh-tmp-" of
// any age over a day. Partials stay: they are what a transfer continues from.
void remove_stale(const Directory& directory, const std::vector<std::string>& temporaries);
// Removes partial files (by their temporary names) whose file will not come any more, but not what
// is being written now. The folder keeps its time.
void remove_partials(const Directory& directory, const std::vector<std::string>& names);

// pwrite of everything; ENOSPC and EDQUOT say so in words. `path` for messages.
Result<void> write_all(int fd, std::string_view bytes, std::uint64_t offset,
                       const std::string& path);
// pread until `into` is full or the file ends.
Result<std::size_t> read_full(int fd, std::span<char> into, std::uint64_t offset,
                              const std::string& path);
// Copies a range between two files, by reflink or in the kernel where the file systems can.
// Ranges of one file must not overlap. A source that ends before: Errc::closed.
Result<void> copy_range(int from, std::uint64_t from_offset, int to, std::uint64_t to_offset,
                        std::uint64_t length, const std::string& path);
// Where data is: the next extent at or after `offset`; nullopt: none (holes up to the end).
struct Extent {
  std::uint64_t offset;
  std::uint64_t length;
};
std::optional<Extent> next_data(int fd, std::uint64_t offset, std::uint64_t size);
// The first `length` bytes of a file, into one that is empty, as copy_range(): holes stay holes.
Result<void> copy_with_holes(int from, int to, std::uint64_t length, const std::string& path);

}  // namespace nigh::files
