// SPDX-License-Identifier: Apache-2.0
#include "client/request.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "client/answers.hpp"
#include "client/early_body.hpp"
#include "service/tunnel/target.hpp"

namespace nigh::client {
namespace {

class TextBody : public http2::BodySource {
 public:
  explicit TextBody(std::string text) : text_(std::move(text)) {}
  Chunk read(std::span<char> into) override {
    auto size = std::min(into.size(), text_.size() - sent_);
    std::copy_n(text_.data() + sent_, size, into.data());
    sent_ += size;
    return {size, sent_ == text_.size() ? Next::end : Next::more};
  }

 private:
  std::string text_;
  std::size_t sent_ = 0;
};

struct PlainRequest {
  Connection& connection;
  Request what;
  Reply reply;

  awaitable<Outcome> send(http2::Fields proof) {
    auto fields = request_fields(connection, what);
    if (what.method == "PUT" && what.body.empty()) fields.push_back({"content-length", "0"});
    std::ranges::move(proof, std::back_inserter(fields));
    TextBody source(what.body);
    Answer answer(connection, what.limit);  // after the body: it must be gone first
    answer.open(fields, what.body.empty() ? nullptr : &source);
    auto limit = what.time_limit.value_or(connection.endpoint().timeout);
    auto wait = answer.wait();
    if (limit == io::Duration::max())
      co_await std::move(wait);
    else
      co_await io::with_timeout(
          std::move(wait), limit,
          fmt::format("{} does not answer the request", connection.endpoint().address()));
    reply = {answer.status(), answer.headers(), answer.body()};
    co_return Outcome{reply.status, reply.body};
  }
};

}  // namespace

http2::Fields request_fields(const Connection& connection, const Request& what) {
  http2::Fields fields{{":method", what.method},
                       {":scheme", "https"},
                       {":authority", connection.endpoint().address()},
                       {":path", what.path}};
  if (!what.protocol.empty()) fields.push_back({":protocol", what.protocol});
  fields.insert(fields.end(), what.headers.begin(), what.headers.end());
  if (!what.body.empty()) fields.push_back({"content-length", fmt::format("{}", what.body.size())});
  return fields;
}

int status_of(const http2::Fields& fields) {
  const auto* text = http2::find(fields, ":status");
  int status = 0;
  if (text) std::from_chars(text->data(), text->data() + text->size(), status);
  return status;
}

awaitable<void> Answer::wait() {
  while (!done_ && !failure_) co_await changed_.wait();
  if (failure_) throw Failure(*failure_);
}

void Answer::on_headers(const http2::Fields& fields) {
  status_ = status_of(fields);
  headers_ = fields;
}

void Answer::on_data(std::string_view bytes) {
  connection_.consume(id_, bytes.size());
  if (body_.size() + bytes.size() > limit_)
    failure_ = {Errc::too_large, fmt::format("{} sends a longer answer than it may",
                                             connection_.endpoint().address())};
  else
    body_ += bytes;
  changed_.notify_all();
}

void Answer::on_end() {
  done_ = true;
  changed_.notify_all();
}

void Answer::on_failed(const Error& error) {
  if (!failure_) failure_ = error;
  changed_.notify_all();
}

void tell_way(const Connection& connection, http2::Fields& login) {
  if (is_indirect(connection.endpoint()))
    login.push_back({std::string(tunnel::kRelayedField), "?1"});
}

awaitable<void> send_with_proof(
    Connection& connection, std::function<awaitable<Outcome>(const http2::Fields& proof)> send) {
  for (;;) {
    auto ticket = co_await connection.authenticator().next();
    auto proof = ticket.fields();
    if (ticket.proves()) tell_way(connection, proof);
    auto outcome = co_await send(proof);
    bool wants_another_key = outcome.status == 401 && ticket.proves();
    // A server looks at the proof first: whatever else it says, it says to somebody it knows.
    if (ticket.proves() && !wants_another_key) ticket.accepted();
    if (outcome.status / 100 == 2) co_return;
    auto problem = parse_problem(outcome.status, outcome.body);
    if (!wants_another_key) throw Failure(std::move(problem));
    ticket.rejected(std::move(problem.message));
  }
}

awaitable<Reply> request(Connection& connection, Request what) {
  // Before it knows us a server hears only a little: prove who we are with a smaller request.
  if (what.body.size() > kEarlyBytes && !connection.authenticator().proved())
    co_await request(connection, {.path = "/v1/"});
  PlainRequest plain{connection, std::move(what), {}};
  auto send = [&plain](const http2::Fields& proof) { return plain.send(proof); };
  co_await send_with_proof(connection, send);
  co_return std::move(plain.reply);
}

awaitable<std::string> fetch(Connection& connection, std::string method, std::string path,
                             std::string body) {
  Request what{.method = std::move(method), .path = std::move(path)};
  what.body = std::move(body);
  if (!what.body.empty()) what.headers.push_back({"content-type", "application/json"});
  auto reply = co_await request(connection, std::move(what));
  co_return std::move(reply.body);
}

}  // namespace nigh::client
