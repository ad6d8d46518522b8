// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <string>

#include "files/new_file.hpp"
#include "service/sync/answers.hpp"
#include "service/sync/hub.hpp"
#include "service/sync/owner_tables.hpp"
#include "service/sync/spec.hpp"

namespace nigh::sync {

// What all parts of a receiver share; usable from all its threads.
struct Receiving {
  Receiving(FrameWriter& frame_writer, const Spec& wanted, Hub& reports, bool on_client)
      : spec(wanted),
        hub(reports),
        is_client(on_client),
        writer(frame_writer),
        preserve(preserve_of(wanted)),
        fields{wanted.owner, wanted.xattrs, wanted.hard_links},
        durability(wanted.sync == static_cast<std::uint32_t>(Sync::file)
                       ? files::Durability::file
                       : files::Durability::none) {}

  void failed(const std::string& path, const Error& reason);
  void outcome(FileId id, Verdict verdict);
  void item(TransferItem item) { hub.item(item); }

  const Spec& spec;
  Hub& hub;
  const bool is_client;
  FrameWriter& writer;
  const files::Preserve preserve;
  const EntryFields fields;
  const files::Durability durability;
  std::atomic<bool> stopped{false};
};

}  // namespace nigh::sync
