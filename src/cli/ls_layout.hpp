// SPDX-License-Identifier: Apache-2.0
// How ls arranges entries. Pure.
#pragma once

#include <nigh/files.hpp>

#include <cstddef>
#include <ctime>
#include <string>
#include <vector>

#include "cli/ls_arguments.hpp"
#include "cli/style.hpp"

namespace nigh::cli {

// Where the text goes.
struct LsScreen {
  bool terminal = false;     // names are made printable, in columns, with colours as `style` says
  std::size_t columns = 80;  // of a terminal
  Style style{false};
  std::time_t now = 0;
};

// By name, or as -t, -S and -r say; what is equal by name.
void sort_entries(std::vector<FileInfo>& entries, const LsArguments& arguments);

// Whether -a is needed to see it: a name that begins with a dot, or one below such a folder.
bool is_hidden(std::string_view path);

// The entries as lines, in their order. `path` of each is what is shown.
std::string ls_text(const std::vector<FileInfo>& entries, const LsArguments& arguments,
                    const LsScreen& screen);

}  // namespace nigh::cli
