// SPDX-License-Identifier: Apache-2.0
#include "service/resource/random_frames.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "wire/base64.hpp"

namespace nigh::resource {
namespace {

std::string bytes(std::initializer_list<int> numbers) {
  std::string text;
  for (int number : numbers) text += static_cast<char>(number);
  return text;
}

const std::string kRead = bytes({1, 0, 0, 0, 12, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 16});
const std::string kWrite = bytes({2, 0, 0, 0, 11, 0, 0, 0, 0, 0, 0, 0, 7}) + "abc";
const std::string kStat = bytes({3, 0, 0, 0, 0});
const std::string kTruncate = bytes({4, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 9});
const std::string kSync = bytes({5, 0, 0, 0, 0});

// What the requests in it are, as text.
std::string shown(const FileRequest& request) {
  if (const auto* read = std::get_if<ReadAt>(&request))
    return "read " + std::to_string(read->offset) + " " + std::to_string(read->length);
  if (const auto* write = std::get_if<WriteAt>(&request))
    return "write " + std::to_string(write->offset) + " " + std::string(write->bytes);
  if (const auto* truncate = std::get_if<Truncate>(&request))
    return "truncate " + std::to_string(truncate->size);
  return std::holds_alternative<Stat>(request) ? "stat" : "sync";
}

std::vector<std::string> decoded(const std::string& stream, std::size_t piece) {
  FileRequestDecoder decoder;
  std::vector<std::string> all;
  for (std::size_t at = 0; at < stream.size(); at += piece) {
    decoder.feed(std::string_view(stream).substr(at, piece));
    for (;;) {
      auto request = decoder.next();
      if (!request) {
        all.push_back(std::string(name(request.error().code)));
        return all;
      }
      if (!*request) break;
      all.push_back(shown(**request));
    }
  }
  if (!decoder.finish()) all.emplace_back("incomplete");
  return all;
}

TEST(FileRequestDecoderTest, PiecesOfAnySizeGiveTheSameRequests) {
  const auto stream = kRead + kWrite + kStat + kTruncate + kSync;
  const std::vector<std::string> expected{"read 256 16", "write 7 abc", "stat", "truncate 9",
                                          "sync"};
  for (std::size_t piece = 1; piece <= stream.size(); ++piece)
    EXPECT_EQ(decoded(stream, piece), expected) << piece;
}

TEST(FileRequestDecoderTest, AnEndInsideAFrameIsNoticed) {
  for (std::size_t size = 1; size < kWrite.size(); ++size)
    EXPECT_EQ(decoded(kWrite.substr(0, size), 100), std::vector<std::string>{"incomplete"});
}

TEST(FileRequestDecoderTest, BadFramesAreRefusedAtTheirHeader) {
  const std::pair<std::string, std::string> table[] = {
      {bytes({0, 0, 0, 0, 0}), "malformed"},
      {bytes({6, 0, 0, 0, 0}), "malformed"},
      {bytes({64, 0, 0, 0, 0}), "malformed"},
      {bytes({255, 255, 255, 255, 255}), "malformed"},
      {bytes({1, 0, 0, 0, 11}), "malformed"},
      {bytes({1, 0, 0, 0, 13}), "too-large"},
      {bytes({2, 0, 0, 0, 7}), "malformed"},
      {bytes({2, 0, 16, 0, 9}), "too-large"},
      {bytes({3, 0, 0, 0, 1}), "too-large"},
      {bytes({4, 255, 255, 255, 255}), "too-large"},
      {bytes({1, 0, 0, 0, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 16, 0, 1}), "too-large"},
  };
  for (const auto& [frame, error] : table)
    EXPECT_EQ(decoded(frame, 100), std::vector<std::string>{error}) << wire::hex(frame);
}

TEST(FileRequestDecoderTest, TheLargestReadAndWriteAreTaken) {
  auto read = bytes({1, 0, 0, 0, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 16, 0, 0});
  EXPECT_EQ(decoded(read, 100), std::vector<std::string>{"read 0 1048576"});
  auto write = bytes({2, 0, 16, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0}) + std::string(kMaxAccess, 'x');
  EXPECT_EQ(decoded(write, 4096).front().size(), std::string("write 0 ").size() + kMaxAccess);
}

TEST(FileFramesTest, AnswersAreAsDocumented) {
  EXPECT_EQ(wire::hex(data_header(258)), "4100000102");
  EXPECT_EQ(wire::hex(ok_frame(3)), "400000000400000003");
  EXPECT_EQ(wire::hex(status_frame({5, -1, 2, 0644})),
            "42000000180000000000000005ffffffffffffffff00000002000001a4");
  EXPECT_EQ(wire::hex(error_frame({Errc::refused, "no"})), "430000000a00000003000000026e6f");
}

}  // namespace
}  // namespace nigh::resource
