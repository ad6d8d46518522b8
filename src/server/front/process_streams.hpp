// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/front/stream.hpp"
#include "service/run/frames.hpp"
#include "service/run/process_pump.hpp"

namespace nigh::server {

// What a worker is asked to run.
Start start_message(const Shared& shared, const Command& command);

// A process of the worker's while a stream cares for it; hung up (SIGHUP) if the stream goes first.
class RemoteProcess {
 public:
  explicit RemoteProcess(Shared& shared) : shared_(shared), limit_(shared.executor) {}
  ~RemoteProcess();

  void start(const Command& command, WorkerAnswers& answers);
  void start_files(WorkerAnswers& answers);
  void started(const Command& command);  // its time limit begins
  void signal(int number);
  ExitStatus ended(const Exited& exited);
  void forget();  // the worker refused, or it may end by itself
  RequestId id() const { return id_; }

 private:
  void end_after(std::chrono::milliseconds time, int signal);

  Shared& shared_;
  asio::steady_timer limit_;
  RequestId id_ = 0;
  bool running_ = false;
  bool timed_out_ = false;
};

// Says of the pieces of a stream what belongs to its first frame.
class FirstFrame {
 public:
  std::string_view part_of(std::string_view bytes);
  bool is_whole() const { return header_size_ == run::kFrameHeader && left_ == 0; }

 private:
  std::array<char, run::kFrameHeader> header_{};
  std::size_t header_size_ = 0;
  std::size_t left_ = 0;
};

// `CONNECT /v1/sessions`: session frames both ways. If it is to outlive its connection, all that is
// done here is to read the SPEC; unless nothing can, when it ends with its connection.
class SessionStream : public Stream, private WorkerAnswers {
 public:
  SessionStream(Shared& shared, http2::StreamId id);
  void on_data(std::string_view bytes) override;
  void on_end() override;
  void on_drain() override;
  void on_close() override;

 private:
  void hold();
  void feed(std::string_view bytes);
  Result<void> on_control(run::Frame type, std::string_view payload);
  void on_started(const Started& started, std::vector<UniqueFd> descriptors) override;
  void on_exited(const Exited& exited) override;
  void on_failed(const Failed& failure) override;
  void refuse(const Error& error);

  run::ProcessPump pump_;
  RemoteProcess process_;
  run::FrameDecoder decoder_;
  Command command_;
  Result<void> input_state_;
  bool answered_ = false;
  bool over_ = false;
  FirstFrame first_;
  std::unique_ptr<Stream> held_;
  std::unique_ptr<Stream> not_held_;  // could not be
  bool input_over_ = false;
};

// `POST /v1/run`: one JSON document in; out as session frames.
class FramedRunStream : public GatheringStream, private WorkerAnswers {
 public:
  FramedRunStream(Shared& shared, http2::StreamId id);

 private:
  void on_body(std::string body) override;
  void on_started(const Started& started, std::vector<UniqueFd> descriptors) override;
  void on_exited(const Exited& exited) override;
  void on_failed(const Failed& failure) override;

  run::ProcessPump pump_;
  RemoteProcess process_;
  Command command_;
  bool answered_ = false;
};

// `POST /v1/run`: one JSON document in, one out.
class JsonRunStream : public GatheringStream, private WorkerAnswers {
 public:
  static constexpr std::size_t kMaxOutput = 16u << 20;  // of stdout and of stderr
  JsonRunStream(Shared& shared, http2::StreamId id);

 private:
  void on_body(std::string body) override;
  void on_started(const Started& started, std::vector<UniqueFd> descriptors) override;
  void on_exited(const Exited& exited) override;
  void on_failed(const Failed& failure) override;
  void collect(std::optional<io::FdSource>& source, std::string& into);
  void answer_if_complete();
  void give_up(const Problem& problem);  // and kill the command

  RemoteProcess process_;
  run::RunRequest request_;
  std::chrono::steady_clock::time_point begun_;
  std::optional<io::FdSink> stdin_;
  std::optional<io::FdSource> stdout_;
  std::optional<io::FdSource> stderr_;
  RunResult result_;
  bool exited_ = false;
  bool answered_ = false;
};

inline constexpr std::size_t kMaxRunRequest = 4u << 20;
inline constexpr char kFramesType[] = "application/vnd.nigh.frames";

}  // namespace nigh::server
