// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nigh/async.hpp>

#include <chrono>
#include <string>

#include "cli/contact_display.hpp"

namespace nigh::cli {

// Tells on standard error how the contact with a command is doing, as long as this lives. On
// a terminal it is told when it takes longer than a moment; elsewhere only to those who asked.
class ContactLines {
 public:
  enum class Show {
    lines,   // one when contact is lost, one when it is back
    screen,  // on a terminal: one that stands at its bottom meanwhile
  };
  // `verbose`: lines, at once.
  ContactLines(async::Process& process, std::string host, bool verbose, Show how = Show::lines);
  ~ContactLines();
  ContactLines(const ContactLines&) = delete;
  ContactLines& operator=(const ContactLines&) = delete;

 private:
  void lost(std::string why);
  void waiting(std::chrono::milliseconds since);
  void resumed();
  void tell_lost();

  async::Process& process_;
  std::string host_;
  bool verbose_;
  bool terminal_;
  bool on_screen_;
  ContactDisplay display_;
  std::string why_;
  bool told_ = false;
};

}  // namespace nigh::cli
