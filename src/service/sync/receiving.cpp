// SPDX-License-Identifier: Apache-2.0
#include "service/sync/receiving.hpp"

namespace nigh::sync {

void Receiving::failed(const std::string& path, const Error& reason) {
  // "Not found" is for what has vanished at the source.
  const Error error{reason.code == Errc::not_found ? Errc::system : reason.code, reason.message};
  hub.failure(path, error);
  if (is_client) return;
  auto frame = encode(FailedNote{path, error, false});
  writer.send(frame);
}

void Receiving::outcome(FileId id, Verdict verdict) {
  auto frame = encode(Outcome{id, verdict});
  writer.send(frame);
}

}  // namespace nigh::sync
