// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.hpp"
#include "files/new_file.hpp"
#include "service/resource/handlers.hpp"
#include "service/resource/location.hpp"
#include "service/resource/problem.hpp"
#include "service/resource/random_frames.hpp"

namespace nigh::resource {
namespace {

// Performs requests on one open file. Each gives the frame that answers it.
class Access {
 public:
  Access(const UniqueFd& fd, std::string path) : fd_(fd.get()), path_(std::move(path)) {}

  std::string answer(const FileRequest& request) {
    auto frame = std::visit([&](const auto& one) { return perform(one); }, request);
    return frame ? *std::move(frame) : error_frame(frame.error());
  }

 private:
  // Of a number that no file offset can be.
  Result<void> check_end(std::uint64_t offset, std::uint64_t length) const {
    if (offset <= INT64_MAX - length) return {};
    return fail(Errc::usage, fmt::format("{}: no file is that long", printable(path_)));
  }
  std::unexpected<Error> failed(std::string_view what) const {
    return fail_errno(fmt::format("cannot {} {}", what, printable(path_)), errno);
  }

  Result<std::string> perform(const ReadAt& read) {
    if (auto good = check_end(read.offset, read.length); !good)
      return std::unexpected(good.error());
    const auto header = data_header(0).size();
    std::string frame(header + read.length, '\0');
    auto size = files::read_full(fd_, std::span(frame).subspan(header), read.offset, path_);
    if (!size) return std::unexpected(size.error());
    frame.replace(0, header, data_header(*size));
    frame.resize(header + *size);
    return frame;
  }
  Result<std::string> perform(const WriteAt& write) {
    if (auto good = check_end(write.offset, write.bytes.size()); !good)
      return std::unexpected(good.error());
    if (auto done = files::write_all(fd_, write.bytes, write.offset, path_); !done)
      return std::unexpected(done.error());
    return ok_frame(static_cast<std::uint32_t>(write.bytes.size()));
  }
  Result<std::string> perform(const Stat&) {
    auto entry = files::stat_fd(fd_, false, path_);
    if (!entry) return std::unexpected(entry.error());
    return status_frame({entry->size, entry->mtime.seconds, entry->mtime.nanoseconds, entry->mode});
  }
  Result<std::string> perform(const Truncate& truncate) {
    if (auto good = check_end(truncate.size, 0); !good) return std::unexpected(good.error());
    if (::ftruncate(fd_, static_cast<off_t>(truncate.size)) != 0)
      return failed("set the length of");
    return ok_frame(0);
  }
  Result<std::string> perform(const SyncData&) {
    if (::fdatasync(fd_) != 0) return failed("force to disk");
    return ok_frame(0);
  }

  int fd_;
  std::string path_;
};

int flags_of(const Request& request) {
  auto mode = request.parameter("mode").value_or("read");
  if (mode == "read") return O_RDONLY;
  if (mode == "write") return O_RDWR;
  if (mode == "create") return O_RDWR | O_CREAT;
  throw Refused(
      400, fmt::format("request: \"mode\" is read, write or create, not \"{}\"", printable(mode)));
}

// False: there is nothing more to be understood.
bool answer_all(Exchange& exchange, FileRequestDecoder& decoder, Access& access) {
  for (;;) {
    auto request = decoder.next();
    if (!request) {
      exchange.send(error_frame(request.error()));
      return false;
    }
    if (!*request) return true;
    exchange.send(access.answer(**request));
  }
}

}  // namespace

void access_file(Exchange& exchange) {
  const auto& path = exchange.request().place.path;
  auto file = open_regular(path, flags_of(exchange.request()));
  exchange.begin(200, {});
  Access access(file.fd, path);
  FileRequestDecoder decoder;
  std::string buffer(kMaxAccess, '\0');
  while (auto size = exchange.read(buffer)) {
    decoder.feed({buffer.data(), size});
    if (!answer_all(exchange, decoder, access)) return;
  }
  if (auto whole = decoder.finish(); !whole) exchange.send(error_frame(whole.error()));
}

}  // namespace nigh::resource
