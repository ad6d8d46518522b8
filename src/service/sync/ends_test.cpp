// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <random>

#include "base/folder_for_test.hpp"
#include "service/sync/ends_for_test.hpp"

namespace nigh::sync {
namespace {

namespace fs = std::filesystem;
using for_test::Ends;

std::string random_bytes(std::size_t size, unsigned seed) {
  std::mt19937_64 numbers(seed);
  std::string bytes(size, '\0');
  for (auto& byte : bytes) byte = static_cast<char>(numbers());
  return bytes;
}

void put(const std::string& path, const std::string& bytes) {
  fs::create_directories(fs::path(path).parent_path());
  std::ofstream(path, std::ios::binary) << bytes;
}

std::string get(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// Every path with its kind, mode, time and content.
std::map<std::string, std::string> picture(const std::string& top) {
  std::map<std::string, std::string> all;
  for (const auto& entry : fs::recursive_directory_iterator(top)) {
    struct stat status{};
    ::lstat(entry.path().c_str(), &status);
    auto text = std::to_string(status.st_mode) + " " + std::to_string(status.st_mtim.tv_sec) + "." +
                std::to_string(status.st_mtim.tv_nsec) + " ";
    if (S_ISREG(status.st_mode)) text += get(entry.path());
    if (S_ISLNK(status.st_mode)) text += fs::read_symlink(entry.path()).string();
    all[fs::relative(entry.path(), top).string()] = text;
  }
  return all;
}

void make_tree(const std::string& top) {
  put(top + "/a.txt", "hello");
  put(top + "/empty", "");
  put(top + "/sub/deep/er/file", random_bytes(5000, 1));
  put(top + "/sub/limit", random_bytes(256 << 10, 2));
  put(top + "/sub/large", random_bytes(3'000'001, 3));
  put(top + "/sub/chunks", random_bytes(9 << 20, 4));
  fs::create_directories(top + "/no files");
  fs::permissions(top + "/a.txt", fs::perms(0640));
  fs::permissions(top + "/sub/deep", fs::perms(0750));
}

class Transfer : public testing::TestWithParam<bool> {
 protected:
  // Up, or down: the tree that is copied lies in "from", the copy in "to".
  TransferReport copy(const std::string& source, const std::string& destination,
                      TransferOptions options = {}, bool contents = false) {
    Job job{{folder_ / source}, folder_ / destination, contents, options};
    return GetParam() ? ends_.push(job) : ends_.pull(job);
  }
  TransferReport sync(TransferOptions options = {}) { return copy("from", "to", options, true); }

  nigh::for_test::Folder folder_;
  Ends ends_{folder_.path()};
};

TEST_P(Transfer, ATreeArrivesAsItIs) {
  make_tree(folder_ / "from");
  auto report = copy("from", "to");
  EXPECT_EQ(report.failed, 0u);
  EXPECT_EQ(report.files, 6u);
  EXPECT_EQ(picture(folder_ / "to"), picture(folder_ / "from"));
  EXPECT_EQ(ends_.server_failure, "");
}

TEST_P(Transfer, WhatIsThereAlreadyIsNotSentAgain) {
  make_tree(folder_ / "from");
  sync();
  auto report = sync();
  EXPECT_EQ(report.literal, 0u);
  EXPECT_EQ(report.files, 0u);
  EXPECT_EQ(report.unchanged, 6u);
  EXPECT_LT(report.wire_sent + report.wire_received, 2000u);
}

TEST_P(Transfer, OfAChangedFileOnlyWhatIsNewIsSent) {
  make_tree(folder_ / "from");
  sync();
  auto bytes = get(folder_ / "from/sub/chunks");
  bytes.insert(1'000'000, "something new");
  bytes.replace(5'000'000, 100, random_bytes(100, 9));
  put(folder_ / "from/sub/chunks", bytes);
  auto report = sync();
  EXPECT_EQ(report.failed, 0u);
  EXPECT_EQ(picture(folder_ / "to"), picture(folder_ / "from"));
  EXPECT_LT(report.literal, 100'000u);
}

TEST_P(Transfer, WhatTheSourceHasNotGoesOnlyIfThatIsAskedFor) {
  make_tree(folder_ / "from");
  put(folder_ / "to/extra/file", "x");
  put(folder_ / "to/a.txt/now a folder", "x");
  put(folder_ / "to/stays", "x");
  auto report = sync();
  EXPECT_EQ(report.failed, 1u);  // the folder that is not empty stays
  EXPECT_TRUE(fs::exists(folder_ / "to/extra/file"));
  TransferOptions options;
  options.remove_extra = true;
  report = sync(options);
  EXPECT_EQ(report.failed, 0u);
  EXPECT_EQ(picture(folder_ / "to"), picture(folder_ / "from"));
}

TEST_P(Transfer, ARenamedFileIsNotSent) {
  make_tree(folder_ / "from");
  sync();
  fs::rename(folder_ / "from/sub/chunks", folder_ / "from/moved");
  TransferOptions options;
  options.remove_extra = true;
  auto report = sync(options);
  EXPECT_EQ(report.moved, 1u);
  EXPECT_EQ(report.literal, 0u);
  EXPECT_EQ(picture(folder_ / "to"), picture(folder_ / "from"));
}

TEST_P(Transfer, OneFileMayGetANewName) {
  make_tree(folder_ / "from");
  copy("from/a.txt", "b.txt");
  EXPECT_EQ(get(folder_ / "b.txt"), "hello");
  copy("from/sub/large", "large2");
  EXPECT_EQ(get(folder_ / "large2"), get(folder_ / "from/sub/large"));
  fs::create_directories(folder_ / "into");
  copy("from/a.txt", "into");
  EXPECT_EQ(get(folder_ / "into/a.txt"), "hello");
}

TEST_P(Transfer, DryRunsTellAndDoNothing) {
  make_tree(folder_ / "from");
  put(folder_ / "to/extra", "x");
  TransferOptions options;
  options.dry_run = options.remove_extra = true;
  std::map<std::string, TransferItem::Action> items;
  ends_.events.on_item = [&](const TransferItem& item) { items[item.path] = item.action; };
  auto before = picture(folder_ / "to");
  sync(options);
  EXPECT_EQ(picture(folder_ / "to"), before);
  EXPECT_EQ(items["a.txt"], TransferItem::Action::created);
  EXPECT_EQ(items["sub/chunks"], TransferItem::Action::created);
  EXPECT_EQ(items["extra"], TransferItem::Action::removed);
}

TEST_P(Transfer, EqualSizesAndTimesWithOtherBytesShowInAChecksum) {
  put(folder_ / "from/x", "aaaa");
  put(folder_ / "from/big", random_bytes(1 << 20, 5));
  sync();
  auto time = fs::last_write_time(folder_ / "from/x");
  put(folder_ / "from/x", "bbbb");
  fs::last_write_time(folder_ / "from/x", time);
  EXPECT_EQ(sync().files, 0u);
  TransferOptions options;
  options.checksum = true;
  EXPECT_EQ(sync(options).files, 1u);
  EXPECT_EQ(get(folder_ / "to/x"), "bbbb");
}

// A line that goes after so many bytes to the other end.
class ShortLine final : public ByteChannel {
 public:
  ShortLine(ByteChannel& line, std::size_t carries) : line_(line), left_(carries) {}
  std::size_t read(std::span<char> into) override { return line_.read(into); }
  void write(std::string_view bytes) override {
    line_.write(bytes.substr(0, left_));
    if (bytes.size() > left_) {
      line_.cancel();
      throw Failure(Errc::closed, "the line is gone");
    }
    left_ -= bytes.size();
  }
  void finish() override { line_.finish(); }
  void cancel() override { line_.cancel(); }

 private:
  ByteChannel& line_;
  std::size_t left_;
};

TEST(BrokenTransfer, WhatHasArrivedWhenTheLineGoesIsWritten) {
  constexpr std::size_t kFiles = 64, kSize = 200 << 10, kCarried = 8 << 20;
  nigh::for_test::Folder folder;
  for (unsigned i = 0; i < kFiles; ++i)
    put(folder / ("from/" + std::to_string(i)), random_bytes(kSize, i));
  Ends ends{folder.path()};
  Job job{{folder / "from"}, folder / "to", true, {}};
  EXPECT_THROW(ends.run([&](ByteChannel& line) {
    ShortLine broken(line, kCarried);
    return push(broken, job, ends.events);
  }),
               Failure);
  EXPECT_NE(ends.server_failure, "");
  std::size_t files = 0;
  for (const auto& entry : fs::directory_iterator(folder / "to"))
    files += entry.file_size() == kSize && entry.path().filename().string()[0] != '.';
  EXPECT_GE(files, kCarried / kSize);
}

TEST_P(Transfer, NothingThereIsAFailureThatSaysSo) {
  try {
    copy("absent", "to");
    FAIL();
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.code(), Errc::not_found) << failure.what();
  }
}

INSTANTIATE_TEST_SUITE_P(BothWays, Transfer, testing::Bool(),
                         [](const auto& info) { return info.param ? "Up" : "Down"; });

}  // namespace
}  // namespace nigh::sync
