// SPDX-License-Identifier: Apache-2.0
#include "service/sync/sender.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "files/tree_digest.hpp"

namespace nigh::sync {
namespace {

// Digests of all folders go along with the root's if they are few; else only when they are wanted.
constexpr std::size_t kFewFolders = 80;
constexpr std::size_t kFoldersAFrame = 4096;

files::Selection selection_of(const SourceGroup& group, const Spec& spec) {
  return {
      .names = group.round.names, .filter = unwrap(filter_of(spec)), .preserve = preserve_of(spec)};
}

}  // namespace

Sender::Sender(ByteChannel& channel, FrameReader& reader, FrameWriter& writer, const Spec& spec,
               Hub& hub, bool is_client)
    : channel_(channel), reader_(reader), sending_(writer, spec, hub, is_client) {
  reader_thread_ = std::thread([this] { read_answers(); });
}

Sender::~Sender() {
  stop_walk_ = true;
  sending_.stopped = true;
  sending_.writer.stop();
  sending_.credit.stop();
  if (watch_) watch_->stop();
  if (reader_thread_.joinable()) {
    channel_.cancel();
    reader_thread_.join();
  }
  stop_counting();
}

// ---- answers -----------------------------------------------------------------------------------

Sender::Answer Sender::decode(const Received& frame) const {
  switch (frame.type) {
    case Frame::owners:
      return unwrap(decode_owners(frame.payload));
    case Frame::same:
    case Frame::want_digests:
    case Frame::listed:
      return frame.type;
    case Frame::listing:
      return unwrap(decode_listing(frame.payload, sending_.fields));
    case Frame::signature:
      return unwrap(decode_signature(frame.payload));
    case Frame::outcome:
      return unwrap(decode_outcome(frame.payload));
    case Frame::failed:
      return unwrap(decode_failed(frame.payload));
    case Frame::result:
      return unwrap(decode_result(frame.payload));
    default:
      throw Failure(Errc::malformed, fmt::format("transfer: frame {} is none of a receiver's",
                                                 static_cast<int>(frame.type)));
  }
}

void Sender::read_answers() {
  std::exception_ptr failure;
  try {
    Received frame;
    while (reader_.next(frame)) {
      if (frame.type == Frame::written) {
        unwrap(sending_.credit.written(unwrap(decode_written(frame.payload)).bytes));
        continue;
      }
      auto answer = decode(frame);
      const auto* type = std::get_if<Frame>(&answer);
      if (type != nullptr && *type == Frame::listed) stop_walk_ = true;
      answers_.put(std::move(answer));
    }
  } catch (...) {
    failure = std::current_exception();
  }
  if (!failure)
    failure =
        std::make_exception_ptr(Failure(Errc::closed, "the other end broke the transfer off"));
  reader_failure_ = failure;
  if (watch_) watch_->stop();
  sending_.credit.stop();
  answers_.close(failure);
}

Sender::Answer Sender::next() {
  auto answer = answers_.take();
  expect(answer.has_value(), "the reader gives a failure when it ends");
  return *std::move(answer);
}

void Sender::note(const FailedNote& failed) { sending_.hub.failure(failed.path, failed.error); }

void Sender::hear(TreeSender& tree, LargeSender& large, bool wait) {
  auto answer = wait ? answers_.take() : answers_.take_if_any();
  for (; answer; answer = answers_.take_if_any()) {
    if (const auto* signature = std::get_if<SignatureNote>(&*answer))
      large.on_signature(*signature);
    else if (const auto* outcome = std::get_if<Outcome>(&*answer)) {
      if (!tree.on_outcome(*outcome)) large.on_outcome(*outcome);
    } else if (const auto* failed = std::get_if<FailedNote>(&*answer)) {
      note(*failed);
    } else {
      throw Failure(Errc::malformed, "transfer: an answer out of turn");
    }
  }
}

// ---- rounds ------------------------------------------------------------------------------------

void Sender::end_reading() {
  if (reader_thread_.joinable()) reader_thread_.join();
}

// What the other end says of its failure tells more than that it is gone.
void Sender::run(std::vector<SourceGroup> groups) {
  try {
    run_rounds(std::move(groups));
  } catch (const Failure& failure) {
    if (failure.code() != Errc::closed && failure.code() != Errc::cancelled) throw;
    end_reading();
    if (reader_failure_) std::rethrow_exception(reader_failure_);
    throw;
  }
}

void Sender::run_rounds(std::vector<SourceGroup> groups) {
  if (sending_.spec.watch) watch_.emplace();
  for (;;) {
    if (watch_)
      for (const auto& group : groups)
        watch_->add(group.folder, selection_of(group, sending_.spec), sending_.on_unreadable());
    for (const auto& group : groups) run_round(group, !watch_ && &group == &groups.back());
    if (watch_) sending_.hub.pass();
    if (!watch_ || !watch_->wait()) break;
  }
  if (watch_) say_good_bye();
  end_reading();
  if (sending_.is_client)
    sending_.hub.set_written(written_.files, written_.directories, written_.removed,
                             written_.moved);
}

// Whatever ends a round: what counts beside it uses the round's folder.
void Sender::stop_counting() {
  if (!counting_.joinable()) return;
  stop_count_ = true;
  counting_.join();
}

void Sender::run_round(const SourceGroup& group, bool last) {
  struct StopCounting {
    Sender& sender;
    ~StopCounting() { sender.stop_counting(); }
  } at_the_end{*this};
  auto selection = selection_of(group, sending_.spec);
  sending_.listing_failed = false;
  stop_walk_ = false;
  auto frame = encode(group.round);
  sending_.batch.send(frame, FrameWriter::Pack::metadata);
  Plan plan(sending_, group.folder, selection, !group.round.names);
  auto compared = compare(plan, group, selection);
  const bool any = compared.differ || !group.round.names;
  auto handled = any ? send_changes(group, plan) : 0;
  auto files = compared.files.value_or(handled);
  finish_round(files - std::min(files, handled), last);
}

void Sender::send_digests(const files::TreeDigest& tree) {
  Digests digests{.root = tree.root, .all = true};
  std::size_t left = tree.directories.size();
  for (const auto& directory : tree.directories) {
    digests.folders.push_back({directory.path, directory.digest});
    --left;
    if (left > 0 && digests.folders.size() < kFoldersAFrame) continue;
    digests.last = left == 0;
    auto frame = encode(digests);
    sending_.batch.send(frame, FrameWriter::Pack::metadata);
    digests.folders.clear();
  }
}

Sender::Compared Sender::compare(Plan& plan, const SourceGroup& group,
                                 files::Selection& selection) {
  auto tree = files::digest_tree(group.folder, selection, sending_.owners.local(),
                                 sending_.spec.seed, sending_.on_unreadable(), stop_walk_);
  if (!tree && !stop_walk_) throw Failure(tree.error());
  if (tree) {
    if (!tree->complete) sending_.listing_failed = true;
    sending_.hub.total(tree->files, tree->bytes);
    auto totals = encode(Totals{tree->files, tree->bytes});
    sending_.batch.send(totals, FrameWriter::Pack::no);
    if (tree->directories.size() <= kFewFolders) {
      send_digests(*tree);
    } else {
      auto frame = encode(Digests{.root = tree->root});
      sending_.batch.send(frame, FrameWriter::Pack::no);
    }
  } else {
    count_in_background(group);
  }
  for (;;) {
    auto answer = next();
    if (const auto* names = std::get_if<OwnerNames>(&answer)) {
      sending_.owners.learn(*names);
    } else if (auto* listing = std::get_if<Listing>(&answer)) {
      plan.add(std::move(*listing));
    } else if (const auto* failed = std::get_if<FailedNote>(&answer)) {
      note(*failed);
    } else if (const auto* type = std::get_if<Frame>(&answer)) {
      auto files = tree ? std::optional(tree->files) : std::nullopt;
      if (*type == Frame::listed) return {true, files};
      if (*type == Frame::same) return {false, files};
      if (tree) send_digests(*tree);
    } else {
      throw Failure(Errc::malformed, "transfer: an answer out of turn");
    }
  }
}

// The target had nothing and said so before we had counted what there is: that goes on beside.
void Sender::count_in_background(const SourceGroup& group) {
  stop_count_ = false;
  counting_ = std::thread([this, &group] {
    try {
      files::Owners owners;
      auto selection = selection_of(group, sending_.spec);
      auto tree = files::digest_tree(
          group.folder, selection, owners, 0, [](const std::string&, const Error&) {}, stop_count_);
      if (!tree) return;
      sending_.hub.total(tree->files, tree->bytes);
      auto totals = encode(Totals{tree->files, tree->bytes});
      sending_.writer.send(totals);
    } catch (const Failure&) {
      // It is for the progress only; what is wrong shows where it matters.
    }
  });
}

std::uint64_t Sender::send_changes(const SourceGroup& group, Plan& plan) {
  LargeSender large(sending_, group.folder);
  TreeSender* hearing = nullptr;
  TreeSender tree(sending_, group.folder, plan, large,
                  [&](bool wait) { hear(*hearing, large, wait); });
  hearing = &tree;
  tree.send(!group.round.names);
  return tree.handled();
}

void Sender::say_good_bye() {
  sending_.writer.send(Frame::good_bye);
  channel_.finish();
}

// Nothing more will be sent after the last round: to say so at once saves a round trip.
void Sender::finish_round(std::uint64_t unchanged, bool last) {
  stop_counting();
  sending_.hub.unchanged(unchanged);
  auto frame = encode(Complete{unchanged});
  sending_.batch.send(frame, FrameWriter::Pack::no);
  if (last) say_good_bye();
  for (;;) {
    auto answer = next();
    if (const auto* failed = std::get_if<FailedNote>(&answer)) {
      note(*failed);
    } else if (const auto* result = std::get_if<ResultNote>(&answer)) {
      written_ = *result;  // of all rounds so far
      return;
    } else {
      throw Failure(Errc::malformed, "transfer: an answer out of turn");
    }
  }
}

}  // namespace nigh::sync
