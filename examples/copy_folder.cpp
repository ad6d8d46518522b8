// SPDX-License-Identifier: Apache-2.0
// Copies a folder to a host and looks at it there: copy_folder FOLDER HOST
#include <nigh/nigh.hpp>

#include <array>
#include <iostream>
#include <string>

namespace {

// Only what differs is sent, so that doing it again costs a round trip.
void copy(nigh::Host& host, const std::string& folder) {
  nigh::TransferEvents events;
  events.on_failure = [](const nigh::TransferFailure& failure) {
    std::cerr << failure.path << ": " << failure.error.message << '\n';
  };
  auto report = host.sync_to(folder, "copied", {}, events);
  std::cout << report.files << " files written, " << report.unchanged << " unchanged\n";
}

void show(nigh::Host& host) {
  for (const auto& entry : host.list("copied")) {
    std::cout << entry.path << ": " << nigh::name(entry.kind) << ", " << entry.size << " bytes\n";
    if (entry.kind != nigh::FileKind::file) continue;
    // Any part of a file, without the rest.
    auto file = host.open("copied/" + entry.path);
    std::array<char, 16> begin;
    auto size = file.read_at(0, begin);
    std::cout << "  begins with " << size << " bytes: " << std::string(begin.data(), size) << '\n';
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: copy_folder FOLDER HOST\n";
    return 2;
  }
  try {
    auto host = nigh::connect(argv[2]);
    copy(host, argv[1]);
    show(host);
  } catch (const nigh::Failure& failure) {
    std::cerr << "copy_folder: " << failure.what() << '\n';
    return 1;
  }
}
