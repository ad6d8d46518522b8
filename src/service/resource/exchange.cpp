// SPDX-License-Identifier: Apache-2.0
#include "service/resource/exchange.hpp"

namespace nigh::resource {

void Exchange::begin(std::uint32_t status, const Headers& headers) {
  expect(!begun_, "an answer begins once");
  begun_ = true;
  channel_.write(encode(ResponseHead{status, headers}));
}

void Exchange::send(std::string_view bytes) {
  if (request_.head.method != "HEAD" && !bytes.empty()) channel_.write(bytes);
}

void Exchange::answer(std::uint32_t status, Headers headers) {
  // These two have no body by definition (RFC 9110, section 8.6).
  if (status != 204 && status != 304) headers.push_back({"content-length", "0"});
  begin(status, headers);
}

}  // namespace nigh::resource
