// SPDX-License-Identifier: Apache-2.0
#include "server/front/files_stream.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/log.hpp"

namespace nigh::server {
namespace {

std::string how_it_ended(const ExitStatus& exit) {
  if (!exit.signal.empty()) return fmt::format("signal {}", exit.signal);
  return fmt::format("status {}", exit.code);
}

}  // namespace

FilesStream::FilesStream(Shared& shared, http2::StreamId id, const http2::Fields& fields)
    : FilesStream(shared, id, request_head(fields)) {}

FilesStream::FilesStream(Shared& shared, http2::StreamId id, const resource::RequestHead& head)
    : Stream(shared, id),
      method_(head.method),
      // Limits::header_bytes keeps it below kMaxHead.
      input_(resource::encode(head), [this](std::size_t gone) { shared_.h2.consume(id_, gone); }),
      process_(shared) {
  process_.start_files(*this);
}

FilesStream::~FilesStream() { shared_.h2.consume_connection(input_.kept()); }

void FilesStream::on_started(const Started&, std::vector<UniqueFd> descriptors) {
  if (started_ || over_ || descriptors.size() != 2) return;
  started_ = true;
  input_.attach(shared_.executor, std::move(descriptors[0]));
  output_.emplace(shared_.executor, std::move(descriptors[1]), [this] { on_readable(); });
  read_head();
}

void FilesStream::on_readable() {
  if (answered_)
    shared_.h2.resume(id_);
  else
    read_head();
}

void FilesStream::read_head() {
  auto head = head_reader_.read(*output_);
  if (head && *head) return respond(**head);
  if (head) return;
  if (head.error().code != Errc::closed) return give_up(head.error().message);
  output_.reset();
  if (exit_) give_up(how_it_ended(*exit_));  // else on_exited() knows why
}

void FilesStream::respond(const resource::ResponseHead& head) {
  auto fields = response_fields(head);
  if (!fields) return give_up(fields.error().message);
  const bool no_body = method_ == "HEAD" || head.status == 204 || head.status == 304;
  tunnel_ = method_ == "CONNECT" && head.status / 100 == 2;
  if (!tunnel_) left_ = content_length(*fields);
  answered_ = true;
  // The stream may just have been reset; then on_close() is on its way.
  (void)shared_.h2.submit_response(id_, *fields, no_body ? nullptr : this);
  if (no_body) complete();
}

// ---- the body of the answer --------------------------------------------------------------------

FilesStream::Chunk FilesStream::read(std::span<char> into) {
  if (left_) into = into.first(std::min<std::uint64_t>(into.size(), *left_));
  io::FdSource::Read got;
  if (output_ && !into.empty()) got = output_->read(into);
  if (left_) *left_ -= got.size;
  if (left_ == 0) {
    complete();
    return {got.size, Next::end};
  }
  if (got.ended) output_.reset();
  if (!output_) return at_end_of_output();
  return {got.size, got.size > 0 ? Next::more : Next::wait};
}

// A body whose length nobody announced is whole only if the process says so by its exit status. In
// a tunnel the two ends know by themselves, and the other half may go on.
FilesStream::Chunk FilesStream::at_end_of_output() {
  if (!exit_ && !tunnel_ && !left_) return {0, Next::wait};
  if (left_ || (exit_ && !ended_well())) {
    over_ = true;
    log::warning("{}: a file process broke off its answer", shared_.connection);
    shared_.h2.reset(id_, http2::kInternalError);
    return {0, Next::wait};
  }
  if (exit_) complete();
  over_ = true;
  return {0, Next::end};
}

// Whoever is still sending a request that is answered need not go on.
void FilesStream::complete() {
  over_ = true;
  process_.forget();  // it ends by itself: its pipes are closed
  output_.reset();
  input_.drop();
  shared_.h2.stop_reading(id_);
}

// ---- how the process ends ----------------------------------------------------------------------

void FilesStream::on_exited(const Exited& exited) {
  exit_ = process_.ended(exited);
  if (answered_) {
    if (over_ && tunnel_) return complete();
    return shared_.h2.resume(id_);
  }
  if (over_) return;
  if (output_) return read_head();  // it may have answered before
  give_up(how_it_ended(*exit_));
}

void FilesStream::on_failed(const Failed& failure) {
  process_.forget();
  if (over_) return;
  over_ = true;
  output_.reset();
  input_.drop();
  // After the start this is the worker's death.
  if (answered_)
    shared_.h2.reset(id_, http2::kInternalError);
  else
    answer(problem_of(failure.trouble, failure.message));
}

void FilesStream::give_up(const std::string& why) {
  over_ = true;
  output_.reset();
  input_.drop();
  log::warning("{}: a file process did not answer: {}", shared_.connection, why);
  answer(problem_of(
      Trouble::internal,
      fmt::format("the server's file process did not answer ({}): its log has more", why)));
}

}  // namespace nigh::server
