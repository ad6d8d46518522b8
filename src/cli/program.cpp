// SPDX-License-Identifier: Apache-2.0
#include "cli/program.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdlib>

#include "base/text.hpp"
#include "cli/command.hpp"
#include "cli/console.hpp"
#include "cli/suggest.hpp"

namespace nigh::cli {
namespace {

struct Entry {
  std::string_view name;
  int (*run)(const Arguments&);
};
// --help and --version in the place of a command are commands.
constexpr std::array kCommands{Entry{"run", run_command},
                               Entry{"cp", cp_command},
                               Entry{"sync", sync_command},
                               Entry{"ls", ls_command},
                               Entry{"cat", cat_command},
                               Entry{"rm", rm_command},
                               Entry{"mkdir", mkdir_command},
                               Entry{"mv", mv_command},
                               Entry{"stat", stat_command},
                               Entry{"du", du_command},
                               Entry{"serve", serve_command},
                               Entry{"token", token_command},
                               Entry{"doctor", doctor_command},
                               Entry{"version", version_command},
                               Entry{"--version", version_command},
                               Entry{"-V", version_command},
                               Entry{"help", help_command},
                               Entry{"--help", help_command},
                               Entry{"-h", help_command}};

}  // namespace

int run_program(const Arguments& arguments) {
  if (arguments.empty()) return help_command({});
  auto entry = std::ranges::find(kCommands, arguments[0], &Entry::name);
  if (entry == kCommands.end()) return unknown_command(arguments[0]);
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
