// SPDX-License-Identifier: Apache-2.0
#include "client/remote_file.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "client/remote_files_path.hpp"

namespace nigh::client {
namespace {

std::string_view mode_text(OpenMode mode) {
  switch (mode) {
    case OpenMode::read:
      return "read";
    case OpenMode::write:
      return "write";
    case OpenMode::create:
      return "create";
  }
  bug("an OpenMode that does not exist");
}

}  // namespace

RemoteFile::RemoteFile(std::shared_ptr<Connection> connection, std::string path, OpenMode mode)
    : connection_(std::move(connection)),
      url_(files_url("/v1/files/", path) + fmt::format("?mode={}", mode_text(mode))),
      body_([this] { connection_->resume(id_); }, [this] { changed_.notify_all(); }),
      answers_(
          {[this](std::string_view piece) { return on_piece(piece); },
           [this](FileFrame type, std::string_view payload) { return on_answer(type, payload); }}),
      changed_(connection_->executor()) {}

RemoteFile::~RemoteFile() { connection_->abandon(id_); }

// ---- opening and closing -----------------------------------------------------------------------

awaitable<void> RemoteFile::open() {
  co_await connection_->ready();
  co_await send_with_proof(*connection_, [this](http2::Fields proof) { return send(proof); });
}

awaitable<Outcome> RemoteFile::send(http2::Fields proof) {
  connection_->abandon(id_);  // of an attempt with another key
  status_ = 0;
  refusal_.clear();
  answered_ = false;
  http2::Fields fields{{":method", "CONNECT"},
                       {":protocol", "nigh-file"},
                       {":scheme", "https"},
                       {":authority", connection_->endpoint().address()},
                       {":path", url_}};
  std::ranges::move(proof, std::back_inserter(fields));
  id_ = connection_->open(fields, &body_, *this);
  auto answer = wait_answered();
  co_await io::with_timeout(std::move(answer), connection_->endpoint().timeout,
                            fmt::format("{} does not answer the request to open the file",
                                        connection_->endpoint().address()));
  co_return Outcome{status_, refusal_};
}

awaitable<void> RemoteFile::wait_answered() {
  while (!answered_ && !failure_) co_await changed_.wait();
  if (failure_) throw Failure(*failure_);
}

void RemoteFile::close() {
  if (failure_) return;
  bool idle = status_ == 200 && running_.empty() && !closed_;
  if (!idle) connection_->abandon(id_);
  fail({Errc::cancelled, "the file was closed"});
  if (!idle) return;
  // A stream that is left before both halves are closed is reset, and a server takes only so many
  // resets.
  body_.finish();
  io::spawn_logged(connection_->executor(), "file", linger(shared_from_this()));
}

awaitable<void> RemoteFile::linger(std::shared_ptr<RemoteFile> self) {
  while (!self->closed_) co_await self->changed_.wait();
}

void RemoteFile::fail(const Error& error) {
  if (!failure_) failure_ = error;
  changed_.notify_all();
  for (auto& operation : std::exchange(running_, {})) {
    operation->into = {};
    operation->changed.notify_all();
  }
}

// ---- what arrives ------------------------------------------------------------------------------

void RemoteFile::on_headers(const http2::Fields& fields) {
  status_ = status_of(fields);
  answered_ = status_ == 200;
  changed_.notify_all();
}

void RemoteFile::on_data(std::string_view bytes) {
  connection_->consume(id_, bytes.size());
  if (status_ != 200) {
    if (refusal_.size() + bytes.size() <= kMaxAnswer) refusal_ += bytes;
    return;
  }
  if (failure_) return;
  if (auto fed = answers_.feed(bytes); !fed) {
    fail(fed.error());
    connection_->abandon(id_);
    on_closed();
  }
}

void RemoteFile::on_end() {
  answered_ = true;
  if (status_ == 200)
    fail({Errc::closed, fmt::format("{} closed the file", connection_->endpoint().address())});
  changed_.notify_all();
}

void RemoteFile::on_closed() {
  closed_ = true;
  changed_.notify_all();
}

void RemoteFile::on_failed(const Error& error) {
  on_closed();
  fail(error);
}

Result<void> RemoteFile::on_piece(std::string_view piece) {
  if (running_.empty()) return nigh::fail(Errc::malformed, "the host answers what nobody asked");
  auto& operation = *running_.front();
  if (operation.expected != FileFrame::data || piece.size() > operation.limit - operation.got)
    return nigh::fail(Errc::malformed, "the host sends more of the file than was asked for");
  if (!operation.into.empty())
    std::ranges::copy(piece, operation.into.subspan(operation.got).begin());
  operation.got += piece.size();
  return {};
}

Result<void> RemoteFile::on_answer(FileFrame type, std::string_view payload) {
  if (running_.empty()) return nigh::fail(Errc::malformed, "the host answers what nobody asked");
  auto operation = running_.front();
  if (auto r = settle(*operation, type, payload); !r) return r;
  running_.pop_front();
  operation->into = {};
  operation->over = true;
  operation->changed.notify_all();
  return {};
}

Result<void> RemoteFile::settle(Operation& operation, FileFrame type, std::string_view payload) {
  if (type == FileFrame::error) {
    auto error = decode_error(payload);
    if (!error) return std::unexpected(error.error());
    operation.error = *std::move(error);
    return {};
  }
  if (type != operation.expected)
    return nigh::fail(Errc::malformed, "the host answers something else than was asked");
  if (type == FileFrame::status) {
    auto status = decode_status(payload);
    if (!status) return std::unexpected(status.error());
    operation.status = *status;
  }
  if (type != FileFrame::ok || operation.limit == 0) return {};
  auto written = decode_written(payload);
  if (!written) return std::unexpected(written.error());
  if (*written != operation.limit)
    operation.error = {Errc::system, "the host wrote only a part of the data"};
  return {};
}

}  // namespace nigh::client
