// SPDX-License-Identifier: Apache-2.0
// The server's log: one line an event, to standard error. The client does not log; it reports.
#pragma once

#include <fmt/format.h>

#include <string_view>
#include <utility>

namespace nigh::log {

enum class Level { debug, info, warning, error };
// "debug", "info", …; anything else is info.
Level level_named(std::string_view name);

// Names this process in every line ("keeper", "front", …) and sets what is shown.
void start(std::string_view process, Level least);
bool shows(Level level);
// Control characters in `line` are escaped: what a peer sent cannot forge a second line.
void write(Level level, std::string_view line);

template <class... Args>
void debug(fmt::format_string<Args...> format, Args&&... args) {
  if (shows(Level::debug)) write(Level::debug, fmt::format(format, std::forward<Args>(args)...));
}
template <class... Args>
void info(fmt::format_string<Args...> format, Args&&... args) {
  if (shows(Level::info)) write(Level::info, fmt::format(format, std::forward<Args>(args)...));
}
template <class... Args>
void warning(fmt::format_string<Args...> format, Args&&... args) {
  if (shows(Level::warning))
    write(Level::warning, fmt::format(format, std::forward<Args>(args)...));
}
template <class... Args>
void error(fmt::format_string<Args...> format, Args&&... args) {
  if (shows(Level::error)) write(Level::error, fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace nigh::log
