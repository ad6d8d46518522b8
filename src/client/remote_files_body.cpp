// SPDX-License-Identifier: Apache-2.0
#include "client/remote_files_body.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace nigh::client {
namespace {

bool is_good(int status) { return status / 100 == 2; }

}  // namespace

BodyReader::~BodyReader() {
  connection_.abandon(id_);
  if (is_good(status_)) connection_.consume(id_, bytes_.size());
}

awaitable<void> BodyReader::open(std::string path, io::Duration limit) {
  path_ = std::move(path);
  limit_ = limit;
  co_await send_with_proof(connection_, [this](http2::Fields proof) { return send(proof); });
}

awaitable<Outcome> BodyReader::send(http2::Fields proof) {
  connection_.abandon(id_);  // of an attempt with another key
  status_ = 0;
  bytes_.clear();
  done_ = false;
  http2::Fields fields{{":method", "GET"},
                       {":scheme", "https"},
                       {":authority", connection_.endpoint().address()},
                       {":path", path_}};
  std::ranges::move(proof, std::back_inserter(fields));
  id_ = connection_.open(fields, nullptr, *this);
  auto begun = wait_begun();
  if (limit_ == io::Duration::max())
    co_await std::move(begun);
  else
    co_await io::with_timeout(
        std::move(begun), limit_,
        fmt::format("{} does not answer the request", connection_.endpoint().address()));
  co_return Outcome{status_, is_good(status_) ? "" : bytes_};
}

awaitable<void> BodyReader::wait_begun() {
  while (!is_good(status_) && !done_ && !failure_) co_await changed_.wait();
  if (failure_) throw Failure(*failure_);
}

awaitable<std::string> BodyReader::next() {
  while (bytes_.empty() && !done_ && !failure_) co_await changed_.wait();
  if (bytes_.empty() && failure_) throw Failure(*failure_);
  connection_.consume(id_, bytes_.size());
  co_return std::exchange(bytes_, {});
}

void BodyReader::on_headers(const http2::Fields& fields) {
  status_ = status_of(fields);
  changed_.notify_all();
}

void BodyReader::on_data(std::string_view bytes) {
  if (is_good(status_)) {
    bytes_ += bytes;
  } else {
    connection_.consume(id_, bytes.size());
    if (bytes_.size() + bytes.size() <= kMaxAnswer) bytes_ += bytes;
  }
  changed_.notify_all();
}

void BodyReader::on_end() {
  done_ = true;
  changed_.notify_all();
}

void BodyReader::on_failed(const Error& error) {
  failure_ = error;
  changed_.notify_all();
}

}  // namespace nigh::client
