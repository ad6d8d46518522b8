// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "io/fd_source.hpp"
#include "server/front/files_head.hpp"
#include "server/front/files_input.hpp"
#include "server/front/process_streams.hpp"

namespace nigh::server {

// Every request about files: passes its head and its body to a process of the worker's, and what
// that answers to the client, blindly (service/resource/resource.hpp says what they say).
class FilesStream : public Stream, private WorkerAnswers, private http2::BodySource {
 public:
  FilesStream(Shared& shared, http2::StreamId id, const http2::Fields& fields);
  ~FilesStream() override;
  void on_data(std::string_view bytes) override { input_.write(bytes); }
  void on_end() override { input_.finish(); }

 private:
  FilesStream(Shared& shared, http2::StreamId id, const resource::RequestHead& head);
  void on_started(const Started& started, std::vector<UniqueFd> descriptors) override;
  void on_exited(const Exited& exited) override;
  void on_failed(const Failed& failure) override;
  Chunk read(std::span<char> into) override;

  void on_readable();
  void read_head();
  void respond(const resource::ResponseHead& head);
  bool ended_well() const { return exit_ && exit_->code == 0 && exit_->signal.empty(); }
  Chunk at_end_of_output();
  void complete();
  void give_up(const std::string& why);

  const std::string method_;
  // Goes after output_: an end of its input while we still listen tells the process that the body
  // is complete.
  FilesInput input_;
  RemoteProcess process_;
  ResponseHeadReader head_reader_;
  std::optional<io::FdSource> output_;  // until its end
  std::optional<std::uint64_t> left_;   // of the body, where its length was announced
  std::optional<ExitStatus> exit_;
  bool tunnel_ = false;  // a CONNECT that succeeded: both speak until each has ended its half
  bool started_ = false;
  bool answered_ = false;  // the head is on its way
  bool over_ = false;      // the whole answer is
};

}  // namespace nigh::server
