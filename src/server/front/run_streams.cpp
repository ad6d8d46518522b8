// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <signal.h>

#include "server/front/process_streams.hpp"

namespace nigh::server {

// ---- session frames out ------------------------------------------------------------------------

FramedRunStream::FramedRunStream(Shared& shared, http2::StreamId id)
    : GatheringStream(shared, id, kMaxRunRequest),
      pump_(shared.executor, [this] { shared_.h2.resume(id_); }),
      process_(shared) {}

void FramedRunStream::on_body(std::string body) {
  auto request = run::decode_run_request(body);
  if (!request) return answer(problem_of(Trouble::bad_request, request.error().message));
  command_ = std::move(request->command);
  // All of it is here already, so no window applies but the limit of the request.
  pump_.preload(std::move(request->input));
  process_.start(command_, *this);
}

void FramedRunStream::on_started(const Started& started, std::vector<UniqueFd> descriptors) {
  if (answered_ || descriptors.size() != 3) return;
  process_.started(command_);
  pump_.attach(std::move(descriptors), {fmt::format("{}", started.pid), 0});
  answered_ = true;
  answer_stream(kFramesType, pump_.body());
}

void FramedRunStream::on_exited(const Exited& exited) { pump_.exited(process_.ended(exited)); }

void FramedRunStream::on_failed(const Failed& failure) {
  process_.forget();
  // After the start this is the worker's death.
  if (answered_)
    shared_.h2.reset(id_, http2::kInternalError);
  else
    answer(problem_of(failure.trouble, failure.message));
}

// ---- JSON out ----------------------------------------------------------------------------------

JsonRunStream::JsonRunStream(Shared& shared, http2::StreamId id)
    : GatheringStream(shared, id, kMaxRunRequest), process_(shared) {}

void JsonRunStream::on_body(std::string body) {
  auto request = run::decode_run_request(body);
  if (!request) return answer(problem_of(Trouble::bad_request, request.error().message));
  request_ = *std::move(request);
  begun_ = std::chrono::steady_clock::now();
  process_.start(request_.command, *this);
}

void JsonRunStream::on_started(const Started&, std::vector<UniqueFd> descriptors) {
  if (stdin_ || descriptors.size() != 3) return;
  process_.started(request_.command);
  stdin_.emplace(shared_.executor, std::move(descriptors[0]),
                 io::FdSink::Events{[](std::size_t) {}, [](int) {}, [] {}});
  stdin_->write(request_.input);
  stdin_->finish();
  stdout_.emplace(shared_.executor, std::move(descriptors[1]),
                  [this] { collect(stdout_, result_.out); });
  stderr_.emplace(shared_.executor, std::move(descriptors[2]),
                  [this] { collect(stderr_, result_.err); });
  collect(stdout_, result_.out);
  collect(stderr_, result_.err);
}

void JsonRunStream::collect(std::optional<io::FdSource>& source, std::string& into) {
  char chunk[16 * 1024];
  while (source) {
    auto read = source->read(chunk);
    if (into.size() + read.size > kMaxOutput)
      return give_up({500, "too-large", "Too much output",
                      fmt::format("the command wrote more than {} MiB; ask for {}",
                                  kMaxOutput >> 20, kFramesType)});
    if (!keep(read.size)) return give_up(too_much_kept());
    into.append(chunk, read.size);
    if (read.ended) source.reset();
    if (read.size == 0) break;
  }
  answer_if_complete();
}

void JsonRunStream::give_up(const Problem& problem) {
  answered_ = true;
  process_.signal(SIGKILL);
  stdout_.reset();
  stderr_.reset();
  answer(problem);
}

void JsonRunStream::on_exited(const Exited& exited) {
  result_.exit = process_.ended(exited);
  exited_ = true;
  answer_if_complete();
}

void JsonRunStream::answer_if_complete() {
  if (!exited_ || stdout_ || stderr_ || answered_) return;
  answered_ = true;
  result_.elapsed = std::chrono::duration_cast<std::chrono::microseconds>(
      std::chrono::steady_clock::now() - begun_);
  answer(200, "application/json", run::encode_run_response(result_));
}

void JsonRunStream::on_failed(const Failed& failure) {
  process_.forget();
  if (answered_) return;
  answered_ = true;
  answer(problem_of(failure.trouble, failure.message));
}

}  // namespace nigh::server
