// SPDX-License-Identifier: Apache-2.0
// What the tests of this layer share.
#pragma once

#include <fcntl.h>
#include <gmock/gmock.h>
#include <grp.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <functional>
#include <string>
#include <vector>

#include "base/folder_for_test.hpp"
#include "files/attributes.hpp"
#include "files/directory.hpp"

namespace nigh::files::for_test {

using nigh::for_test::Folder;
using nigh::for_test::mode_of;

inline constexpr uid_t kNobody = 65534;

inline Directory open_folder(const Folder& folder) {
  return unwrap(Directory::open(folder.path()));
}

// Keeps what a walk reports.
struct Failures {
  std::vector<std::pair<std::string, Errc>> heard;
  OnFailed hear() {
    return [this](const std::string& path, const Error& error) {
      heard.emplace_back(path, error.code);
    };
  }
};

inline OnFailed expect_no_failure() {
  return [](const std::string& path, const Error& error) {
    ADD_FAILURE() << path << ": " << error.message;
  };
}

// `body` in a process of its own, true if it returns true.
inline bool in_child(const std::function<bool()>& body) {
  pid_t child = ::fork();
  if (child == 0) {
    bool good = false;
    try {
      good = body();
    } catch (const std::exception& e) {
      std::fprintf(stderr, "in a child: %s\n", e.what());
    }
    ::_exit(good ? 0 : 1);
  }
  int status = -1;
  return ::waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

// The same without the rights of root (of which we may have none anyway).
inline bool as_nobody(const std::function<bool()>& body) {
  return in_child([&body] {
    if (::geteuid() == 0 &&
        (::setgroups(0, nullptr) != 0 || ::setgid(kNobody) != 0 || ::setuid(kNobody) != 0))
      return false;
    return body();
  });
}

inline void set_mtime(const std::string& path, std::int64_t seconds, long nanoseconds = 0) {
  std::array<timespec, 2> times{{{0, UTIME_OMIT}, {seconds, nanoseconds}}};
  EXPECT_EQ(::utimensat(AT_FDCWD, path.c_str(), times.data(), AT_SYMLINK_NOFOLLOW), 0) << path;
}

inline std::vector<std::string> names_of(const std::vector<Entry>& entries) {
  std::vector<std::string> names;
  for (const auto& entry : entries) names.push_back(entry.name);
  return names;
}

inline std::vector<std::string> names_in(const Directory& directory) {
  std::vector<std::string> temporaries;
  auto names = names_of(unwrap(list(directory, false, expect_no_failure(), &temporaries)));
  names.insert(names.end(), temporaries.begin(), temporaries.end());
  return names;
}

// A chain of directories of this name, `depth` of them; the last one.
inline Directory make_deep(const Directory& top, std::string_view name, int depth) {
  auto directory = unwrap(top.beneath(""));
  for (int i = 0; i < depth; ++i) directory = unwrap(directory.make_child(name, 0755));
  return directory;
}

// As few descriptors as a shell gives by default, while it lives.
class FewDescriptors {
 public:
  explicit FewDescriptors(rlim_t most) {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    rlimit few{most, before_.rlim_max};
    ::setrlimit(RLIMIT_NOFILE, &few);
  }
  FewDescriptors(const FewDescriptors&) = delete;
  FewDescriptors& operator=(const FewDescriptors&) = delete;
  ~FewDescriptors() { ::setrlimit(RLIMIT_NOFILE, &before_); }

 private:
  rlimit before_{};
};

}  // namespace nigh::files::for_test
