// SPDX-License-Identifier: Apache-2.0
// Any bytes, cut anywhere, into a server that answers everything: no crash, no growth, no hang.
#include <chrono>
#include <cstdint>
#include <span>
#include <string_view>

#include "http2/session.hpp"

using namespace nigh::http2;

namespace {

struct Answer : Events, BodySource {
  void on_headers(StreamId id, Fields, bool) override {
    if (id % 3 == 0) return session->reset(id, kCancel);
    nigh::unwrap(session->submit_response(id, {{":status", "200"}}, id % 5 == 0 ? nullptr : this));
  }
  void on_data(StreamId id, std::string_view bytes) override { session->consume(id, bytes.size()); }
  void on_end(StreamId id) override { session->stop_reading(id); }
  void on_close(StreamId, std::uint32_t) override {}
  Chunk read(std::span<char> into) override {
    into.front() = 'x';
    return {1, ++reads % 4 == 0 ? Next::end : Next::more};
  }
  Session* session = nullptr;
  int reads = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Answer answer;
  Session session(Role::server, Limits(), answer,
                  [] { return std::chrono::steady_clock::time_point(); });
  answer.session = &session;
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  for (OutBuffer out(64 * 1024); !rest.empty() && !session.finished(); out.clear()) {
    auto piece = rest.substr(0, 1 + rest.size() / 2);
    rest.remove_prefix(piece.size());
    bool well = session.receive(piece).has_value();
    session.produce(out);
    if (!well) break;
  }
  return 0;
}
