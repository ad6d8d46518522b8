// SPDX-License-Identifier: Apache-2.0
#include "cli/host_key_question.hpp"

#include <fmt/format.h>

#include "base/text.hpp"
#include "cli/host_key_answer.hpp"
#include "cli/terminal_question.hpp"

namespace nigh::cli {
namespace {

std::string question(const UnknownHostKey& key, const std::string& host) {
  return fmt::format(
      "{} is not known yet (as {}).\n"
      "Its {} key is {}.\n"
      "On the host, `nigh serve` and `ssh-keygen -lf` show the same when it is the right one.\n"
      "Trust it from now on? (yes, no, or the fingerprint) ",
      printable(host), printable(key.host), printable(key.key_type), printable(key.fingerprint));
}

}  // namespace

Decision ask_about(const UnknownHostKey& key, const std::string& host, Supervisor& supervisor) {
  TerminalQuestion terminal(supervisor);
  if (!terminal.somebody_is_there()) return Decision::nobody_to_ask;
  auto text = question(key, host);
  for (;;) {
    auto line = terminal.ask(text);
    if (!line) return Decision::declined;
    auto answer = host_key_answer(*line, key.fingerprint);
    if (answer == HostKeyAnswer::trust) return Decision::trusted;
    if (answer == HostKeyAnswer::refuse) return Decision::declined;
    text = "Please type yes, no, or the fingerprint: ";
  }
}

}  // namespace nigh::cli
