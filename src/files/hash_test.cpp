// SPDX-License-Identifier: Apache-2.0
#include "files/hash.hpp"

#include "files/files_for_test.hpp"
#include "wire/base64.hpp"

namespace nigh::files {
namespace {

using namespace for_test;

std::string some_bytes(std::size_t size) {
  std::string bytes(size, '\0');
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>(i * i / 3);
  return bytes;
}

UniqueFd open(const std::string& path) {
  return UniqueFd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
}

TEST(HashTest, IsXxh3) {  // values of the reference implementation
  EXPECT_EQ(hash64("", 0), 0x2D06800538D394C2U);
  EXPECT_EQ(hash128("", 0).hex(), "99aa06d3014798d86001c324468d497f");
}

TEST(HashTest, PiecesMakeTheSameAsTheWhole) {
  for (std::size_t size : {0U, 1U, 16U, 17U, 128U, 129U, 240U, 241U, 1000U, 300'000U}) {
    auto bytes = some_bytes(size);
    Hasher hasher(42);
    for (std::size_t at = 0; at < size; at += 97)
      hasher.add(std::string_view(bytes).substr(at, 97));
    EXPECT_EQ(hasher.finish64(), hash64(bytes, 42)) << size;
    EXPECT_EQ(hasher.finish128(), hash128(bytes, 42)) << size;
    EXPECT_NE(hasher.finish64(), hash64(bytes, 43)) << size;
  }
}

TEST(HashTest, AFileIsHashedInChunksThatMayComeInAnyOrder) {
  Folder folder;
  auto bytes = some_bytes(2 * kChunk + 5);
  auto fd = open(folder.write("f", bytes));
  FileDigest digest(7, bytes.size());
  ASSERT_EQ(digest.count(), 3U);
  for (std::uint64_t chunk : {2, 0, 1})
    digest.set(chunk, hash128(std::string_view(bytes).substr(chunk * kChunk, kChunk), 7));
  EXPECT_EQ(unwrap(digest_file(fd.get(), bytes.size(), 7, "f")), digest.finish());
  EXPECT_NE(unwrap(digest_file(fd.get(), bytes.size(), 8, "f")), digest.finish());
  EXPECT_NE(unwrap(digest_file(fd.get(), bytes.size() - 1, 7, "f")), digest.finish());
}

TEST(HashTest, SizesAtTheEdgeOfAChunk) {
  EXPECT_EQ(FileDigest(0, 0).count(), 0U);
  EXPECT_EQ(FileDigest(0, 0).finish(), hash128("", 0));
  EXPECT_EQ(FileDigest(0, kChunk).count(), 1U);
  EXPECT_EQ(FileDigest(0, kChunk + 1).count(), 2U);
  EXPECT_EQ(FileDigest(0, ~std::uint64_t{0}).count(), std::uint64_t{1} << 42);
}

TEST(HashTest, AFileThatIsShorterThanSaidIsAnError) {
  Folder folder;
  auto fd = open(folder.write("f", "12345"));
  auto digest = digest_file(fd.get(), 6, 0, "f");
  ASSERT_FALSE(digest);
  EXPECT_EQ(digest.error().code, Errc::closed);
}

TEST(HashTest, Sha256OfFilesOfAnySize) {
  Folder folder;
  auto empty = open(folder.write("empty", ""));
  EXPECT_EQ(wire::hex(unwrap(sha256_file(empty.get(), "empty"))),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  auto abc = open(folder.write("abc", "abc"));
  EXPECT_EQ(wire::hex(unwrap(sha256_file(abc.get(), "abc"))),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  auto million = open(folder.write("a", std::string(1'000'000, 'a')));
  EXPECT_EQ(wire::hex(unwrap(sha256_file(million.get(), "a"))),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

}  // namespace
}  // namespace nigh::files
