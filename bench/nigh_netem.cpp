// SPDX-License-Identifier: Apache-2.0
// nigh-netem: a long, narrow or lossy network between two network namespaces, for kernels that
// have no netem. It lives as long as its stdin is open, and takes its namespaces with it.
#include <fmt/format.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>

#include "emulator/emulator.hpp"

namespace {

using namespace nigh;
using namespace nigh::emulator;

constexpr const char* kUsage =
    "usage: nigh-netem NAMESPACE_A NAMESPACE_B [COMMAND...]\n"
    "\n"
    "Makes both network namespaces and joins them: 10.99.0.1 is A, 10.99.0.2 is B. Prints\n"
    "\"ready\", then reads more commands, one a line, from stdin; ends at its end or on SIGTERM,\n"
    "and removes the namespaces. Commands:\n"
    "  'delay 50ms'   one way, so a round trip takes 100 ms\n"
    "  'rate 1gbit'   or unlimited\n"
    "  'loss 1%'      of the packets, by chance; 'seed 7' gives other chances\n"
    "  'queue 500000' bytes that may wait for the rate limit; auto is one round trip's worth\n"
    "  down, up       an outage: what is under way is lost too\n"
    "  stats          counters of both directions (A to B first)\n"
    "\n"
    "Example: nigh-netem near far 'delay 50ms' 'rate 1gbit'\n"
    "         ip netns exec near ssh 10.99.0.2\n";

// Signals become a readable descriptor, so that the namespaces are removed by destructors.
Result<UniqueFd> watch_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (int number : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&set, number);
  if (sigprocmask(SIG_BLOCK, &set, nullptr) < 0) return fail_errno("cannot block signals", errno);
  UniqueFd fd(signalfd(-1, &set, SFD_CLOEXEC));
  if (!fd.valid()) return fail_errno("cannot make a signalfd", errno);
  return fd;
}

Result<void> run(const char* name_a, const char* name_b, const Conditions& conditions) {
  auto stop = watch_signals();
  if (!stop) return std::unexpected(stop.error());
  prctl(PR_SET_TIMERSLACK, 1000);  // ns; the default of 50 us would show in short delays
  auto place_a = Namespace::create(name_a);
  if (!place_a) return std::unexpected(place_a.error());
  auto place_b = Namespace::create(name_b);
  if (!place_b) return std::unexpected(place_b.error());
  auto a = TunDevice::open(*place_a, "10.99.0.1");
  if (!a) return std::unexpected(a.error());
  auto b = TunDevice::open(*place_b, "10.99.0.2");
  if (!b) return std::unexpected(b.error());
  fmt::print("ready\n");
  fflush(stdout);
  return Emulator(*std::move(a), *std::move(b), conditions).run(STDIN_FILENO, stop->get());
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3 || std::string_view(argv[1]).starts_with('-')) {
    fmt::print(stderr, "{}", kUsage);
    return 2;
  }
  Conditions conditions;
  for (int i = 3; i < argc; ++i) {
    if (auto r = apply_command(argv[i], conditions); !r) {
      fmt::print(stderr, "nigh-netem: {}\n", r.error().message);
      return 2;
    }
  }
  if (auto r = run(argv[1], argv[2], conditions); !r) {
    fmt::print(stderr, "nigh-netem: {}\n", r.error().message);
    return 1;
  }
  return 0;
}
