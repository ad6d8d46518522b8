// SPDX-License-Identifier: Apache-2.0
#include <nigh/nigh.hpp>

#include <gmock/gmock.h>

#include <array>
#include <thread>

#include "client/fake_file_for_test.hpp"
#include "client/options_for_test.hpp"
#include "client/server_for_test.hpp"

namespace nigh::client {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// The server runs on a thread of its own; look at it only after the Host is gone and join().
class ABlockingHostWithFiles : public testing::Test {
 protected:
  ABlockingHostWithFiles() { options_ = options_for_test(folder_, 1, fingerprints_); }
  ~ABlockingHostWithFiles() override { join(); }

  Host connect_to_server() {
    asio::co_spawn(context_, server_.serve(), [](std::exception_ptr) {});
    thread_ = std::thread([this] { context_.run(); });
    return connect(server_.address(), options_);
  }
  void join() {
    if (thread_.joinable()) thread_.join();
  }
  void answer_frames() {
    server_.file_answers = [this](std::string_view bytes) { return file_.answer(bytes); };
  }

  asio::io_context context_{1};
  ServerForTest server_{context_};
  FakeFile file_{"0123456789"};
  TestFolder folder_;
  ConnectOptions options_;
  std::vector<std::string> fingerprints_;
  std::thread thread_;
};

std::optional<Error> failure_of(const std::function<void()>& call) {
  try {
    call();
  } catch (const Failure& failure) {
    return failure.error();
  }
  return std::nullopt;
}

TEST_F(ABlockingHostWithFiles, ReadsAndWritesPartsOfAFile) {
  answer_frames();
  {
    auto host = connect_to_server();
    auto file = host.open("/x", OpenMode::write);
    std::array<char, 4> four;
    EXPECT_EQ(file.read_at(6, four), 4u);
    EXPECT_EQ(std::string_view(four.data(), 4), "6789");
    file.write_at(10, "ab");
    file.truncate(11);
    file.sync();
    EXPECT_EQ(file.status().size, 11u);
    auto other = std::move(file);
    EXPECT_EQ(other.read_at(9, four), 2u);
  }
  join();
  EXPECT_EQ(file_.content, "0123456789a");
  EXPECT_THAT(server_.paths, ElementsAre("/v1/files/x?mode=write"));
  EXPECT_THAT(server_.resets, IsEmpty());
}

TEST_F(ABlockingHostWithFiles, AFileMayBeReadByManyThreads) {
  answer_frames();
  auto host = connect_to_server();
  auto file = host.open("x");
  std::vector<std::jthread> readers;
  for (int reader = 0; reader < 4; ++reader)
    readers.emplace_back([&file, reader] {
      for (std::uint64_t i = 0; i < 50; ++i) {
        char digit = 0;
        auto offset = (i + static_cast<std::uint64_t>(reader)) % 10;
        EXPECT_EQ(file.read_at(offset, {&digit, 1}), 1u);
        EXPECT_EQ(digit, static_cast<char>('0' + offset));
      }
    });
}

TEST_F(ABlockingHostWithFiles, AFileMayOutliveItsHost) {
  answer_frames();
  std::optional<File> file;
  {
    auto host = connect_to_server();
    file.emplace(host.open("x"));
  }
  auto error = failure_of([&] { (void)file->status(); });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code, Errc::closed);
}

TEST_F(ABlockingHostWithFiles, AStopRequestEndsATransfer) {
  server_.hold_files = true;
  auto host = connect_to_server();
  auto a = folder_.write("a", "a");
  std::stop_source stop;
  std::jthread stopper([&] { stop.request_stop(); });
  auto error = failure_of([&] { host.put({a}, "b", {}, {}, stop.get_token()); });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code, Errc::cancelled) << error->message;
}

TEST_F(ABlockingHostWithFiles, ATransferTellsTheHostsReason) {
  server_.file_status = 403;
  auto host = connect_to_server();
  auto a = folder_.write("a", "a");
  auto error = failure_of([&] { host.put({a}, "b"); });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code, Errc::refused);
  EXPECT_EQ(error->message, "no such file");
}

}  // namespace
}  // namespace nigh::client
