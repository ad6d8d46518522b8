// SPDX-License-Identifier: Apache-2.0
// A command there as a filter here, for as long as it takes: it goes on when the connection is
// lost, and no byte is lost or doubled: lasting_command HOST WORD...
#include <nigh/async.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <iostream>
#include <string>
#include <vector>

namespace asio = boost::asio;

namespace {

asio::awaitable<void> run(std::string target, std::vector<std::string> words, int& status) {
  try {
    auto host = co_await nigh::async::connect(target);
    nigh::Command command(std::move(words));
    command.resume = true;
    auto process = co_await host.start(std::move(command));
    nigh::ContactEvents events;
    events.on_lost = [](std::string why) { std::cerr << "lost: " << why << '\n'; };
    events.on_resumed = [] { std::cerr << "resumed\n"; };
    process.on_contact(std::move(events));
    auto exit = co_await process.forward({});
    status = exit.shell_status();
  } catch (const nigh::Failure& failure) {
    std::cerr << target << ": " << failure.what() << '\n';
  }
}

}  // namespace

// run() reports what it expects; anything else ends the program through io.run().
void rethrow(std::exception_ptr failure) {
  if (failure) std::rethrow_exception(failure);
}

int main(int argc, char** argv) {
  if (argc < 3) {
    std::cerr << "usage: lasting_command HOST WORD...\n";
    return 2;
  }
  asio::io_context io(1);
  int status = 255;
  asio::co_spawn(io, run(argv[1], {argv + 2, argv + argc}, status), rethrow);
  io.run();
  return status;
}
