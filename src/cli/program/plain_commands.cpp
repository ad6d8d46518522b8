// SPDX-License-Identifier: Apache-2.0
// `nigh listen` and `nigh connect`.
#include "cli/command.hpp"
#include "cli/console.hpp"
#include "cli/plain_arguments.hpp"
#include "cli/supervisor.hpp"
#include "plain/plain.hpp"

namespace nigh::cli {
namespace {

plain::Options options_of(const PlainArguments& arguments) {
  using Kind = plain::Options::Kind;
  plain::Options options;
  options.kind = arguments.udp ? Kind::udp : arguments.path.empty() ? Kind::tcp : Kind::unix_stream;
  options.host = arguments.host;
  options.port = arguments.port;
  options.path = arguments.path;
  options.tls = {arguments.tls,         arguments.certificate, arguments.key,
                 arguments.authorities, arguments.name,        !arguments.no_check};
  options.keep_open = arguments.keep_open;
  options.print = arguments.print;
  if (arguments.timeout) options.timeout = *arguments.timeout;
  options.wait = arguments.wait;
  return options;
}

int run(const PlainArguments& arguments, bool talkative,
        boost::asio::awaitable<int> (*work)(plain::Options, plain::Stop&)) {
  Supervisor supervisor;
  plain::Stop stop;
  Supervisor::Stop interrupted(supervisor, [&stop](int signal) { stop.now(128 + signal); });
  auto options = options_of(arguments);
  options.tell = [talkative](std::string_view line) {
    if (talkative) tell(line);
  };
  return supervisor.run(work(std::move(options), stop));
}

int act_listen(const PlainArguments& arguments) {
  return run(arguments, !arguments.quiet, plain::listen);
}

int act_connect(const PlainArguments& arguments) {
  return run(arguments, arguments.verbose, plain::connect);
}

}  // namespace

int listen_command(const Arguments& arguments) {
  return handle(listen_usage(), parse_listen(arguments), act_listen);
}

int connect_command(const Arguments& arguments) {
  return handle(connect_usage(), parse_connect(arguments), act_connect);
}

}  // namespace nigh::cli
