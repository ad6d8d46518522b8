// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "client/broadcast.hpp"
#include "client/fake_file_for_test.hpp"
#include "client/options_for_test.hpp"
#include "client/remote_file_frames.hpp"
#include "client/server_for_test.hpp"
#include "io/runtime.hpp"
#include "wire/reader.hpp"

#include <nigh/async.hpp>

namespace nigh::client {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// ---- frames ------------------------------------------------------------------------------------

TEST(FileFramesTest, RequestsAreBigEndian) {
  EXPECT_EQ(read_frame(1, 2), std::string("\1\0\0\0\x0c\0\0\0\0\0\0\0\1\0\0\0\2", 17));
  EXPECT_EQ(write_frame(1, "ab"), std::string("\2\0\0\0\x0a\0\0\0\0\0\0\0\1ab", 15));
  EXPECT_EQ(plain_frame(FileFrame::stat), std::string("\3\0\0\0\0", 5));
  EXPECT_EQ(truncate_frame(5), std::string("\4\0\0\0\x08\0\0\0\0\0\0\0\5", 13));
  EXPECT_EQ(plain_frame(FileFrame::sync), std::string("\5\0\0\0\0", 5));
}

// Feeds `bytes` in pieces of every size; what the frames were, each time.
std::string cut(std::string_view bytes, std::size_t piece) {
  std::string log;
  FileAnswers answers({[&](std::string_view data) {
                         log += data;
                         return Result<void>();
                       },
                       [&](FileFrame type, std::string_view payload) {
                         log += fmt::format("<{} {}>", static_cast<int>(type), payload);
                         return Result<void>();
                       }});
  for (; !bytes.empty(); bytes.remove_prefix(std::min(piece, bytes.size())))
    if (auto fed = answers.feed(bytes.substr(0, piece)); !fed) return name(fed.error().code).data();
  return log;
}

TEST(FileFramesTest, AnswersMayComeInPieces) {
  auto bytes = file_frame(65, "data") + file_frame(64, "") + file_frame(65, "") +
               file_frame(67, "oops") + file_frame(66, "s");
  for (std::size_t piece = 1; piece <= bytes.size(); ++piece)
    EXPECT_EQ(cut(bytes, piece), "data<65 ><64 ><65 ><67 oops><66 s>") << piece;
}

TEST(FileFramesTest, WhatIsNoAnswerIsMalformed) {
  for (int type : {0, 1, 5, 63, 68, 255})
    EXPECT_EQ(cut(file_frame(static_cast<std::uint8_t>(type), ""), 100), "malformed") << type;
  EXPECT_EQ(cut(std::string("\x41\0\x10\0\1", 5), 100), "malformed") << "more than 1 MiB";
  EXPECT_EQ(cut(std::string("\x43\0\1\0\1", 5), 100), "malformed") << "more than 64 KiB";
}

TEST(FileFramesTest, PayloadsAreChecked) {
  EXPECT_EQ(decode_written(std::string("\0\0\0\7", 4)).value(), 7u);
  EXPECT_FALSE(decode_written("abc"));
  auto bytes = wire::Writer().u64(9).u64(static_cast<std::uint64_t>(-5)).u32(6).u32(0100644).str();
  auto status = decode_status(bytes).value();
  EXPECT_EQ(status.size, 9u);
  EXPECT_EQ(status.mtime, -5);
  EXPECT_EQ(status.mtime_nanoseconds, 6u);
  EXPECT_EQ(status.mode, 0644u);
  EXPECT_FALSE(decode_status(bytes + "x"));
  auto error = decode_error(wire::Writer().u32(3).string("no\x1b").str()).value();
  EXPECT_EQ(error.code, Errc::refused);
  EXPECT_EQ(error.message, "no\\x1b");
  EXPECT_EQ(decode_error(wire::Writer().u32(999).string("").str())->code, Errc::system);
  EXPECT_FALSE(decode_error("abc"));
}

// ---- a file ------------------------------------------------------------------------------------

class ARemoteFile : public testing::Test {
 protected:
  ARemoteFile() {
    options_ = options_for_test(folder_, 1, fingerprints_);
    server_.file_answers = [this](std::string_view bytes) { return file_.answer(bytes); };
  }
  std::optional<Error> play(std::function<awaitable<void>(async::Host&)> scenario) {
    std::optional<Error> error;
    io::spawn_logged(context_.get_executor(), "server", server_.serve());
    asio::co_spawn(context_, with_host(std::move(scenario)), [&](std::exception_ptr failure) {
      if (failure) error = io::to_error(failure);
    });
    context_.run();
    return error;
  }
  awaitable<void> with_host(std::function<awaitable<void>(async::Host&)> scenario) {
    auto host = co_await async::connect(server_.address(), options_);
    co_await scenario(host);
  }

  asio::io_context context_{1};
  ServerForTest server_{context_};
  FakeFile file_{"0123456789"};
  TestFolder folder_;
  ConnectOptions options_;
  std::vector<std::string> fingerprints_;
};

awaitable<void> read_into(async::File& file, std::uint64_t offset, std::span<char> into,
                          std::vector<std::size_t>& sizes) {
  sizes.push_back(co_await file.read_at(offset, into));
}

TEST_F(ARemoteFile, IsReadAndWrittenAnywhere) {
  auto error = play([this](async::Host& host) -> awaitable<void> {
    auto file = co_await host.open("a b", OpenMode::write);
    std::array<char, 4> four;
    EXPECT_EQ(co_await file.read_at(3, four), 4u);
    EXPECT_EQ(std::string_view(four.data(), 4), "3456");
    EXPECT_EQ(co_await file.read_at(8, four), 2u);
    EXPECT_EQ(co_await file.read_at(800, four), 0u);
    co_await file.write_at(9, "abc");
    EXPECT_EQ(file_.content, "012345678abc");
    co_await file.truncate(2);
    co_await file.sync();
    auto status = co_await file.status();
    EXPECT_EQ(status.size, 2u);
    EXPECT_EQ(status.mtime, 7);
    EXPECT_EQ(status.mode, 0600u);
  });
  EXPECT_FALSE(error) << error->message;
  EXPECT_THAT(server_.paths, ElementsAre("/v1/files/~/a%20b?mode=write"));
  EXPECT_THAT(file_.asked, ElementsAre(1, 1, 1, 2, 4, 5, 3));
  EXPECT_THAT(server_.resets, IsEmpty()) << "closing is no reset";
}

TEST_F(ARemoteFile, MovesMoreThanAFrameHolds) {
  std::string large(5'000'001, '\0');
  for (std::size_t i = 0; i < large.size(); ++i) large[i] = static_cast<char>(i * 7 / 5);
  auto error = play([&](async::Host& host) -> awaitable<void> {
    auto file = co_await host.open("x", OpenMode::create);
    co_await file.write_at(10, large);
    std::string back(large.size() + 100, '\0');
    EXPECT_EQ(co_await file.read_at(10, back), large.size());
    back.resize(large.size());
    EXPECT_TRUE(back == large);
  });
  EXPECT_FALSE(error) << error->message;
}

TEST_F(ARemoteFile, DoesManyThingsAtATime) {
  auto error = play([](async::Host& host) -> awaitable<void> {
    auto file = co_await host.open("x");
    std::array<char, 3> a, b, c;
    std::vector<std::size_t> sizes;
    std::vector<awaitable<void>> reads;
    reads.push_back(read_into(file, 0, a, sizes));
    reads.push_back(read_into(file, 8, b, sizes));
    reads.push_back(read_into(file, 5, c, sizes));
    co_await io::all_or_none(std::move(reads));
    EXPECT_THAT(sizes, ElementsAre(3, 2, 3));
    EXPECT_THAT(c, ElementsAre('5', '6', '7'));
  });
  EXPECT_FALSE(error) << error->message;
}

TEST_F(ARemoteFile, AFailureIsOfOneOperation) {
  file_.all_answer = file_frame(67, wire::Writer().u32(10).string("no space left").str());
  auto error = play([this](async::Host& host) -> awaitable<void> {
    auto file = co_await host.open("x", OpenMode::write);
    try {
      co_await file.write_at(0, "x");
      ADD_FAILURE() << "it did not work";
    } catch (const Failure& failure) {
      EXPECT_EQ(failure.code(), Errc::system);
      EXPECT_STREQ(failure.what(), "no space left");
    }
    file_.all_answer.clear();
    EXPECT_EQ((co_await file.status()).size, 10u);
  });
  EXPECT_FALSE(error) << error->message;
}

TEST_F(ARemoteFile, TellsWhyItIsNotOpened) {
  server_.file_status = 404;
  auto error = play([](async::Host& host) -> awaitable<void> { co_await host.open("x"); });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code, Errc::not_found);
  EXPECT_EQ(error->message, "no such file");
}

TEST_F(ARemoteFile, AHostThatSendsMoreThanWasAskedForIsGivenUp) {
  file_.all_answer = file_frame(65, "12345");
  auto error = play([](async::Host& host) -> awaitable<void> {
    auto file = co_await host.open("x");
    std::array<char, 4> four;
    co_await file.read_at(0, four);
  });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code, Errc::malformed);
  EXPECT_THAT(error->message, HasSubstr("more of the file"));
}

TEST_F(ARemoteFile, AHostThatAnswersSomethingElseIsGivenUp) {
  file_.all_answer = file_frame(64, wire::Writer().u32(0).str());
  auto error = play([](async::Host& host) -> awaitable<void> {
    auto file = co_await host.open("x");
    co_await file.status();
  });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code, Errc::malformed);
}

TEST_F(ARemoteFile, WhatIsUnderWayEndsWithTheConnection) {
  server_.vanish_on_file = true;
  auto error = play([](async::Host& host) -> awaitable<void> {
    auto file = co_await host.open("x");
    co_await file.status();
  });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code, Errc::closed);
}

TEST_F(ARemoteFile, MayBeDestroyedWhileItWorks) {
  server_.hold_files = true;
  std::optional<Error> ended;
  auto error = play([&](async::Host& host) -> awaitable<void> {
    auto executor = co_await asio::this_coro::executor;
    std::array<char, 4> four;
    Broadcast changed(executor);
    {
      auto file = co_await host.open("x");
      asio::co_spawn(executor, file.read_at(0, four), [&](std::exception_ptr failure, std::size_t) {
        ended = io::to_error(failure);
        changed.notify_all();
      });
      co_await asio::post(executor, asio::use_awaitable);
    }
    while (!ended) co_await changed.wait();
  });
  EXPECT_FALSE(error) << error->message;
  EXPECT_EQ(ended->code, Errc::cancelled);
}

}  // namespace
}  // namespace nigh::client
