// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include "base/channel.hpp"
#include "service/sync/inbox.hpp"
#include "service/sync/sending.hpp"
#include "service/sync/sources.hpp"
#include "service/sync/tree_sender.hpp"
#include "service/sync/watch.hpp"

namespace nigh::sync {

// The end that has the source. It decides what is to be done: it tells the digests of its folders,
// hears what the target holds where they differ, compares, and sends what is missing.
// One thread works; another reads the receiver's answers.
class Sender {
 public:
  // `is_client`: failures of the receiver are the caller's to hear; else ours are told to it.
  Sender(ByteChannel& channel, FrameReader& reader, FrameWriter& writer, const Spec& spec, Hub& hub,
         bool is_client);
  ~Sender();

  // All rounds, and with Spec::watch further ones until the transfer is stopped. Throws Failure if
  // the transfer as a whole failed.
  void run(std::vector<SourceGroup> groups);

 private:
  using Answer =
      std::variant<Frame, OwnerNames, Listing, SignatureNote, Outcome, FailedNote, ResultNote>;

  void read_answers();
  void run_rounds(std::vector<SourceGroup> groups);
  void end_reading();
  Answer decode(const Received& frame) const;
  void run_round(const SourceGroup& group, bool last);
  // False: there is nothing to do. How many files there are: nullopt, they are not counted yet.
  struct Compared {
    bool differ;
    std::optional<std::uint64_t> files;
  };
  Compared compare(Plan& plan, const SourceGroup& group, files::Selection& selection);
  void stop_counting();
  void count_in_background(const SourceGroup& group);
  void send_digests(const files::TreeDigest& tree);
  void finish_round(std::uint64_t unchanged, bool last);
  void say_good_bye();
  // How many files it was about.
  std::uint64_t send_changes(const SourceGroup& group, Plan& plan);
  void hear(TreeSender& tree, LargeSender& large, bool wait);
  void note(const FailedNote& failed);
  Answer next();

  ByteChannel& channel_;
  FrameReader& reader_;
  Sending sending_;
  Inbox<Answer> answers_;
  std::atomic<bool> stop_walk_{false};  // the receiver has answered before we had counted
  std::thread reader_thread_;
  std::exception_ptr reader_failure_;  // once the thread has ended
  std::thread counting_;
  std::atomic<bool> stop_count_{false};
  std::optional<Watch> watch_;
  ResultNote written_;
};

}  // namespace nigh::sync
