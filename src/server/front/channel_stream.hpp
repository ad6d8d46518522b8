// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <vector>

#include "io/fd_source.hpp"
#include "server/front/files_head.hpp"
#include "server/front/files_input.hpp"
#include "server/front/stream.hpp"

namespace nigh::server {

// A request about channels: passes its head and its body to the process that has them, and what
// that answers to the client, blindly, as FilesStream does with a process of its own.
class ChannelStream : public Stream, private WorkerAnswers, private http2::BodySource {
 public:
  ChannelStream(Shared& shared, http2::StreamId id, const http2::Fields& fields);
  ~ChannelStream() override;
  void on_data(std::string_view bytes) override { input_.write(bytes); }
  void on_end() override { input_.finish(); }
  // Clients come back to the server that follows this one.
  void on_drain() override;

 private:
  void on_started(const Started& started, std::vector<UniqueFd> descriptors) override;
  void on_failed(const Failed& failure) override;
  void on_worker_died(const Failed& failure) override;
  Chunk read(std::span<char> into) override;
  void on_readable();
  void read_head();
  void respond(const resource::ResponseHead& head);
  void give_up(const std::string& why);
  void complete();

  bool tunnel_;
  FilesInput input_;
  RequestId asked_ = 0;  // while the worker is to answer
  std::optional<io::FdSource> output_;
  ResponseHeadReader head_reader_;
  bool answered_ = false;
  std::optional<std::uint64_t> left_;  // of the answer's body
};

}  // namespace nigh::server
