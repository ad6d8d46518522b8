// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nigh/types.hpp>

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "io/fd_source.hpp"
#include "server/front/files_input.hpp"
#include "server/front/stream.hpp"

namespace nigh::server {

// A session that outlives this stream, the connection and this process: its holder, at the other
// end of a socket, keeps every byte until the client has said that it has it. So here they pass
// blindly, both ways, and what is lost with this process is nobody's only copy.
class HeldStream : public Stream, private WorkerAnswers, private http2::BodySource {
 public:
  // Nothing can outlive its stream here. Gets what came so far, unread; the answer is up to it.
  using Instead = std::function<void(std::string input)>;
  // Starts one. What comes behind its SPEC is to be given to on_data().
  HeldStream(Shared& shared, http2::StreamId id, const Command& command, Instead instead);
  // Goes to one that is there.
  HeldStream(Shared& shared, http2::StreamId id, std::string session);
  ~HeldStream() override;
  void on_data(std::string_view bytes) override { input_.write(bytes); }
  void on_end() override;
  void on_drain() override;
  void on_close() override { say_farewell(); }

 private:
  HeldStream(Shared& shared, http2::StreamId id);
  void on_started(const Started& started, std::vector<UniqueFd> descriptors) override;
  void on_failed(const Failed& failure) override;
  Chunk read(std::span<char> into) override;
  void say_farewell();

  RequestId asked_ = 0;
  Instead instead_;
  bool lasts_ = true;  // without a client
  bool answered_ = false;
  bool drained_ = false;
  FilesInput input_;
  std::optional<io::FdSource> output_;
  UniqueFd farewell_;  // see holder_messages.hpp
};

}  // namespace nigh::server
