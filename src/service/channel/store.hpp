// SPDX-License-Identifier: Apache-2.0
// What a mailbox is kept in, as few functions as it takes: an embedded database is one, a cluster
// can be another.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace nigh::channel {

struct Kept {
  std::uint64_t id = 0;  // grows with every message of the store
  std::string sender;
  std::uint64_t sequence = 0;
  std::string bytes;
};

struct KeptFacts {
  std::string channel;
  std::uint64_t messages = 0;
  std::uint64_t bytes = 0;
};

// What append() and remove() do is seen at once by the other functions, and lasts when commit()
// has returned. After a failure of commit() none of it was done since the last one.
class Store {
 public:
  virtual ~Store() = default;
  // Errc::too_large: a quota is reached. What the sender has in the store up to `sequence` is not
  // stored again.
  virtual Result<void> append(std::string_view channel, std::string_view sender,
                              std::uint64_t sequence, std::string_view bytes) = 0;
  virtual Result<void> remove(std::string_view channel, std::uint64_t id) = 0;
  virtual Result<void> commit() = 0;
  // The oldest with an id above `after`: as many as fit, but one at least if there is one.
  virtual Result<std::vector<Kept>> next(std::string_view channel, std::uint64_t after,
                                         std::size_t most, std::size_t bytes) = 0;
  // The last sequence of that sender that was ever stored in the channel; 0: none.
  virtual Result<std::uint64_t> last(std::string_view channel, std::string_view sender) = 0;
  // The channels that have messages, by name.
  virtual Result<std::vector<KeptFacts>> facts() = 0;
};

}  // namespace nigh::channel
