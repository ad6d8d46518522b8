// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>

#include "base/error.hpp"
#include "service/channel/frames.hpp"

namespace nigh::channel {

struct Delivery {
  enum class Kind : std::uint8_t {
    message,
    piece,     // of a stream
    complete,  // the stream is
    broken,    // its sender is gone, or our connection
  };
  Kind kind = Kind::message;
  std::string bytes;
  std::string sender;  // of a message
  std::uint64_t sequence = 0;
};

// What a receiver gets. A message that comes again, since its acknowledgement went with
// a connection, is not given to anybody again.
class Inbox {
 public:
  // Deliveries are counted from 1 on each connection.
  void connected();
  void lost();

  Result<void> on_delivery(std::string_view payload);
  void on_piece(std::string_view bytes);
  void on_complete();
  void on_broken();
  Result<void> on_confirmed(std::uint64_t number);

  std::optional<Delivery> take();
  bool has_delivery() const { return !queue_.empty(); }
  std::size_t bytes() const { return bytes_; }  // that wait to be taken

  // All that was taken so far. No call may follow that needs it again.
  void acknowledge();
  // The number that is to be sent now; 0: none.
  std::uint64_t take_ack();
  bool all_confirmed() const { return acknowledged_ == confirmed_; }
  // What was acknowledged, and may come again: the connection was lost meanwhile.
  std::size_t uncertain() const { return uncertain_; }
  std::uint64_t delivered() const { return number_; }  // on this connection

 private:
  static constexpr std::size_t kRemembered = 16'384;
  using Key = std::array<char, kSenderId + 8>;
  struct Hash {
    std::size_t operator()(const Key& key) const {
      return std::hash<std::string_view>()({key.data(), key.size()});
    }
  };
  struct Waiting {
    Delivery delivery;
    std::uint64_t before = 0;  // deliveries
  };
  void push(Delivery delivery);
  bool remember(const Key& key);

  std::deque<Waiting> queue_;
  std::size_t bytes_ = 0;
  std::uint64_t number_ = 0;
  std::uint64_t acknowledged_ = 0;
  std::uint64_t sent_ = 0;  // of these
  std::uint64_t confirmed_ = 0;
  std::size_t uncertain_ = 0;
  bool unacknowledged_ = false;  // something was taken, and may be needed again
  bool in_stream_ = false;
  bool half_ = false;  // of a stream, a part was taken and not its end
  std::unordered_set<Key, Hash> seen_;
  std::deque<Key> order_;  // of these, as they were taken
};

}  // namespace nigh::channel
