// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <string>

#include "server/worker/refusal.hpp"

namespace nigh::server {

// The names under which other servers are reached over this one. A name belongs to the key that
// published it first, for good: a file says so, from which the account's owner may remove lines
// while we run. Of the connections that publish a name the newest has it: the one before is most
// likely dead, and its server has come back.
class PublishedNames {
 public:
  static constexpr std::size_t kMaxOfAKey = 64;

  // A front, as far as it is known here, and its listener.
  struct Line {
    const void* owner = nullptr;
    RequestId request = 0;
    friend bool operator==(const Line&, const Line&) = default;
  };

  // `file` has a name and a fingerprint a line, "web1 SHA256:…", and whatever else; of two lines
  // about a name the first counts.
  explicit PublishedNames(std::string file) : file_(std::move(file)) {}

  // The line that had the name until now, if there is one. bad_request: no name that can be
  // published; in_use: it is another key's; busy: the key has many already.
  std::expected<std::optional<Line>, Refusal> publish(const std::string& name,
                                                      const std::string& fingerprint, Line line);
  std::optional<Line> find(const std::string& name) const;
  // It belongs to a key, whose server may be away.
  bool belongs_to_somebody(const std::string& name) const;
  void close(Line line);
  void close_all(const void* owner);

 private:
  Refused claim(const std::string& name, const std::string& fingerprint) const;

  std::string file_;
  std::map<std::string, Line> lines_;
};

}  // namespace nigh::server
