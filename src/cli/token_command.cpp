// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <chrono>
#include <nlohmann/json.hpp>

#include "base/text.hpp"
#include "cli/command.hpp"
#include "cli/connecting.hpp"
#include "cli/console.hpp"
#include "cli/duration.hpp"
#include "cli/outcome.hpp"
#include "cli/token_arguments.hpp"

namespace nigh::cli {
namespace {

int print_token(const Token& token, bool json) {
  auto text = printable(token.text);
  if (json) {
    nlohmann::ordered_json object{
        {"id", printable(token.id)}, {"token", text}, {"expires", rfc3339(token.expires)}};
    return print(object.dump() + '\n', 1);
  }
  if (int failed = print(text + '\n', 1); failed != 0) return failed;
  using namespace std::chrono;
  auto left = round<seconds>(token.expires - system_clock::now());
  tell(fmt::format("nigh: token {} is good for {}, until {}", printable(token.id), describe(left),
                   rfc3339(token.expires)));
  return 0;
}

boost::asio::awaitable<int> make_or_revoke(Supervisor& supervisor,
                                           const TokenArguments& arguments) {
  auto host = co_await connect(supervisor, arguments.host, arguments.connect);
  if (arguments.revoke.empty())
    co_return print_token(co_await host.token(arguments.lifetime), arguments.json);
  co_await host.revoke_token(arguments.revoke);
  tell(fmt::format("nigh: token {} is revoked", printable(arguments.revoke)));
  co_return 0;
}

int act(const TokenArguments& arguments) {
  Supervisor supervisor;
  try {
    return supervisor.run(make_or_revoke(supervisor, arguments));
  } catch (const Failure& failure) {
    throw Failure(failure.code(), fmt::format("{}: {}", arguments.host, failure.what()));
  }
}

}  // namespace

int token_command(const Arguments& arguments) {
  return handle(token_usage(), parse_token(arguments), act);
}

}  // namespace nigh::cli
