// SPDX-License-Identifier: Apache-2.0
#include "cli/connecting.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <optional>

#include "base/text.hpp"
#include "cli/console.hpp"
#include "cli/host_key_question.hpp"
#include "cli/style.hpp"

namespace nigh::cli {
namespace {

void tell_step(const std::string& host, const Step& step) {
  auto milliseconds = static_cast<double>(step.since_start.count()) / 1000;
  auto line =
      fmt::format("nigh: {}: {:7.1f} ms  {}", printable(host), milliseconds, printable(step.text));
  tell(Style::of(STDERR_FILENO).dim(line));
}

// What became of the question about an unknown host.
struct Asked {
  UnknownHostKey key;
  Decision decision;
};

Failure explain(const Asked& asked) {
  auto key = fmt::format("{} {}", asked.key.key_type, asked.key.fingerprint);
  if (asked.decision == Decision::declined)
    return {Errc::refused, fmt::format("the host key ({}) was not accepted", key)};
  return {Errc::refused,
          fmt::format("the host is not known, and there is no terminal to ask at: compare its key "
                      "({}) with what `nigh serve` or `ssh-keygen -lf` shows on the host, then "
                      "use --accept-new",
                      key)};
}

}  // namespace

ConnectOptions connect_options(const std::string& host, const ConnectArguments& arguments) {
  ConnectOptions options;
  options.identities.assign(arguments.identities.begin(), arguments.identities.end());
  options.accept_new = arguments.accept_new;
  options.jump = arguments.jump;
  options.kept = arguments.no_share ? Kept::never : arguments.share ? Kept::start : Kept::use;
  options.keeper = "/proc/self/exe";
  if (arguments.timeout) options.timeout = *arguments.timeout;
  options.resume_limit = arguments.resume_limit;
  if (arguments.verbose) options.on_step = [host](const Step& step) { tell_step(host, step); };
  return options;
}

boost::asio::awaitable<async::Host> connect(Supervisor& supervisor, std::string host,
                                            ConnectArguments arguments) {
  std::optional<Asked> asked;
  auto options = connect_options(host, arguments);
  options.confirm_host_key = [&](const UnknownHostKey& key) {
    asked = Asked{key, ask_about(key, host, supervisor)};
    return asked->decision == Decision::trusted;
  };
  try {
    co_return co_await async::connect(host, options);
  } catch (const Failure&) {
    if (!asked || asked->decision == Decision::trusted) throw;
  }
  throw explain(*asked);
}

}  // namespace nigh::cli
