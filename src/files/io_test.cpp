// SPDX-License-Identifier: Apache-2.0
#include <csignal>

#include "files/failure.hpp"
#include "files/files_for_test.hpp"
#include "files/new_file.hpp"

namespace nigh::files {
namespace {

using namespace for_test;

class IoTest : public ::testing::Test {
 protected:
  UniqueFd open(const std::string& name) {
    return UniqueFd(::open((folder_ / name).c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  }
  Folder folder_;
};

TEST_F(IoTest, WritesAndReadsAtOffsets) {
  auto fd = open("f");
  ASSERT_TRUE(write_all(fd.get(), "world", 6, "f"));
  ASSERT_TRUE(write_all(fd.get(), "hello ", 0, "f"));
  std::string text(100, '\0');
  EXPECT_EQ(unwrap(read_full(fd.get(), text, 3, "f")), 8U);
  EXPECT_EQ(text.substr(0, 8), "lo world");
  EXPECT_EQ(unwrap(read_full(fd.get(), text, 50, "f")), 0U);
}

TEST_F(IoTest, AFullDiskIsSaidInWords) {
  UniqueFd full(::open("/dev/full", O_WRONLY | O_CLOEXEC));
  ASSERT_TRUE(full.valid());
  auto written = write_all(full.get(), "x", 0, "/dev/full\n");
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().message,
            "cannot write /dev/full\\x0a: the disk is full (No space left on device)");
  EXPECT_TRUE(is_out_of_space(written.error()));
  EXPECT_TRUE(is_out_of_space(file_error("cannot write", "f", EDQUOT)));
  EXPECT_FALSE(is_out_of_space(file_error("cannot write", "f", EIO)));
  EXPECT_FALSE(is_out_of_space(
      file_error("cannot open", "f: the disk is full (No space left on device)", EIO)));
}

TEST_F(IoTest, ErrorsHaveTheCodeThatTheirReactionNeeds) {
  EXPECT_EQ(file_error("x", "f", ENOENT).code, Errc::not_found);
  EXPECT_EQ(file_error("x", "f", EROFS).code, Errc::refused);
  EXPECT_EQ(file_error("x", "f", EACCES).code, Errc::refused);
  EXPECT_EQ(file_error("x", "f", ELOOP).code, Errc::usage);
  EXPECT_EQ(file_error("x", "f", EFBIG).code, Errc::too_large);
  EXPECT_EQ(file_error("x", "f", EMFILE).code, Errc::system);
  EXPECT_EQ(file_error("cannot open", "f", ENAMETOOLONG).message,
            "cannot open f: the name is too long for the file system (File name too long)");
}

TEST_F(IoTest, ALimitOnSizesIsAnError) {
  EXPECT_TRUE(in_child([&] {
    ::signal(SIGXFSZ, SIG_IGN);
    rlimit small{1000, 1000};
    ::setrlimit(RLIMIT_FSIZE, &small);
    auto fd = open("f");
    auto written = write_all(fd.get(), std::string(2000, 'x'), 0, "f");
    return !written && written.error().code == Errc::too_large;
  }));
}

TEST_F(IoTest, RangesAreCopiedBetweenFiles) {
  std::string text(3'000'000, '\0');
  for (std::size_t i = 0; i < text.size(); ++i) text[i] = static_cast<char>(i * 7 / 5);
  folder_.write("from", text);
  auto from = open("from"), to = open("to");
  ASSERT_TRUE(copy_range(from.get(), 1, to.get(), 10, 2'500'000, "from"));
  EXPECT_EQ(folder_.read("to"), std::string(10, '\0') + text.substr(1, 2'500'000));
}

TEST_F(IoTest, RangesAreCopiedWhereTheKernelCannotToo) {
  folder_.write("from", std::string(2'000'000, 'x') + "end");
  auto from = open("from");
  UniqueFd appending(::open((folder_ / "to").c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600));
  ASSERT_TRUE(copy_range(from.get(), 0, appending.get(), 0, 2'000'003, "from"));
  EXPECT_EQ(folder_.read("to"), std::string(2'000'000, 'x') + "end");
}

TEST_F(IoTest, ASourceThatEndsTooSoonIsAnError) {
  folder_.write("from", "short");
  auto from = open("from"), to = open("to");
  auto copied = copy_range(from.get(), 0, to.get(), 0, 6, "from");
  ASSERT_FALSE(copied);
  EXPECT_EQ(copied.error().code, Errc::closed);
}

TEST_F(IoTest, HolesAreSkipped) {
  constexpr std::uint64_t kMegabyte = 1 << 20;
  auto fd = open("f");
  ASSERT_EQ(::ftruncate(fd.get(), 8 * kMegabyte), 0);
  EXPECT_FALSE(next_data(fd.get(), 0, 8 * kMegabyte));
  ASSERT_TRUE(write_all(fd.get(), std::string(kMegabyte, 'x'), 2 * kMegabyte, "f"));
  ASSERT_EQ(::fsync(fd.get()), 0);
  auto data = next_data(fd.get(), 0, 8 * kMegabyte);
  ASSERT_TRUE(data);
  EXPECT_EQ(data->offset, 2 * kMegabyte);
  EXPECT_EQ(data->length, kMegabyte);
  data = next_data(fd.get(), 2 * kMegabyte + 4096, 2 * kMegabyte + 5000);
  ASSERT_TRUE(data);
  EXPECT_EQ(data->offset, 2 * kMegabyte + 4096);
  EXPECT_EQ(data->length, 904U);
  EXPECT_FALSE(next_data(fd.get(), 3 * kMegabyte, 8 * kMegabyte));
  EXPECT_FALSE(next_data(fd.get(), 8 * kMegabyte, 8 * kMegabyte));
}

TEST_F(IoTest, ACopyKeepsHolesAlsoAtTheEnd) {
  auto from = open("from"), to = open("to");
  ASSERT_EQ(::ftruncate(from.get(), 8 << 20), 0);
  ASSERT_TRUE(write_all(from.get(), std::string(5000, 'x'), 3 << 20, "from"));
  ASSERT_TRUE(copy_with_holes(from.get(), to.get(), 8 << 20, "from"));
  EXPECT_EQ(folder_.read("to"), folder_.read("from"));
  struct stat copy{};
  ASSERT_EQ(::fstat(to.get(), &copy), 0);
  EXPECT_LT(copy.st_blocks * 512, 1 << 20);
  auto longer = copy_with_holes(from.get(), open("more").get(), (8 << 20) + 1, "from");
  ASSERT_FALSE(longer);
  EXPECT_EQ(longer.error().code, Errc::closed);
}

TEST_F(IoTest, WithoutANotionOfHolesAllIsData) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
  UniqueFd in(ends[0]), out(ends[1]);
  auto data = next_data(in.get(), 3, 10);
  ASSERT_TRUE(data);
  EXPECT_EQ(data->offset, 3U);
  EXPECT_EQ(data->length, 7U);
}

}  // namespace
}  // namespace nigh::files
