// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "server/front/stream.hpp"

namespace nigh::server {

// `GET /v1/sessions`: {"sessions":[…]}.
class ListSessionsStream : public Stream, private WorkerAnswers {
 public:
  using Stream::Stream;
  ~ListSessionsStream() override { shared_.worker.forget(asked_); }
  void on_end() override;

 private:
  void on_sessions(SessionList list) override;
  void on_failed(const Failed& failure) override;
  std::vector<SessionFacts> sessions_;
  RequestId asked_ = 0;
};

// `GET /v1/sessions/{id}`: as it is now, or with ?wait=1 once its command has ended.
class AskSessionsStream : public Stream, private WorkerAnswers {
 public:
  AskSessionsStream(Shared& shared, http2::StreamId id, std::string session, bool wait)
      : Stream(shared, id), session_(std::move(session)), wait_(wait) {}
  ~AskSessionsStream() override;
  void on_end() override;
  void on_drain() override;

 private:
  void on_sessions(SessionList list) override;
  void on_failed(const Failed& failure) override;
  std::string session_;
  bool wait_;
  bool answered_ = false;
  RequestId asked_ = 0;
};

// `DELETE /v1/sessions/{id}`: hangs it up, or sends what ?signal= names.
class SignalSessionStream : public Stream, private WorkerAnswers {
 public:
  SignalSessionStream(Shared& shared, http2::StreamId id, std::string session, int number)
      : Stream(shared, id), session_(std::move(session)), number_(number) {}
  ~SignalSessionStream() override { shared_.worker.forget(asked_); }
  void on_end() override;

 private:
  void on_session_signalled() override;
  void on_failed(const Failed& failure) override;
  std::string session_;
  int number_;
  RequestId asked_ = 0;
};

}  // namespace nigh::server
