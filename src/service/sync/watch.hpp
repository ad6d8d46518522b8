// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "base/unique_fd.hpp"
#include "files/tree_digest.hpp"

namespace nigh::sync {

// Waits for something to change in trees (inotify(7)).
class Watch {
 public:
  Watch();
  // Watches all folders that the selection takes, new ones too; folders that are watched already
  // cost little. What cannot be watched is reported once.
  void add(const files::Directory& top, files::Selection selection,
           const files::OnFailed& on_failed);
  // Until something has changed and then been quiet for a moment. False: stop() was called.
  bool wait();
  void stop();  // from any thread, and for good

 private:
  void add_folder(const files::Directory& directory, const std::string& path,
                  files::Selection& selection, const files::OnFailed& on_failed);
  bool wait_readable(int milliseconds);  // false: it is not; or stopped
  void drain();

  UniqueFd inotify_;
  UniqueFd stop_;  // an eventfd
  bool stopped_ = false;
  bool told_ = false;
};

}  // namespace nigh::sync
