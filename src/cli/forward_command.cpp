// SPDX-License-Identifier: Apache-2.0
#include "cli/command.hpp"
#include "cli/connecting.hpp"
#include "cli/forward_arguments.hpp"
#include "cli/forward_report.hpp"
#include "cli/run_for_host.hpp"

namespace nigh::cli {
namespace {

boost::asio::awaitable<int> forward(Supervisor& supervisor, const ForwardArguments& arguments) {
  auto host = co_await connect(supervisor, arguments.host, arguments.connect);
  auto show = arguments.json ? ForwardReport::Show::json : ForwardReport::Show::everything;
  auto forwarding = co_await start_forwards(supervisor, host, arguments.host, arguments.forwards,
                                            show, arguments.connect.verbose);
  Supervisor::Stop stop(supervisor, [&](int) { forwarding = async::Forwarding(); });
  co_await forwarding.wait();
  co_return 0;
}

int act(const ForwardArguments& arguments) {
  try {
    check(arguments.forwards);
  } catch (const Failure& failure) {
    return usage_error("forward", failure.error(), kUsageStatus);
  }
  Supervisor supervisor;
  return run_for_host(supervisor, arguments.host, forward(supervisor, arguments), 1);
}

}  // namespace

int forward_command(const Arguments& arguments) {
  return handle(forward_usage(), parse_forward(arguments), act);
}

}  // namespace nigh::cli
