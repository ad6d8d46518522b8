// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "wire/base64.hpp"
#include "wire/message.hpp"
#include "wire/reader.hpp"

namespace nigh::wire {
namespace {

using namespace std::string_literals;

TEST(ReaderTest, ReadsWhatWriterWrote) {
  auto bytes = Writer().u8(1).u32(0xA1B2C3D4).u64(0x0102030405060708).string("hi").str();
  EXPECT_EQ(bytes, "\x01\xA1\xB2\xC3\xD4\x01\x02\x03\x04\x05\x06\x07\x08\x00\x00\x00\x02hi"s);
  Reader in(bytes);
  EXPECT_EQ(in.u8(), 1);
  EXPECT_EQ(in.u32(), 0xA1B2C3D4);
  EXPECT_EQ(in.u64(), 0x0102030405060708u);
  EXPECT_EQ(in.string(), "hi");
  EXPECT_TRUE(in.finish("it"));
}

TEST(ReaderTest, AfterOneFailureEveryReadFails) {
  auto bytes = "\x00\x00\x00\x09zz"s;
  Reader in(bytes);
  EXPECT_EQ(in.string(), "");
  EXPECT_FALSE(in.ok());
  EXPECT_EQ(in.u8(), 0);
  EXPECT_EQ(in.finish("it").error().message, "it is cut short");
}

TEST(ReaderTest, LeftOverBytesAreAnError) {
  Reader in("ab");
  in.u8();
  EXPECT_EQ(in.finish("it").error().message, "it has 1 bytes too many");
}

TEST(Base64Test, Rfc4648Vectors) {
  EXPECT_EQ(base64(""), "");
  EXPECT_EQ(base64("f"), "Zg==");
  EXPECT_EQ(base64("fo"), "Zm8=");
  EXPECT_EQ(base64("foobar"), "Zm9vYmFy");
  EXPECT_EQ(base64_unpadded("fo"), "Zm8");
  EXPECT_EQ(base64url("\xfb\xff"), "-_8");
  EXPECT_EQ(*base64_decode("Zm8="), "fo");
  EXPECT_EQ(*base64_decode("Zm8"), "fo");
  EXPECT_EQ(*base64url_decode("-_8"), "\xfb\xff");
}

TEST(Base64Test, WhatIsNotBase64IsRefused) {
  for (auto bad : {"Zm8 =", "Zm8==", "Z", "Zm9=", "Zg=a", "====", "Zm9v\n", "=", "-_8"})
    EXPECT_FALSE(base64_decode(bad)) << bad;
}

enum class Colour : std::uint32_t { red, green, kLast = green };
struct Inner {
  std::string name;
  std::vector<std::string> words;
  static constexpr auto fields = std::tuple(&Inner::name, &Inner::words);
};
struct Outer {
  bool flag = false;
  Colour colour = Colour::red;
  std::int64_t when = 0;
  std::optional<Inner> inner;
  static constexpr auto fields =
      std::tuple(&Outer::flag, &Outer::colour, &Outer::when, &Outer::inner);
};
using Any = std::variant<Inner, Outer>;

TEST(MessageTest, RoundTrip) {
  Any sent = Outer{true, Colour::green, -5, Inner{"n", {"a", ""}}};
  auto got = std::get<Outer>(decode<Any>(encode(sent)).value());
  EXPECT_TRUE(got.flag);
  EXPECT_EQ(got.colour, Colour::green);
  EXPECT_EQ(got.when, -5);
  EXPECT_EQ(got.inner->words, (std::vector<std::string>{"a", ""}));
}

TEST(MessageTest, BadBytesAreRefused) {
  auto good = encode(Any(Outer{}));
  EXPECT_FALSE(decode<Any>(""));
  EXPECT_FALSE(decode<Any>(good.substr(0, good.size() - 1)));
  EXPECT_FALSE(decode<Any>(good + "x"));
  auto unknown = good;
  unknown[0] = 2;
  EXPECT_FALSE(decode<Any>(unknown));
  auto not_bool = good;
  not_bool[1] = 2;
  EXPECT_FALSE(decode<Any>(not_bool));
  auto not_colour = good;
  not_colour[5] = 2;
  EXPECT_FALSE(decode<Any>(not_colour));
}

TEST(MessageTest, AHugeCountAllocatesNothing) {
  auto bytes = Writer().u8(0).string("n").u32(0xFFFFFFFF).str();
  EXPECT_FALSE(decode<Any>(bytes));
}

}  // namespace
}  // namespace nigh::wire
