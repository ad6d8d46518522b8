// SPDX-License-Identifier: Apache-2.0
#include "server/front/stream.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace nigh::server {

http2::BodySource::Chunk TextBody::read(std::span<char> into) {
  auto size = std::min(into.size(), text_.size() - sent_);
  std::copy_n(text_.data() + sent_, size, into.data());
  sent_ += size;
  return {size, sent_ == text_.size() ? Next::end : Next::more};
}

Problem too_much_kept() {
  return problem_of(Trouble::busy, "the requests of this connection are too large together");
}

bool Stream::keep(std::size_t more) {
  if (!shared_.kept.allows(more)) return false;
  shared_.kept.now += more;
  kept_ += more;
  return true;
}

void Stream::release(std::size_t less) {
  shared_.kept.now -= less;
  kept_ -= less;
}

void Stream::answer(int status, std::string_view content_type, std::string text) {
  http2::Fields fields{{":status", fmt::format("{}", status)},
                       {"content-type", std::string(content_type)},
                       {"content-length", fmt::format("{}", text.size())},
                       {"cache-control", "no-store"}};
  if (status == 401) fields.push_back({"www-authenticate", "SSHSIG, Bearer"});
  if (status == 407) fields.push_back({"proxy-authenticate", "Basic realm=\"nigh\""});
  text_.emplace(std::move(text));
  // Whoever is still sending a request that is answered need not go on.
  if (shared_.h2.submit_response(id_, fields, &*text_)) shared_.h2.stop_reading(id_);
}

void Stream::answer(const Problem& problem) {
  answer(problem.status, "application/problem+json", encode(problem));
}

void Stream::answer_stream(std::string_view content_type, http2::BodySource& body) {
  // The stream may just have been reset; then on_close() is on its way.
  (void)shared_.h2.submit_response(id_,
                                   {{":status", "200"},
                                    {"content-type", std::string(content_type)},
                                    {"cache-control", "no-store"}},
                                   &body);
}

void GatheringStream::on_data(std::string_view bytes) {
  shared_.h2.consume(id_, bytes.size());
  if (refused_) return;
  if (body_.size() + bytes.size() > limit_) {
    refused_ = true;
    return answer({413, "too-large", "The request is too large",
                   fmt::format("the body of this request may have {} bytes at most", limit_)});
  }
  if (!keep(bytes.size())) {
    refused_ = true;
    body_ = std::string();
    return answer(too_much_kept());
  }
  body_ += bytes;
}

void GatheringStream::on_end() {
  if (!refused_) on_body(std::move(body_));
}

}  // namespace nigh::server
