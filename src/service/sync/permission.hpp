// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "service/sync/answers.hpp"
#include "service/sync/spec.hpp"

namespace nigh::sync {

// What a receiver lets a sender do: only what its user asked for. A client gives the sources that
// it named; a server lets its client name what it likes. All throw Errc::refused.
class Permission {
 public:
  static Permission anything(const Spec& spec) { return Permission(spec, {}, false); }
  static Permission only(const Spec& spec, const std::vector<std::string>& sources);

  void check_round(const Round& round) const;
  // `path` as the sender knows it.
  void check_path(const Round& round, std::string_view path, files::Kind kind) const;
  void check_kind(files::Kind kind) const;
  void check_removal(const Round& round) const;

 private:
  Permission(const Spec& spec, std::vector<std::string> patterns, bool names_only);
  const Spec& spec_;
  std::vector<std::string> patterns_;  // of top names that were asked for; empty: any
  bool limited_;
  bool contents_asked_ = false;
  files::Filter filter_;
};

}  // namespace nigh::sync
