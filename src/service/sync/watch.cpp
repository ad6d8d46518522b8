// SPDX-License-Identifier: Apache-2.0
#include "service/sync/watch.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <cerrno>

namespace nigh::sync {
namespace {

constexpr std::uint32_t kChanges = IN_CLOSE_WRITE | IN_ATTRIB | IN_CREATE | IN_DELETE |
                                   IN_MOVED_FROM | IN_MOVED_TO | IN_MODIFY | IN_ONLYDIR;
// Programs write in bursts: one pass for all of a burst.
constexpr int kQuietMilliseconds = 50;
constexpr int kMostBursts = 20;

UniqueFd checked(int fd, const char* what) {
  if (fd < 0) throw Failure(errno_error(what, errno));
  return UniqueFd(fd);
}

}  // namespace

Watch::Watch()
    : inotify_(checked(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK), "cannot watch for changes")),
      stop_(checked(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), "cannot watch for changes")) {}

void Watch::add(const files::Directory& top, files::Selection selection,
                const files::OnFailed& on_failed) {
  add_folder(top, "", selection, on_failed);
}

void Watch::add_folder(const files::Directory& directory, const std::string& path,
                       files::Selection& selection, const files::OnFailed& on_failed) {
  auto handle = fmt::format("/proc/self/fd/{}", directory.fd());
  if (::inotify_add_watch(inotify_.get(), handle.c_str(), kChanges) < 0 && !told_) {
    told_ = true;
    on_failed(directory.path(),
              errno_error("cannot watch it for changes (fs.inotify.max_user_watches says how many "
                          "folders can be watched)",
                          errno));
  }
  files::OnFailed ignore = [](const std::string&, const Error&) {};  // the transfer reports it
  auto entries = files::list_selected(directory, path, selection, ignore);
  if (!entries) return;
  for (const auto& entry : *entries) {
    if (entry.kind != files::Kind::directory) continue;
    if (auto child = directory.child(entry.name))
      add_folder(*child, path.empty() ? entry.name : path + "/" + entry.name, selection, on_failed);
  }
  selection.filter.leave();
}

bool Watch::wait_readable(int milliseconds) {
  pollfd fds[] = {{inotify_.get(), POLLIN, 0}, {stop_.get(), POLLIN, 0}};
  while (::poll(fds, 2, milliseconds) < 0 && errno == EINTR) {
  }
  if (fds[1].revents != 0) stopped_ = true;
  return !stopped_ && fds[0].revents != 0;
}

void Watch::drain() {
  char events[16 * 1024];
  while (::read(inotify_.get(), events, sizeof events) > 0) {
  }
}

bool Watch::wait() {
  if (!wait_readable(-1)) return false;
  drain();
  for (int burst = 0; burst < kMostBursts && wait_readable(kQuietMilliseconds); ++burst) drain();
  return !stopped_;
}

void Watch::stop() {
  const std::uint64_t one = 1;
  // It can only fail by being full: then it is set.
  (void)!::write(stop_.get(), &one, sizeof one);
}

}  // namespace nigh::sync
