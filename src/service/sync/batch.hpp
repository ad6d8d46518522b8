// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>

#include "service/sync/credit.hpp"
#include "service/sync/frames.hpp"
#include "service/sync/records.hpp"

namespace nigh::sync {

// Gathers records into frames. Everything else that is sent to the receiver's data side goes
// through here too, so that the order stays.
class Batch {
 public:
  Batch(FrameWriter& writer, Credit& credit, const EntryFields& fields, FrameWriter::Pack pack)
      : writer_(writer), credit_(credit), fields_(fields), pack_(pack) {}

  void add(const Record& record) {
    auto room = frame_.bytes().size();
    put_record(frame_.bytes(), record, fields_);
    // A record is within a frame by itself; two might not be.
    if (frame_.payload_size() > kMaxFrame) {
      auto last = frame_.bytes().substr(room);
      frame_.bytes().resize(room);
      flush();
      frame_.bytes() += last;
    }
    if (frame_.payload_size() >= std::min(kFull, credit_.good_frame())) flush();
  }
  void flush() {
    if (frame_.payload_size() == 0) return;
    send_data(frame_, pack_);
    frame_.clear();
  }
  void send(FrameBuffer& frame, FrameWriter::Pack pack) {
    flush();
    if (frame.type() == Frame::data)
      send_data(frame, pack);
    else
      writer_.send(frame, pack);
  }

 private:
  static constexpr std::uint64_t kFull = 512 << 10;
  void send_data(FrameBuffer& frame, FrameWriter::Pack pack) {
    credit_.wait();
    credit_.sent(frame.payload_size());
    writer_.send(frame, pack);
  }
  FrameWriter& writer_;
  Credit& credit_;
  const EntryFields& fields_;
  FrameWriter::Pack pack_;
  FrameBuffer frame_{Frame::batch};
};

}  // namespace nigh::sync
