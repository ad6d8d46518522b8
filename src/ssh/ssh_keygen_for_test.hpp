// SPDX-License-Identifier: Apache-2.0
// For tests: runs the real tools (ssh-keygen, openssl) in a directory of their own, so that they
// can judge what this folder writes, and it can be judged on what they write.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "ssh/private_key.hpp"
#include "ssh/public_key.hpp"

namespace nigh::ssh::for_test {

class TempDir {
 public:
  TempDir() {
    std::string name = ::testing::TempDir() + "nigh-ssh-XXXXXX";
    if (mkdtemp(name.data()) == nullptr) bug("cannot make a directory for a test");
    path_ = name;
  }
  ~TempDir() {
    std::error_code ignored;  // a program that ends may remove its own files at the same time
    std::filesystem::remove_all(path_, ignored);
  }
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;

  std::string file(std::string_view name) const { return path_ + "/" + std::string(name); }
  std::string write(std::string_view name, std::string_view content) const {
    auto path = file(name);
    std::ofstream(path, std::ios::binary) << content;
    std::filesystem::permissions(path, std::filesystem::perms(0600));  // ssh-keygen insists
    return path;
  }

 private:
  std::string path_;
};

inline std::string read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  EXPECT_TRUE(in.is_open()) << path;
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

struct Ran {
  int status;          // exit status, or -1 after a signal
  std::string output;  // standard output and standard error
};

inline Ran run(std::vector<std::string> argv, std::string_view input = {}) {
  TempDir dir;
  auto in = dir.write("in", input);
  auto out = dir.write("out", "");
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, in.c_str(), O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, 1, out.c_str(), O_WRONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, 1, 2);
  std::vector<char*> pointers;
  for (auto& word : argv) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  pid_t pid = -1;
  int failed = posix_spawnp(&pid, pointers[0], &actions, nullptr, pointers.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  EXPECT_EQ(failed, 0) << argv[0] << " cannot be started; is it installed?";
  int status = -1;
  if (failed == 0) waitpid(pid, &status, 0);
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, read_file(out)};
}

// Runs it and expects success.
inline std::string must_run(std::vector<std::string> argv, std::string_view input = {}) {
  auto ran = run(argv, input);
  EXPECT_EQ(ran.status, 0) << ::testing::PrintToString(argv) << "\n" << ran.output;
  return ran.output;
}

// A key made by ssh-keygen.
struct KeyKind {
  std::string type;
  std::string bits;  // empty: the type has one size
  std::string name() const { return type + bits; }
};
inline void PrintTo(const KeyKind& kind, std::ostream* out) { *out << kind.name(); }

inline std::vector<KeyKind> quick_kinds() {
  return {{"ed25519", ""}, {"ecdsa", "256"}, {"ecdsa", "384"}, {"ecdsa", "521"}, {"rsa", "2048"}};
}
inline std::vector<KeyKind> all_kinds() {
  auto kinds = quick_kinds();
  kinds.push_back({"rsa", "3072"});
  kinds.push_back({"rsa", "4096"});
  return kinds;
}

inline std::vector<std::string> keygen(const KeyKind& kind, const std::string& path,
                                       const std::string& passphrase = "") {
  std::vector<std::string> argv = {"ssh-keygen", "-q", "-t",        kind.type, "-N",
                                   passphrase,   "-C", "a comment", "-f",      path};
  if (!kind.bits.empty()) argv.insert(argv.end(), {"-b", kind.bits});
  return argv;
}

// The path of a private key of that kind, made once a process; its public key is in "<path>.pub".
inline const std::string& key_file(const KeyKind& kind) {
  static TempDir dir;
  static std::map<std::string, std::string> made;
  auto [entry, is_new] = made.try_emplace(kind.name(), dir.file(kind.name()));
  if (is_new) must_run(keygen(kind, entry->second));
  return entry->second;
}

inline PrivateKey load_key(const KeyKind& kind) {
  return unwrap(PrivateKey::parse(read_file(key_file(kind))));
}
inline PublicKey load_public_key(const std::string& path) {
  return unwrap(parse_public_key_line(read_file(path)));
}

// `bytes` with one bit changed.
inline std::string with_flip(std::string bytes, std::size_t at, char mask) {
  bytes[at] = static_cast<char>(bytes[at] ^ mask);
  return bytes;
}

}  // namespace nigh::ssh::for_test
