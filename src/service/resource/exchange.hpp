// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/channel.hpp"
#include "service/resource/request.hpp"
#include "service/resource/resource.hpp"

namespace nigh::resource {

using Headers = std::vector<HeaderField>;

// One request being answered. Handlers throw Refused before the answer has begun, and Failure for
// what goes wrong afterwards: then the channel is not finished, and the other side sees an answer
// that is cut short.
class Exchange {
 public:
  Exchange(Channel& channel, const Request& request) : channel_(channel), request_(request) {}

  const Request& request() const { return request_; }
  Channel& channel() { return channel_; }
  bool begun() const { return begun_; }

  // Bytes of the request's body; 0 at its end.
  std::size_t read(std::span<char> into) {
    auto size = channel_.read(into);
    taken_ += size;
    return size;
  }
  std::uint64_t taken() const { return taken_; }  // of the body, so far
  // The head of the answer. Once.
  void begin(std::uint32_t status, const Headers& headers);
  // Bytes of its body; none go out for HEAD.
  void send(std::string_view bytes);
  // An answer without a body.
  void answer(std::uint32_t status, Headers headers = {});

 private:
  Channel& channel_;
  const Request& request_;
  std::uint64_t taken_ = 0;
  bool begun_ = false;
};

}  // namespace nigh::resource
