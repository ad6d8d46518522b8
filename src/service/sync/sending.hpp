// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <string>

#include "service/sync/batch.hpp"
#include "service/sync/hub.hpp"
#include "service/sync/owner_tables.hpp"
#include "service/sync/spec.hpp"

namespace nigh::sync {

// What all parts of a sender share: what was asked for, the way to the receiver, and how things are
// reported, which is to the caller here or to the client there.
struct Sending {
  Sending(FrameWriter& frame_writer, const Spec& wanted, Hub& reports, bool on_client)
      : spec(wanted),
        hub(reports),
        is_client(on_client),
        writer(frame_writer),
        preserve(preserve_of(wanted)),
        fields{wanted.owner, wanted.xattrs, wanted.hard_links},
        batch(frame_writer, credit, fields,
              wanted.compress ? FrameWriter::Pack::adaptive : FrameWriter::Pack::no),
        owners(preserve) {}

  // Adds what the receiver has to know of owners first.
  void add(const Record& record, const files::Entry& entry);
  void failed(const std::string& path, const Error& error);
  void skipped(const std::string& path, files::Kind kind, std::string_view reason);
  void item(TransferItem::Action action, const files::Entry& entry, const std::string& path,
            std::uint64_t sent = 0, const std::string& digest = {}, const std::string& from = {});
  void check_stopped() const {
    if (stopped) throw Failure(Errc::cancelled, "the transfer was stopped");
  }
  // Of looking at the source: what cannot be seen must not count as gone.
  files::OnFailed on_unreadable() {
    return [this](const std::string& path, const Error& error) {
      listing_failed = true;
      failed(path, error);
    };
  }

  const Spec& spec;
  Hub& hub;
  const bool is_client;
  FrameWriter& writer;
  const files::Preserve preserve;
  const EntryFields fields;
  Credit credit;
  Batch batch;
  OwnerTables owners;
  std::atomic<bool> stopped{false};
  bool listing_failed = false;  // then nothing is removed: it might only have been unreadable
};

FileKind public_kind(files::Kind kind);

}  // namespace nigh::sync
