// SPDX-License-Identifier: Apache-2.0
// connect-rate: makes authenticated connections as fast as it can, a few at a time, with the
// library that every client uses: TCP, TLS, host key, signature, first answer, close.
#include <fmt/format.h>
#include <stdio.h>
#include <nigh/async.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <charconv>
#include <chrono>
#include <exception>
#include <string>
#include <string_view>

namespace {

namespace asio = boost::asio;

struct Job {
  std::string host;
  nigh::ConnectOptions options;
  int left = 0;  // connections that are not begun yet
  int failed = 0;
  std::string first_failure;
};

// One of several that share a job; each has one connection at a time.
asio::awaitable<void> connect_repeatedly(Job& job) {
  while (job.left-- > 0) {
    try {
      nigh::async::Host host = co_await nigh::async::connect(job.host, job.options);
    } catch (const nigh::Failure& failure) {
      if (job.failed++ == 0) job.first_failure = failure.what();
    }
  }
}

// What is not a nigh::Failure ends the program.
void rethrow(std::exception_ptr failure) {
  if (failure) std::rethrow_exception(failure);
}

// The first connection writes known_hosts; it is not part of the figure.
bool warm_up(Job& job) {
  asio::io_context io(1);
  job.left = 1;
  asio::co_spawn(io, connect_repeatedly(job), rethrow);
  io.run();
  return job.failed == 0;
}

double measure(Job& job, int connections, int at_once) {
  asio::io_context io(1);
  job.left = connections;
  auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < at_once; ++i) asio::co_spawn(io, connect_repeatedly(job), rethrow);
  io.run();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

int number(std::string_view text) {
  int value = 0;
  auto [end, error] = std::from_chars(text.begin(), text.end(), value);
  return error == std::errc() && end == text.end() ? value : 0;
}

}  // namespace

int main(int argc, char** argv) {
  int connections = argc == 5 ? number(argv[3]) : 0;
  int at_once = argc == 5 ? number(argv[4]) : 0;
  if (connections < 1 || at_once < 1) {
    fmt::print(stderr,
               "usage: connect-rate HOST:PORT IDENTITY CONNECTIONS AT_ONCE\n"
               "Prints {{\"seconds\": …, \"failed\": …}}.\n");
    return 2;
  }
  Job job;
  job.host = argv[1];
  job.options.identities = {argv[2]};
  job.options.accept_new = true;
  double seconds = warm_up(job) ? measure(job, connections, at_once) : 0;
  if (job.failed > 0) fmt::print(stderr, "connect-rate: {}\n", job.first_failure);
  fmt::print("{{\"seconds\": {}, \"failed\": {}}}\n", seconds, job.failed);
  return job.failed == 0 ? 0 : 1;
}
