// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/channel.hpp"
#include "base/folder_for_test.hpp"
#include "service/resource/resource.hpp"
#include "wire/reader.hpp"

namespace nigh::resource::for_test {

// The other side: what it sends is known before, what it gets is kept.
class MemoryChannel : public ByteChannel {
 public:
  explicit MemoryChannel(std::string input, std::size_t piece = 1 << 20)
      : input_(std::move(input)), piece_(piece) {}

  std::size_t read(std::span<char> into) override {
    if (breaks_ && at_ == input_.size()) throw Failure(Errc::closed, "the client is gone");
    auto size = std::min({into.size(), input_.size() - at_, piece_});
    input_.copy(into.data(), size, at_);
    at_ += size;
    return size;
  }
  void write(std::string_view bytes) override {
    output += bytes;
    if (on_write) on_write();
  }
  void finish() override { finished = true; }
  void cancel() override {}
  // Instead of an end, the input has a failure.
  void break_off() { breaks_ = true; }
  bool read_all() const { return at_ == input_.size(); }

  std::string output;
  bool finished = false;
  std::function<void()> on_write;

 private:
  std::string input_;
  std::size_t piece_;
  std::size_t at_ = 0;
  bool breaks_ = false;
};

struct Answer {
  std::uint32_t status = 0;
  std::vector<HeaderField> headers;
  std::string body;

  std::optional<std::string> header(std::string_view name) const {
    for (const auto& field : headers)
      if (field.name == name) return field.value;
    return std::nullopt;
  }
  std::string detail() const { return nlohmann::json::parse(body).at("detail"); }
  // Of JSON lines.
  std::vector<nlohmann::json> lines() const {
    std::vector<nlohmann::json> all;
    for (std::size_t at = 0; at < body.size();) {
      auto end = body.find('\n', at);
      all.push_back(nlohmann::json::parse(body.substr(at, end - at)));
      at = end + 1;
    }
    return all;
  }
};

inline Answer answer_in(std::string_view output) {
  wire::Reader in(output);
  auto head = decode_response(in.string()).value();
  return {head.status, head.headers, std::string(in.rest())};
}

// A home with files in it, and requests about them.
struct Visit {
  Answer ask(std::string method, std::string path, std::vector<HeaderField> headers = {},
             std::string body = "") const {
    MemoryChannel channel(std::move(body));
    RequestHead head{std::move(method), "", std::move(path), std::move(headers)};
    serve(channel, head, home.path());
    if (!channel.finished) throw std::runtime_error("the answer was not finished");
    return answer_in(channel.output);
  }
  nigh::for_test::Folder home;
};

}  // namespace nigh::resource::for_test
