// SPDX-License-Identifier: Apache-2.0
// Both ends of a connection that leads through a host: inside_out HOST
#include <nigh/nigh.hpp>

#include <array>
#include <iostream>
#include <string>

namespace {

std::string read_all(nigh::Stream& stream) {
  std::string all;
  std::array<char, 4096> buffer{};
  while (auto size = stream.read(buffer)) all.append(buffer.data(), size);
  return all;
}

void talk(nigh::Host& host, nigh::Listener& listener) {
  auto caller = host.dial("tcp", listener.address());
  auto answerer = listener.accept();
  caller.write("Who is there?");
  caller.close_output();
  std::cout << read_all(answerer) << '\n';
  answerer.write("It is us.");
  answerer.close_output();
  std::cout << read_all(caller) << '\n';
}

void forward(nigh::Host& host, nigh::Listener& listener) {
  auto forwarding =
      host.forward({.local = {"0:" + listener.address()}, .remote = {}, .dynamic = {}});
  for (const auto& one : forwarding.listening())
    std::cerr << one.address << " here leads to " << one.target << " there\n";
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: inside_out HOST\n";
    return 2;
  }
  try {
    auto host = nigh::connect(argv[1]);
    auto listener = host.listen("tcp", "127.0.0.1:0");
    talk(host, listener);
    forward(host, listener);
    host.dial("unix", "/nowhere");
  } catch (const nigh::Failure& failure) {
    std::cout << nigh::name(failure.code()) << '\n';
    std::cerr << failure.what() << '\n';
  }
  return 0;
}
