// SPDX-License-Identifier: Apache-2.0
// Git judges our reading of gitignore(5), on random ignore files over a random tree.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdlib>
#include <filesystem>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "base/folder_for_test.hpp"
#include "base/spawn.hpp"
#include "base/text.hpp"
#include "base/unique_fd.hpp"
#include "files/filter.hpp"

namespace nigh::files {
namespace {

namespace fs = std::filesystem;
using Paths = std::set<std::string>;

class Random {
 public:
  unsigned below(unsigned bound) { return std::uniform_int_distribution(0U, bound - 1)(engine_); }
  std::string_view one_of(const std::vector<std::string_view>& choices) {
    return choices[below(static_cast<unsigned>(choices.size()))];
  }

 private:
  std::mt19937 engine_{20240229};  // the same tree and patterns each time
};

const std::vector<std::string_view> kNames{"a", "b", "ab", "a.c", "b.c", "[a]", "a b", "!", "#a"};

// One name of a pattern. Two asterisks beside something else are left out: there git's matching of
// literal prefixes differs from its manual.
std::string name_pattern(Random& random) {
  const std::vector<std::string_view> pieces{"a",    "b",     "ab",  ".c",   "*",   "?",
                                             "[ab]", "[!a]",  "\\[", "\\a",  "#",   "!",
                                             " ",    "[a-b]", "[a",  "[^b]", "\\ ", "[[:alpha:]]"};
  if (random.below(6) == 0) return "**";
  std::string name;
  for (auto left = 1 + random.below(3); left > 0; --left) {
    auto piece = random.one_of(pieces);
    if (!(name.ends_with('*') && piece == "*")) name += piece;
  }
  return name;
}

std::string line(Random& random) {
  std::string text = random.below(4) == 0 ? "!" : "";
  if (random.below(3) == 0) text += '/';
  text += name_pattern(random);
  for (auto left = random.below(3); left > 0; --left) text += "/" + name_pattern(random);
  if (random.below(4) == 0) text += '/';
  if (random.below(8) == 0) text += "  ";
  return text + (random.below(8) == 0 ? "\r\n" : "\n");
}

class GitOracle : public ::testing::Test {
 protected:
  void SetUp() override {
    auto found = find_program("git", std::getenv("PATH"));
    if (!found) GTEST_SKIP() << "git is not installed";
    git_ = *found;
    git({"init", "-q"});
    grow("", 0);
  }

  void git(std::vector<std::string> words) {
    SpawnSpec spec{.program = git_, .argv = {"git"}, .environment = {}, .directory = tree_.path()};
    spec.argv.insert(spec.argv.end(), words.begin(), words.end());
    spec.environment = {"HOME=" + tree_.path(), "GIT_CONFIG_NOSYSTEM=1"};
    UniqueFd in(::open((files_ / "in").c_str(), O_RDONLY | O_CREAT | O_CLOEXEC, 0600));
    UniqueFd out(::open((files_ / "out").c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    spec.descriptors = {in.get(), out.get(), 2};
    int status = 0;
    ASSERT_GT(::waitpid(unwrap(spawn(spec)), &status, 0), 0);
    ASSERT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) <= 1);  // 1: nothing is ignored
  }

  void grow(const std::string& folder, unsigned depth) {
    for (auto name : kNames) {
      auto path = folder.empty() ? std::string(name) : folder + "/" + std::string(name);
      if (depth < 2 && random_.below(3) == 0) {
        fs::create_directory(tree_ / path);
        grow(path, depth + 1);
      } else {
        tree_.write(path, "");
      }
      paths_.insert(path);
    }
    folders_.push_back(folder);
  }

  void write_ignore_files() {
    for (const auto& folder : folders_) {
      std::string text;
      if (folder.empty() || random_.below(3) == 0)
        for (auto left = 1 + random_.below(6); left > 0; --left) text += line(random_);
      tree_.write(folder.empty() ? ".gitignore" : folder + "/.gitignore", text);
    }
  }

  Paths ignored_by_git() {
    std::string input;
    for (const auto& path : paths_) input += path + '\0';
    files_.write("in", input);
    git({"check-ignore", "--no-index", "--stdin", "-z"});
    Paths ignored;
    auto output = files_.read("out");
    for (auto path : split(output, '\0'))
      if (!path.empty()) ignored.emplace(path);
    return ignored;
  }

  Paths ignored_by_us() {
    auto filter = unwrap(Filter::make({}, {".gitignore"}));
    Paths ignored;
    walk(filter, "", false, ignored);
    return ignored;
  }

  void walk(Filter& filter, const std::string& folder, bool all, Paths& ignored) {
    auto prefix = folder.empty() ? "" : folder + "/";
    filter.enter(folder, {all ? "" : tree_.read(prefix + ".gitignore")});
    for (auto name : kNames) {
      auto path = prefix + std::string(name);
      bool is_folder = fs::is_directory(tree_ / path);
      bool excluded = all || filter.excludes(path, is_folder);
      if (excluded) ignored.insert(path);
      if (is_folder) walk(filter, path, excluded, ignored);
    }
    filter.leave();
  }

  std::string ignore_files() const {
    std::string all;
    for (const auto& folder : folders_)
      all += "--- " + folder + "\n" + tree_.read(folder + "/.gitignore");
    return all;
  }

  for_test::Folder tree_;
  for_test::Folder files_;
  Random random_;
  Paths paths_;
  std::vector<std::string> folders_;
  std::string git_;
};

TEST_F(GitOracle, AgreesOnRandomIgnoreFiles) {
  std::size_t ignored = 0;
  for (int round = 0; round < 100 && !HasFailure(); ++round) {
    write_ignore_files();
    auto by_git = ignored_by_git();
    EXPECT_EQ(ignored_by_us(), by_git) << "round " << round << "\n" << ignore_files();
    ignored += by_git.size();
  }
  EXPECT_GT(ignored, 0U);
}

}  // namespace
}  // namespace nigh::files
