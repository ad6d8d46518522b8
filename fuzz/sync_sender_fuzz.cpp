// SPDX-License-Identifier: Apache-2.0
// A hostile receiver: whatever it answers, the sender changes nothing and comes to an end.
#include <unistd.h>

#include "service/sync/sender.hpp"
#include "sync_peer_for_fuzz.hpp"

using namespace nigh;
using namespace nigh::sync;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const unsigned choice = data[0];
  TransferOptions options;
  if ((choice & 1) != 0) options.archive();
  options.remove_extra = (choice & 2) != 0;
  options.checksum = (choice & 4) != 0;
  auto spec = make_spec(options, ServerRole::receives, {"to"}, true);
  spec.seed = 1;
  for_fuzz::Place place;
  for_fuzz::HostilePeer peer({reinterpret_cast<const char*>(data + 1), size - 1});
  TransferEvents nobody;
  Hub hub(nobody);
  FrameReader reader(peer);
  FrameWriter writer(peer, 0);
  auto ignore = [](const std::string&, const Error&) {};
  try {
    auto groups = find_sources({place.target() + "/"}, true, ignore);
    Sender sender(peer, reader, writer, spec, hub, true);
    sender.run(std::move(groups));
  } catch (const Failure&) {
    // That is what it deserves.
  }
  return 0;
}
