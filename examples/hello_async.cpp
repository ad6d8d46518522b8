// SPDX-License-Identifier: Apache-2.0
// Runs one command on many hosts at the same time, on one thread: hello_async HOST...
#include <nigh/async.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <iostream>
#include <string>

namespace asio = boost::asio;

namespace {

asio::awaitable<void> greet(std::string target, int& failures) {
  try {
    auto host = co_await nigh::async::connect(target);
    auto result = co_await host.run({"uname", "-s"});
    std::cout << target << ": " << result.out;
    if (!result.exit.ok()) ++failures;
  } catch (const nigh::Failure& failure) {
    std::cerr << target << ": " << failure.what() << '\n';
    ++failures;
  }
}

}  // namespace

// greet() reports what it expects; anything else ends the program through io.run().
void rethrow(std::exception_ptr failure) {
  if (failure) std::rethrow_exception(failure);
}

int main(int argc, char** argv) {
  asio::io_context io(1);
  int failures = 0;
  for (int i = 1; i < argc; ++i) asio::co_spawn(io, greet(argv[i], failures), rethrow);
  io.run();
  return failures == 0 ? 0 : 1;
}
