// SPDX-License-Identifier: Apache-2.0
#include "client/file_channel.hpp"

#include <gmock/gmock.h>

#include <future>
#include <thread>

#include "client/connect.hpp"
#include "client/early_body.hpp"
#include "client/file_channel_queue.hpp"
#include "client/loop_thread.hpp"
#include "client/options_for_test.hpp"
#include "client/server_for_test.hpp"

namespace nigh::client {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::string pattern(std::size_t size) {
  std::string text(size, '\0');
  for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>(i * 7 / 5 + i / 1000);
  return text;
}

// ---- the queue ---------------------------------------------------------------------------------

TEST(ABlockQueue, GivesBackWhatWasPutInAcrossBlocks) {
  BlockQueue queue;
  auto text = pattern(1'000'000);
  for (std::size_t at = 0; at < text.size(); at += 70'001)
    queue.push(std::string_view(text).substr(at, 70'001));
  EXPECT_EQ(queue.size(), text.size());
  std::string out;
  char some[99'999];
  for (std::size_t size; (size = queue.pull(some)) > 0;) out.append(some, size);
  EXPECT_TRUE(out == text);
  EXPECT_EQ(queue.size(), 0u);
  queue.push("abc");
  EXPECT_EQ(queue.clear(), 3u);
  EXPECT_EQ(queue.pull(some), 0u);
}

TEST(ABlockQueue, IsSharedByTwoThreads) {
  BlockQueue queue;
  auto text = pattern(5'000'000);
  auto writer = std::async(std::launch::async, [&] {
    for (std::size_t at = 0, step = 1; at < text.size(); at += step, step = step * 3 % 300'007)
      queue.push(std::string_view(text).substr(at, step));
  });
  std::string out, some(123'456, '\0');
  while (out.size() < text.size()) out.append(some, 0, queue.pull(some));
  writer.get();
  EXPECT_TRUE(out == text);
}

// ---- the channel -------------------------------------------------------------------------------

// The server runs on a thread of its own; look at it only after hang_up().
class AFileChannel : public testing::Test {
 protected:
  AFileChannel() { use_keys(1); }
  ~AFileChannel() override { hang_up(); }

  void use_keys(int count) {
    fingerprints_.clear();
    options_ = options_for_test(folder_, count, fingerprints_);
  }
  void connect_to_server() {
    asio::co_spawn(context_, server_.serve(), [](std::exception_ptr) {});
    server_thread_ = std::thread([this] { context_.run(); });
    connection_ = loop_.emplace().call(connect(server_.address(), options_));
  }
  void hang_up() {
    if (!server_thread_.joinable()) return;
    channel_.reset();
    loop_->post([connection = std::move(connection_)] { connection->close(); });
    loop_.reset();
    server_thread_.join();
  }

  static Request tunnel() {
    return {.method = "CONNECT", .protocol = "nigh-file", .path = "/v1/files/x?mode=read"};
  }
  void open(Request what = tunnel()) {
    if (!connection_) connect_to_server();
    channel_ = loop_->call(FileChannel::open(connection_, std::move(what)));
  }
  void start(Request what = tunnel()) {
    if (!connection_) connect_to_server();
    loop_->post_and_wait([&] { channel_ = FileChannel::start(connection_, std::move(what)); });
  }
  std::string read_all() {
    std::string all, some(100'000, '\0');
    for (std::size_t size; (size = channel_->read(some)) > 0;) all.append(some, 0, size);
    return all;
  }
  std::optional<Error> failure_of(const std::function<void()>& call) {
    try {
      call();
    } catch (const Failure& failure) {
      return failure.error();
    }
    return std::nullopt;
  }
  Error failure_of_read() {
    char byte = 0;
    auto error = failure_of([&] { channel_->read({&byte, 1}); });
    EXPECT_TRUE(error);
    return error.value_or(Error{});
  }

  asio::io_context context_{1};
  ServerForTest server_{context_};
  TestFolder folder_;
  ConnectOptions options_;
  std::vector<std::string> fingerprints_;
  std::thread server_thread_;
  std::optional<LoopThread> loop_;
  std::shared_ptr<Connection> connection_;
  std::shared_ptr<FileChannel> channel_;
};

TEST_F(AFileChannel, IsOneRequestThatCarriesTheProof) {
  open();
  EXPECT_EQ(channel_->status(), 200);
  EXPECT_EQ(*http2::find(channel_->headers(), "etag"), "\"e\"");
  channel_->write("hello");
  channel_->finish();
  EXPECT_EQ(read_all(), "hello");
  EXPECT_EQ(channel_->sent(), 5u);
  EXPECT_EQ(channel_->received(), 5u);
  hang_up();
  EXPECT_THAT(server_.paths, ElementsAre("/v1/files/x?mode=read"));
  EXPECT_EQ(*http2::find(server_.requests[0], ":protocol"), "nigh-file");
  EXPECT_EQ(server_.proved_keys, fingerprints_);
  EXPECT_THAT(server_.resets, IsEmpty());
}

TEST_F(AFileChannel, CarriesMuchBothWaysAtOnce) {
  open();
  auto text = pattern(50'000'000);
  auto writer = std::async(std::launch::async, [&] {
    for (std::string_view rest = text; !rest.empty();) {
      auto piece = rest.substr(0, 1'000'003);
      channel_->write(piece);
      rest.remove_prefix(piece.size());
    }
    channel_->finish();
  });
  EXPECT_TRUE(read_all() == text);
  writer.get();
  EXPECT_EQ(channel_->sent(), text.size());
}

TEST_F(AFileChannel, ThatIsWrittenToBeforeTheServerAgreedLosesNothing) {
  use_keys(3);
  server_.refuse_keys = 2;
  start();
  auto text = pattern(1'000'000);
  auto writer = std::async(std::launch::async, [&] {
    channel_->write(text);
    channel_->finish();
  });
  EXPECT_TRUE(read_all() == text);
  writer.get();
  hang_up();
  EXPECT_EQ(server_.proved_keys, fingerprints_);
  ASSERT_EQ(server_.refused_data.size(), 2u);
  EXPECT_LE(server_.refused_data[0].size(), kEarlyBytes) << "strangers may not send more";
}

TEST_F(AFileChannel, AnswersSmallMessagesInTurn) {
  open();
  char byte = 0;
  for (int i = 0; i < 1000; ++i) {
    byte = static_cast<char>(i);
    channel_->write({&byte, 1});
    ASSERT_EQ(channel_->read({&byte, 1}), 1u);
    ASSERT_EQ(byte, static_cast<char>(i));
  }
}

TEST_F(AFileChannel, CarriesTheBodyOfAnUploadAndOfADownload) {
  Request put{.method = "PUT", .path = "/v1/files/x"};
  put.headers = {{"content-length", "3"}};
  start(put);
  channel_->write("abc");
  channel_->finish();
  EXPECT_EQ(read_all(), "abc");
  open({.path = "/v1/files/x"});
  EXPECT_EQ(read_all(), "");
  hang_up();
  EXPECT_EQ(*http2::find(server_.requests[0], "content-length"), "3");
  EXPECT_EQ(http2::find(server_.requests[1], "content-length"), nullptr);
  EXPECT_THAT(server_.resets, IsEmpty());
}

TEST_F(AFileChannel, MayCarryAnUploadOfUnknownLength) {
  start({.method = "PUT", .path = "/v1/files/x"});
  auto text = pattern(300'000);
  channel_->write(text);
  channel_->finish();
  EXPECT_TRUE(read_all() == text);
  hang_up();
  EXPECT_EQ(http2::find(server_.requests[0], "content-length"), nullptr);
}

TEST_F(AFileChannel, SaysWhyTheServerRefused) {
  server_.file_status = 404;
  auto error = failure_of([&] { open(); });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code, Errc::not_found);
  EXPECT_EQ(error->message, "no such file");
  start();
  error = failure_of_read();
  EXPECT_EQ(error->message, "no such file") << "also in calls that were made before";
  EXPECT_TRUE(failure_of([&] { channel_->write("x"); }));
  EXPECT_TRUE(failure_of([&] { channel_->finish(); }));
}

TEST_F(AFileChannel, KeepsAWriterBackWhileTheServerDoesNotRead) {
  server_.hold_files = true;
  open();
  std::atomic<std::size_t> written = 0;
  auto writer = std::async(std::launch::async, [&] {
    std::string piece(1'000'000, 'x');
    return failure_of([&] {
      for (;; written += piece.size()) channel_->write(piece);
    });
  });
  // HTTP/2's window, and what waits here.
  const std::size_t window = http2::Limits().stream_window;
  while (channel_->sent() < window) std::this_thread::yield();
  channel_->cancel();
  EXPECT_EQ(writer.get()->code, Errc::cancelled);
  EXPECT_EQ(channel_->sent(), window);
  EXPECT_LE(written, window + (4u << 20));
}

TEST_F(AFileChannel, CancelEndsCallsInProgressAndAllThatFollow) {
  server_.hold_files = true;
  open();
  auto reader = std::async(std::launch::async, [&] { return failure_of_read().code; });
  channel_->cancel();
  EXPECT_EQ(reader.get(), Errc::cancelled);
  EXPECT_EQ(failure_of_read().code, Errc::cancelled);
  EXPECT_EQ(failure_of([&] { channel_->write("x"); })->code, Errc::cancelled);
  EXPECT_EQ(failure_of([&] { channel_->finish(); })->code, Errc::cancelled);
  channel_.reset();
  EXPECT_EQ(loop_->call(request(*connection_, {.path = "/v1/"})).status, 200);
  hang_up();
  EXPECT_EQ(server_.resets["/v1/files/x?mode=read"], 1);
}

TEST_F(AFileChannel, WhoseConnectionBreaksSaysSo) {
  server_.vanish_on_file = true;
  open();
  auto reader = std::async(std::launch::async, [&] { return failure_of_read(); });
  channel_->write("x");
  auto error = reader.get();
  EXPECT_EQ(error.code, Errc::closed);
  EXPECT_THAT(error.message, HasSubstr(server_.address()));
  EXPECT_EQ(failure_of([&] { channel_->write("x"); })->code, Errc::closed);
}

TEST_F(AFileChannel, WhoseServerIsDoneIsEndedAndNotReset) {
  server_.end_files = true;
  open();
  EXPECT_EQ(read_all(), "");
  channel_.reset();
  EXPECT_EQ(loop_->call(request(*connection_, {.path = "/v1/"})).status, 200);
  hang_up();
  EXPECT_THAT(server_.resets, IsEmpty());
}

TEST_F(AFileChannel, ThatIsLeftIsReset) {
  server_.hold_files = true;
  open();
  channel_->write("abc");
  channel_.reset();
  EXPECT_EQ(loop_->call(request(*connection_, {.path = "/v1/"})).status, 200)
      << "the connection lives on";
  hang_up();
  EXPECT_EQ(server_.resets["/v1/files/x?mode=read"], 1);
}

TEST_F(AFileChannel, GivesBackTheWindowOfWhatWasNeverRead) {
  connect_to_server();
  auto text = pattern(20'000'000);
  // The connection's window holds three of them.
  for (int i = 0; i < 5; ++i) {
    open();
    auto writer = std::async(std::launch::async, [&] { channel_->write(text); });
    while (channel_->received() < text.size()) std::this_thread::yield();
    writer.get();
    channel_.reset();
  }
}

}  // namespace
}  // namespace nigh::client
