// SPDX-License-Identifier: Apache-2.0
#include "files/new_file.hpp"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "base/text.hpp"
#include "files/failure.hpp"
#include "files/name_argument.hpp"
#include "files/names.hpp"
#include "files/partial.hpp"
#include "files/temporary.hpp"

namespace nigh::files {
namespace {

enum class Sort { own, partial, in_place };

}  // namespace

struct NewFile::State {
  Sort sort;
  UniqueFd fd;
  int directory;          // borrowed: see the header
  std::string temporary;  // in place: empty, or the final name if we made the file
  std::string name;
  std::string path;
  std::uint64_t initial_size = 0;

  State(Sort of, UniqueFd file, const Directory& in, std::string temporary_name,
        std::string_view final_name)
      : sort(of),
        fd(std::move(file)),
        directory(in.fd()),
        temporary(std::move(temporary_name)),
        name(final_name),
        path(in.path_of(final_name)) {}
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() {
    if (sort == Sort::own) remove();
  }

  void remove() {
    if (temporary.empty()) return;
    (void)::unlinkat(directory, temporary.c_str(), 0);  // gone already is as good
    temporary.clear();
  }
  Result<void> rename() {
    if (::renameat(directory, temporary.c_str(), directory, name.c_str()) != 0)
      return fail_file("cannot replace", path, errno);
    temporary.clear();
    return {};
  }
};

NewFile::NewFile(std::unique_ptr<State> state) : state_(std::move(state)) {}
NewFile::NewFile(NewFile&&) noexcept = default;
NewFile& NewFile::operator=(NewFile&&) noexcept = default;
NewFile::~NewFile() = default;

Result<NewFile> NewFile::create(const Directory& directory, std::string_view name) {
  if (!NameArgument(name).valid()) return std::unexpected(bad_name(name));
  for (int i = 0; i < kTemporaryTries; ++i) {
    auto temporary = new_temporary_name();
    UniqueFd fd(::openat(directory.fd(), temporary.c_str(),
                         O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (fd.valid())
      return NewFile(
          std::make_unique<State>(Sort::own, std::move(fd), directory, std::move(temporary), name));
    if (errno != EEXIST) break;
  }
  return fail_file("cannot make", directory.path_of(name), errno);
}

Result<NewFile> NewFile::open_partial(const Directory& directory, std::string_view name) {
  if (!NameArgument(name).valid()) return std::unexpected(bad_name(name));
  auto temporary = partial_name(name);
  auto opened = open_locked(directory.fd(), temporary, directory.path_of(name));
  if (!opened) return std::unexpected(opened.error());
  auto state = std::make_unique<State>(Sort::partial, std::move(opened->fd), directory,
                                       std::move(temporary), name);
  state->initial_size = opened->size;
  return NewFile(std::move(state));
}

Result<NewFile> NewFile::open_in_place(const Directory& directory, std::string_view name) {
  NameArgument argument(name);
  if (!argument.valid()) return std::unexpected(bad_name(name));
  constexpr int kFlags = O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
  std::string made;
  UniqueFd fd(::openat(directory.fd(), argument.c_str(), kFlags));
  if (!fd.valid() && errno == ENOENT) {
    fd = UniqueFd(::openat(directory.fd(), argument.c_str(), kFlags | O_CREAT | O_EXCL, 0600));
    made = name;
  }
  struct stat status;  // filled by the kernel
  if (!fd.valid() || ::fstat(fd.get(), &status) != 0)
    return fail_file("cannot write", directory.path_of(name), errno);
  if (!S_ISREG(status.st_mode))
    return fail(Errc::usage, printable(directory.path_of(name)) + " is not a regular file");
  auto state =
      std::make_unique<State>(Sort::in_place, std::move(fd), directory, std::move(made), name);
  state->initial_size = static_cast<std::uint64_t>(status.st_size);
  return NewFile(std::move(state));
}

int NewFile::fd() const { return state_->fd.get(); }
std::uint64_t NewFile::initial_size() const { return state_->initial_size; }
const std::string& NewFile::path() const { return state_->path; }

Result<void> NewFile::commit(const Directory& directory, const Entry& entry,
                             const Preserve& preserve, Durability durability) {
  expect(directory.fd() == state_->directory, "a file is committed where it was made");
  auto applied = apply(fd(), entry, preserve, path());
  if (durability == Durability::file && ::fdatasync(fd()) != 0)
    return fail_file("cannot write", path(), errno);
  if (state_->sort != Sort::in_place)
    if (auto renamed = state_->rename(); !renamed) return renamed;
  state_->temporary.clear();
  return applied;
}

void NewFile::discard(const Directory& directory) {
  expect(directory.fd() == state_->directory, "a file is discarded where it was made");
  state_->remove();
}

}  // namespace nigh::files
