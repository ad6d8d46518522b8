// SPDX-License-Identifier: Apache-2.0
// Runs commands on a host with the blocking interface: hello_blocking HOST
#include <nigh/nigh.hpp>

#include <array>
#include <iostream>
#include <string>

namespace {

// A whole command: its output and its status come back together.
void greet(nigh::Host& host) {
  auto result = host.run(nigh::Command::shell("echo \"hello from $(uname)\""));
  std::cout << result.out;
  if (!result.exit.ok()) std::cerr << "status " << result.exit.shell_status() << '\n';
}

// A command as a filter: write its input, read its output while it comes.
void sort_there(nigh::Host& host) {
  auto sort = host.start({"sort"});
  for (const char* word : {"cherry\n", "apple\n", "banana\n"}) sort.write(word);
  sort.close_input();
  std::array<char, 4096> chunk;
  while (auto size = sort.read(nigh::Channel::out, chunk)) std::cout.write(chunk.data(), size);
  std::cout << "sort ended with " << sort.wait().shell_status() << '\n';
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: hello_blocking HOST\n";
    return 2;
  }
  try {
    auto host = nigh::connect(argv[1]);
    greet(host);
    sort_there(host);
  } catch (const nigh::Failure& failure) {
    std::cerr << "hello_blocking: " << failure.what() << '\n';
    return 1;
  }
}
