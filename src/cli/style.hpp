// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace nigh::cli {

// Colours, or none: the only place that knows escape sequences. Colours are for people, so they
// are on for a terminal only, and off when NO_COLOR is set (no-color.org) or TERM is "dumb".
class Style {
 public:
  explicit Style(bool on) : on_(on) {}
  static Style of(int fd);

  std::string bold(std::string_view text) const { return paint("1", text); }
  std::string dim(std::string_view text) const { return paint("2", text); }
  std::string good(std::string_view text) const { return paint("32", text); }
  std::string bad(std::string_view text) const { return paint("1;31", text); }
  std::string name(std::string_view text) const { return paint("36", text); }

 private:
  std::string paint(std::string_view code, std::string_view text) const;
  bool on_;
};

}  // namespace nigh::cli
