// SPDX-License-Identifier: Apache-2.0
#include "cli/command.hpp"
#include "cli/serve_arguments.hpp"
#include "server/serve.hpp"

namespace nigh::cli {
namespace {

int act(const ServeArguments& arguments) {
  server::ServeOptions options;
  options.listen = arguments.listen;
  options.publish = arguments.publish;
  options.config_file = arguments.config_file;
  options.authorized_keys = arguments.authorized_keys;
  options.host_key = arguments.host_key;
  options.check = arguments.check;
  options.log_level = arguments.log_level;
  return server::serve_main(options);
}

}  // namespace

int serve_command(const Arguments& arguments) {
  return handle(serve_usage(), parse_serve(arguments), act);
}

}  // namespace nigh::cli
