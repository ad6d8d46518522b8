// SPDX-License-Identifier: Apache-2.0
// What an HTTP request about files does, on the machine that has them: one request in, one response
// out, over a Channel. The front passes requests on without understanding them, as a web server
// does with CGI: request and response head are one frame each, bodies are plain bytes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "base/channel.hpp"
#include "base/error.hpp"

namespace nigh::resource {

using Channel = ByteChannel;

// A head on a channel is a u32 length (big-endian) and that many bytes of wire::encode().
inline constexpr std::size_t kMaxHead = 64 * 1024;

struct HeaderField {
  std::string name;  // lower case
  std::string value;
  static constexpr auto fields = std::tuple(&HeaderField::name, &HeaderField::value);
};

struct RequestHead {
  std::string method;    // "GET", "CONNECT", …
  std::string protocol;  // of CONNECT: "nigh-sync", "nigh-file"
  std::string path;      // as it came: "/v1/files/etc/hosts?x=1"
  std::vector<HeaderField> headers;
  static constexpr auto fields = std::tuple(&RequestHead::method, &RequestHead::protocol,
                                            &RequestHead::path, &RequestHead::headers);
};

struct ResponseHead {
  std::uint32_t status = 200;
  std::vector<HeaderField> headers;
  static constexpr auto fields = std::tuple(&ResponseHead::status, &ResponseHead::headers);
};

// Both end in what belongs to the body: a reader takes exactly the head.
std::string encode(const RequestHead& head);
std::string encode(const ResponseHead& head);
// Decodes the bytes of a head, without the length. Errc::malformed.
Result<RequestHead> decode_request(std::string_view bytes);
Result<ResponseHead> decode_response(std::string_view bytes);
RequestHead read_request(Channel& channel);

// Serves one request whose head has been read: everything below /v1/files/ and /v1/tree/, and
// CONNECT with the protocol nigh-file. (nigh-sync is sync::serve's.) Never throws for what the
// client did wrong: that is a response. `home` as in files::absolute().
void serve(Channel& channel, const RequestHead& head, const std::string& home);

}  // namespace nigh::resource
