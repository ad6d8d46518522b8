// SPDX-License-Identifier: Apache-2.0
#include "service/sync/receiving.hpp"

namespace nigh::sync {

void Receiving::failed(const std::string& path, const Error& error) {
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
