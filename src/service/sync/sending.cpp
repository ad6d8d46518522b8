// SPDX-License-Identifier: Apache-2.0
#include "service/sync/sending.hpp"

namespace nigh::sync {

static_assert(static_cast<int>(FileKind::block_device) ==
                  static_cast<int>(files::Kind::block_device),
              "both enumerations have the same order");

FileKind public_kind(files::Kind kind) { return static_cast<FileKind>(kind); }

void Sending::add(const Record& record, const files::Entry& entry) {
  if (auto news = owners.news_about(entry)) {
    auto frame = encode(*news);
    batch.send(frame, FrameWriter::Pack::no);
  }
  batch.add(record);
}

void Sending::failed(const std::string& path, const Error& error) {
  hub.failure(path, error);
  if (is_client) return;
  auto frame = encode(FailedNote{path, error, false});
  writer.send(frame);
}

void Sending::skipped(const std::string& path, files::Kind kind, std::string_view reason) {
  hub.skipped(path, public_kind(kind), std::string(reason));
  if (is_client) return;
  auto frame =
      encode(FailedNote{path, {Errc::unsupported, std::string(reason)}, true, public_kind(kind)});
  writer.send(frame);
}

void Sending::item(TransferItem::Action action, const files::Entry& entry, const std::string& path,
                   std::uint64_t sent, const std::string& digest, const std::string& from) {
  hub.item({.action = action,
            .kind = public_kind(entry.kind),
            .path = path,
            .from = from,
            .size = entry.size,
            .sent = sent,
            .digest = digest});
}

}  // namespace nigh::sync
