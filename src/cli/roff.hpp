// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/usage.hpp"

namespace nigh::cli {

// Writes a manual page in roff with the man(7) macros; everything given to it is text.
class Roff {
 public:
  // The NAME section comes from name and summary.
  Roff(std::string_view name, int section, std::string_view summary, std::string_view version);

  void section(std::string_view title);
  void subsection(std::string_view title);
  // `code` in the text becomes bold and *this* italic.
  void paragraph(std::string_view text);
  void bullet(std::string_view text);
  void definition(std::string_view term, std::string_view text);  // the term is bold
  void literal(const std::vector<std::string>& lines);

  void synopsis(const Usage& usage);
  void description(const Usage& usage);
  void options(const Usage& usage);
  void examples(const Usage& usage);
  void exit_status(const Usage& usage);

  std::string take() { return std::move(out_); }

 private:
  void line(std::string_view text) { (out_ += text) += '\n'; }
  std::string out_;
};

}  // namespace nigh::cli
