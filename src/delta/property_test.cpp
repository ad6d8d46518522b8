// SPDX-License-Identifier: Apache-2.0
// Whatever was done to a small file, the pieces make it again; fixed seeds.
#include "delta/simulator_for_test.hpp"

namespace nigh::delta {

namespace {

class Editor {
 public:
  explicit Editor(std::uint64_t seed) : random_(seed) {}

  std::size_t below(std::size_t limit) { return limit == 0 ? 0 : random_() % limit; }

  // Of few values where `plain`: then much repeats, and hashes have much to confuse.
  std::string content(std::size_t size) {
    auto bytes = random_bytes(size, random_);
    if (below(4) == 0)
      for (auto& byte : bytes) byte = static_cast<char>(byte & 1);
    if (below(8) == 0) bytes.assign(size, '\0');
    return bytes;
  }

  std::string repeated() {
    const auto part = content(1 + below(700));
    std::string whole;
    for (auto times = below(60); times > 0; --times) whole += part;
    return whole;
  }

  std::string edited(std::string file) {
    for (auto edits = below(6); edits > 0; --edits) edit(file);
    return file;
  }

 private:
  void edit(std::string& file) {
    const auto at = below(file.size() + 1);
    const auto length = below(file.size() - at + 1);
    const auto some = std::min(length, below(600));
    switch (below(10)) {
      case 0:
        file.insert(at, content(below(3000)));
        break;
      case 1:
        file.erase(at, some);
        break;
      case 2:
        file.erase(at, length);
        break;
      case 3:
        file.replace(at, some, content(some));
        break;
      case 4:
        file.replace(at, length, std::string(length, '\0'));
        break;
      case 5:
        file.resize(at);
        break;
      case 6:
        file += content(below(2000));
        break;
      case 7:
        file += file.substr(at, length);
        break;
      case 8:
        move(file, at, length);
        break;
      default:
        file.insert(at, std::string(below(2000), '\0'));
    }
  }

  void move(std::string& file, std::size_t at, std::size_t length) {
    const auto part = file.substr(at, length);
    file.erase(at, length);
    file.insert(below(file.size() + 1), part);
  }

  Random random_;
};

void expect_covered(const Case& c, const std::vector<Piece>& pieces, std::uint64_t seed) {
  std::uint64_t at = 0;
  for (const auto& piece : pieces) {
    ASSERT_EQ(piece.offset, at) << "seed " << seed;
    ASSERT_GT(piece.length, 0U) << "seed " << seed;
    if (piece.from && *piece.from < c.fixed)
      ASSERT_EQ(*piece.from, piece.offset) << "seed " << seed;
    at += piece.length;
  }
  ASSERT_EQ(at, c.file.size()) << "seed " << seed;
}

TEST(DeltaProperty, AnyEditedFileIsMadeAgain) {
  std::size_t saved = 0;
  for (std::uint64_t seed = 0; seed < 3000; ++seed) {
    Editor editor(seed);
    const auto basis =
        editor.below(3) == 0 ? editor.repeated() : editor.content(editor.below(20'000));
    const auto file = editor.edited(basis);
    const Case c{.basis = basis,
                 .file = file,
                 .fixed = editor.below(4) == 0 ? editor.below(basis.size() + 1) : 0,
                 .costs = {.round_trip_bytes = editor.below(3) * 100}};
    const auto outcome = simulate(c, seed);
    ASSERT_EQ(outcome.made, file) << "seed " << seed;
    expect_covered(c, outcome.pieces, seed);
    ASSERT_LE(outcome.literal, file.size());
    saved += file.size() - outcome.literal;
  }
  EXPECT_GT(saved, std::size_t{10'000'000}) << "matches are the point of it";
}

TEST(DeltaProperty, OnlyDataIsCoveredWhereThereAreHoles) {
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    Editor editor(seed);
    const auto basis = editor.content(5000 + editor.below(15'000));
    auto file = editor.edited(basis);
    file.resize(file.size() + 3000);
    std::vector<Span> data;
    for (std::size_t at = editor.below(3000); at < file.size();) {
      const auto length = std::min(file.size() - at, 1 + editor.below(4000));
      data.push_back({at, length});
      const auto hole = at + length;
      at = std::min(file.size(), hole + 1 + editor.below(3000));
      std::fill(file.begin() + static_cast<std::ptrdiff_t>(hole),
                file.begin() + static_cast<std::ptrdiff_t>(at), '\0');
    }
    std::fill_n(file.begin(), data.front().offset, '\0');
    const auto outcome = simulate(
        {.basis = basis, .file = file, .costs = {.round_trip_bytes = 0}, .data = data}, seed);
    ASSERT_EQ(outcome.made, file) << "seed " << seed;
    std::vector<Span> covered;
    for (const auto& piece : outcome.pieces)
      if (!covered.empty() && covered.back().offset + covered.back().length == piece.offset)
        covered.back().length += piece.length;
      else
        covered.push_back({piece.offset, piece.length});
    ASSERT_EQ(covered, data) << "seed " << seed;
  }
}

}  // namespace

}  // namespace nigh::delta
