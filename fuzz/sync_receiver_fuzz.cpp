// SPDX-License-Identifier: Apache-2.0
// A hostile sender: whatever it says, nothing outside of the target changes. The first byte says
// whether the receiver is a client's or a server's, and what was asked for.
#include <unistd.h>

#include "service/sync/receiver.hpp"
#include "sync_peer_for_fuzz.hpp"

using namespace nigh;
using namespace nigh::sync;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const unsigned choice = data[0];
  TransferOptions options;
  if ((choice & 1) != 0) options.archive();
  options.remove_extra = (choice & 2) != 0;
  options.in_place = (choice & 4) != 0;
  options.sync = Sync::none;
  const bool contents = (choice & 8) != 0;
  auto spec = make_spec(options, ServerRole::sends, {contents ? "src/" : "src/a"}, contents);
  spec.seed = 1;
  for_fuzz::Place place;
  for_fuzz::HostilePeer peer({reinterpret_cast<const char*>(data + 1), size - 1});
  TransferEvents nobody;
  Hub hub(nobody);
  FrameReader reader(peer);
  FrameWriter writer(peer, 0);
  auto permission =
      (choice & 16) != 0 ? Permission::anything(spec) : Permission::only(spec, spec.paths);
  try {
    Receiver receiver(peer, reader, writer, spec, place.target(), permission, hub, true);
    receiver.run();
  } catch (const Failure&) {
    // That is what it deserves.
  }
  return 0;
}
