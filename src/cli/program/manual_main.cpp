// SPDX-License-Identifier: Apache-2.0
// Makes a manual page at build time: nigh_manual SOURCE PAGE
#include <fmt/format.h>

#include <fstream>
#include <iterator>

#include "cli/console.hpp"
#include "cli/manual.hpp"
#include "cli/version.hpp"

int main(int argc, char** argv) {
  using namespace nigh::cli;
  if (argc != 3) {
    complain("usage: nigh_manual SOURCE PAGE");
    return 2;
  }
  std::ifstream source(argv[1]);
  std::string text{std::istreambuf_iterator<char>(source), {}};
  auto page = manual_page(text, kVersion);
  if (!page) {
    complain(fmt::format("{}:{}", argv[1], page.error().message));
    return 1;
  }
  std::ofstream out(argv[2]);
  out << *page << std::flush;
  return out ? 0 : 1;
}
