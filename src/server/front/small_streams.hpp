// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "server/front/stream.hpp"

namespace nigh::server {

// `GET /v1/`: what this server is and can do.
class InfoStream : public Stream {
 public:
  using Stream::Stream;
  void on_end() override;
};

// Anything that is answered by a problem at once: no such resource, wrong method, not logged in.
class ProblemStream : public Stream {
 public:
  ProblemStream(Shared& shared, http2::StreamId id, const Problem& problem) : Stream(shared, id) {
    answer(problem);
  }
};

// `POST /v1/tokens`: {"lifetime":900} → {"id":…,"token":…,"expires":RFC 3339}.
class IssueTokenStream : public GatheringStream, private WorkerAnswers {
 public:
  IssueTokenStream(Shared& shared, http2::StreamId id) : GatheringStream(shared, id, 1024) {}
  ~IssueTokenStream() override { shared_.worker.forget(asked_); }

 private:
  void on_body(std::string body) override;
  void on_token(TokenIssued issued) override;
  void on_failed(const Failed& failure) override;
  RequestId asked_ = 0;
};

// `DELETE /v1/tokens/{id}`.
class RevokeTokenStream : public Stream, private WorkerAnswers {
 public:
  RevokeTokenStream(Shared& shared, http2::StreamId id, std::string token)
      : Stream(shared, id), token_(std::move(token)) {}
  ~RevokeTokenStream() override { shared_.worker.forget(asked_); }
  void on_end() override;

 private:
  void on_token_revoked() override;
  void on_failed(const Failed& failure) override;
  std::string token_;
  RequestId asked_ = 0;
};

}  // namespace nigh::server
