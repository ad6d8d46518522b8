// SPDX-License-Identifier: Apache-2.0
#include "cli/program.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdlib>
#include <nigh/async.hpp>

#include "base/text.hpp"
#include "cli/command.hpp"
#include "cli/console.hpp"
#include "cli/first_word.hpp"
#include "cli/suggest.hpp"
#include "cli/supervisor.hpp"

namespace nigh::cli {
namespace {

struct Entry {
  std::string_view name;
  int (*run)(const Arguments&);
};
// --help and --version in the place of a command are commands.
constexpr std::array kCommands{Entry{"run", run_command},
                               Entry{"shell", shell_command},
                               Entry{"forward", forward_command},
                               Entry{"attach", attach_command},
                               Entry{"sessions", sessions_command},
                               Entry{"kill", kill_command},
                               Entry{"wait", wait_command},
                               Entry{"cp", cp_command},
                               Entry{"sync", sync_command},
                               Entry{"ls", ls_command},
                               Entry{"cat", cat_command},
                               Entry{"rm", rm_command},
                               Entry{"mkdir", mkdir_command},
                               Entry{"mv", mv_command},
                               Entry{"stat", stat_command},
                               Entry{"du", du_command},
                               Entry{"listen", listen_command},
                               Entry{"connect", connect_command},
                               Entry{"send", send_command},
                               Entry{"recv", recv_command},
                               Entry{"serve", serve_command},
                               Entry{"status", status_command},
                               Entry{"disconnect", disconnect_command},
                               Entry{"token", token_command},
                               Entry{"doctor", doctor_command},
                               Entry{"version", version_command},
                               Entry{"--version", version_command},
                               Entry{"-V", version_command},
                               Entry{"help", help_command},
                               Entry{"--help", help_command},
                               Entry{"-h", help_command}};

boost::asio::awaitable<int> look_for_host(std::string word) {
  co_return co_await async::knows_host(std::move(word)) ? 1 : 0;
}

// Whether something speaks of such a host. A configuration that cannot be read does not.
bool is_known_host(const std::string& word) {
  try {
    Supervisor supervisor;
    return supervisor.run(look_for_host(word)) == 1;
  } catch (const Failure&) {
    return false;
  }
}

int run_with_host(const Arguments& arguments) {
  const auto& word = arguments[0];
  auto what = first_word(word);
  if (what == FirstWord::nothing) return unknown_command(word);
  if (what == FirstWord::host || is_known_host(word)) return shell_command(arguments);
  complain(
      fmt::format("there is no command '{}'; did you mean {}? If it is a host: nigh shell {} "
                  "(nigh --help)",
                  word, *suggest(word, command_names()), word));
  return kUsageStatus;
}

}  // namespace

int run_program(const Arguments& arguments) {
  if (arguments.empty()) return help_command({});
  auto entry = std::ranges::find(kCommands, arguments[0], &Entry::name);
  if (entry == kCommands.end()) return run_with_host(arguments);
  return entry->run(Arguments(arguments.begin() + 1, arguments.end()));
}

int unknown_command(std::string_view name) {
  auto near = suggest(name, command_names());
  complain(fmt::format("there is no command '{}'{} (nigh --help)", printable(name),
                       near ? fmt::format("; did you mean {}?", *near) : ""));
  return kUsageStatus;
}

void prepare_process() {
  for (int fd = 0; fd < 3; ++fd) {
    // open() gives the lowest number that is free: `fd`, since all below are open.
    bool open = ::fcntl(fd, F_GETFD) >= 0;
    if (!open && ::open("/dev/null", O_RDWR | O_NOCTTY) != fd) std::abort();
  }
  (void)std::signal(SIGPIPE, SIG_IGN);
}

}  // namespace nigh::cli
