// SPDX-License-Identifier: Apache-2.0
// Hostile clients of a session, beside one that behaves. Whatever they do, that one gets what the
// command prints, in order, or is told what it has missed; and what a holder says, a client reads.
#include "service/session/checked_for_test.hpp"
#include "service/session/session_for_test.hpp"
#include "session_script_for_fuzz.hpp"

using namespace nigh;
using namespace nigh::session;

namespace {

struct Host : for_test::FakeHost {
  std::uint64_t printed = 0;
  std::string repaint(std::uint32_t, Repaint) override { return fmt::format("<{}>", printed); }
};

class World {
 public:
  explicit World(std::uint8_t choice)
      : holder_(settings(choice), host_, now_), client_(R"({"argv":["x"]})", taker_) {
    honest_ = holder_.connect({"honest", "token", {}}, Opening::started, now_);
    client_.connect();
    for_test::drained(client_);  // its SPEC, which the holder does not get
  }

  void act(for_fuzz::Script& script) {
    auto choice = script.byte();
    auto id = strangers_.empty() ? 0 : strangers_[choice / 16 % strangers_.size()];
    switch (choice % 16) {
      case 0:
        if (strangers_.size() < 64)
          strangers_.push_back(holder_.connect({"stranger", "", {}}, Opening::resume, now_));
        return;
      case 1:
        return holder_.lost(id, now_);
      case 2:
        return holder_.receive(id, script.bytes(), now_);
      case 3:
        return listen(id);
      case 4:
        return print(script.byte());
      case 5:
        holder_.input_written(std::min<std::size_t>(holder_.input().size(), script.byte()));
        return;
      case 6:
        if (holder_.input_ended()) holder_.input_end_done();
        return;
      case 7:
        now_ += std::chrono::seconds(script.byte());
        return holder_.tick(now_);
      case 8:
        return talk();
      case 9:
        holder_.exited({}, now_);
        return holder_.output_ended(Channel::out);
      case 10:
        (void)client_.write("honest");
        return;
      default:
        return holder_.receive(id, script.frame(), now_);
    }
  }
  // The one that behaves hears and says all that there is to say.
  void talk() {
    auto heard = client_.receive(for_test::drained(holder_, honest_));
    expect(heard.has_value(), "a holder says what no client reads");
    holder_.receive(honest_, for_test::drained(client_), now_);
    expect(!holder_.is_over(honest_) || client_.is_over(), "a client that behaves was refused");
    expect(taker_.wrong == 0, "a client that behaves got something else");
  }

 private:
  static HolderSettings settings(std::uint8_t choice) {
    HolderSettings out;
    out.terminal = (choice & 1) != 0;
    out.keep = (choice & 2) != 0;
    out.capacity = 16u << (choice >> 4);
    out.max_clients = 4;
    return out;
  }
  void print(std::size_t most) {
    auto room = holder_.output_room(Channel::out);
    auto size = std::min(room.size(), most);
    for (std::size_t i = 0; i < size; ++i) room[i] = for_test::pattern(2, host_.printed++);
    if (!room.empty()) holder_.output(Channel::out, size, now_);
  }
  void listen(ConnectionId id) {
    auto said = for_test::drained(holder_, id, 100);
    expect(!holder_.has_output(id), "a holder has something to say and does not say it");
    expect(said.size() < (1 << 20), "a holder says too much");
  }

  TimePoint now_{std::chrono::hours(1)};
  Host host_;
  HolderSession holder_;
  for_test::CheckingTaker taker_;
  ClientSession client_;
  ConnectionId honest_ = 0;
  std::vector<ConnectionId> strangers_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  for_fuzz::Script script(data, size);
  World world(script.byte());
  while (!script.is_over()) world.act(script);
  world.talk();
  return 0;
}
