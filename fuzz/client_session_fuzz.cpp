// SPDX-License-Identifier: Apache-2.0
// A hostile server of a session: whatever it says, and however often it breaks the connection, the
// client keeps no more than its window, and what it sends is what a holder reads.
#include "service/session/session_for_test.hpp"
#include "session_script_for_fuzz.hpp"

using namespace nigh;
using namespace nigh::session;

namespace {

class World {
 public:
  explicit World(std::uint8_t choice)
      : attaches_(choice % 2 == 0),
        client_(attaches_ ? ClientSession(AttachRequest{100, choice % 4 == 0, {}, {}}, taker_)
                          : ClientSession("{}", taker_)) {
    connect();
  }
  bool is_over() const { return client_.is_over() || wrong_; }

  void act(for_fuzz::Script& script) {
    auto choice = script.byte();
    switch (choice % 12) {
      case 0:
        wrong_ = !client_.receive(script.bytes());
        return;
      case 1:
        if (client_.has_started() && !client_.is_resumable()) return;
        client_.disconnect();
        if (!client_.is_over()) connect();
        return;
      case 2:
        (void)client_.write(std::string(choice * 97, 'x'));
        return;
      case 3:
        (void)client_.signal("INT");
        return;
      case 4:
        return client_.resize({choice, choice, 0, 0});
      case 5:
        return client_.close_output(choice / 12 % 2 == 0 ? Channel::out : Channel::err);
      case 6:
        return choice > 128 ? client_.end_input() : client_.hang_up();
      case 7:
        return listen(1 + std::size_t{choice});
      case 8:
        wrong_ = !client_.receive(run::frame(
            run::Frame::started,
            run::encode_started({"1", 65536,
                                 run::SessionNote{"s", 1, "t", choice > 128, 4096, script.byte(), 0,
                                                  script.byte(), 0}})));
        return;
      default:
        wrong_ = !client_.receive(script.frame());
    }
  }
  void listen(std::size_t most) {
    std::string buffer(ClientSession::kMinFill + most, '\0');
    said_ += buffer.substr(0, client_.fill(buffer));
    read_what_was_said();
    expect(client_.input_kept() <= run::kMaxInputWindow, "a client keeps more than its window");
  }

 private:
  void connect() {
    client_.connect();
    said_.clear();
    const bool begins = !client_.has_started() && !attaches_;
    skip_ = begins ? run::kFrameHeader + 2 : 0;  // its SPEC
    decoder_.emplace(
        run::Receiver::holder,
        run::FrameDecoder::Handler{[](run::Frame type, std::string_view payload) -> Result<void> {
                                     if (type == run::Frame::resume)
                                       if (auto resume = decode_resume(payload); !resume)
                                         return std::unexpected(resume.error());
                                     return {};
                                   },
                                   [](run::Frame, std::string_view) {}},
        begins ? run::FrameDecoder::Begin::open : run::FrameDecoder::Begin::first);
  }
  void read_what_was_said() {
    auto skipped = std::min(skip_, said_.size());
    skip_ -= skipped;
    expect(decoder_->feed(std::string_view(said_).substr(skipped)).has_value(),
           "a client says what no holder reads");
    said_.clear();
  }

  for_test::FakeTaker taker_;
  bool attaches_;
  ClientSession client_;
  std::optional<run::FrameDecoder> decoder_;
  std::string said_;
  std::size_t skip_ = 0;
  bool wrong_ = false;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  for_fuzz::Script script(data, size);
  World world(script.byte());
  while (!script.is_over() && !world.is_over()) world.act(script);
  world.listen(1000);
  return 0;
}
