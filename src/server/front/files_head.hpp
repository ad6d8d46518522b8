// SPDX-License-Identifier: Apache-2.0
// Between HTTP's header fields and the heads that a file process reads and writes. Both ways only
// what is listed here passes.
#pragma once

#include <optional>
#include <string>

#include "http2/types.hpp"
#include "io/fd_source.hpp"
#include "service/resource/resource.hpp"

namespace nigh::server {

resource::RequestHead request_head(const http2::Fields& fields);

// Errc::malformed if HTTP has no such response.
Result<http2::Fields> response_fields(const resource::ResponseHead& head);

// The value of content-length.
std::optional<std::uint64_t> content_length(const http2::Fields& fields);

// Reads the head of a response from a pipe and not one byte more: the body stays in the pipe.
class ResponseHeadReader {
 public:
  // Nothing: it is not all there yet, on_ready of `from` will be called. Errc::closed if the pipe
  // ended in it; Errc::malformed, Errc::too_large.
  Result<std::optional<resource::ResponseHead>> read(io::FdSource& from);

 private:
  Result<std::size_t> missing() const;

  std::string bytes_;  // its length included
};

}  // namespace nigh::server
