// SPDX-License-Identifier: Apache-2.0
#include "base/log.hpp"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <memory>
#include <string>

#include "base/text.hpp"

namespace nigh::log {
namespace {

spdlog::level::level_enum to_spdlog(Level level) {
  switch (level) {
    case Level::debug:
      return spdlog::level::debug;
    case Level::info:
      return spdlog::level::info;
    case Level::warning:
      return spdlog::level::warn;
    case Level::error:
      return spdlog::level::err;
  }
  return spdlog::level::info;
}

// Made on first use: a process that never logs (the client) does not pay for it.
spdlog::logger& logger() {
  static spdlog::logger instance = [] {
    spdlog::logger made("nigh", std::make_shared<spdlog::sinks::stderr_sink_st>());
    made.set_level(spdlog::level::warn);
    made.flush_on(spdlog::level::debug);
    return made;
  }();
  return instance;
}

}  // namespace

Level level_named(std::string_view name) {
  if (name == "debug") return Level::debug;
  if (name == "warning") return Level::warning;
  if (name == "error") return Level::error;
  return Level::info;
}

void start(std::string_view process, Level least) {
  logger().set_level(to_spdlog(least));
  logger().set_pattern("%Y-%m-%dT%H:%M:%S.%e%z " + std::string(process) + "[%P] %l: %v");
}

bool shows(Level level) { return logger().should_log(to_spdlog(level)); }

void write(Level level, std::string_view line) { logger().log(to_spdlog(level), printable(line)); }

}  // namespace nigh::log
