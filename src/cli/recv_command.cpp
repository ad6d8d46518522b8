// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/text.hpp"
#include "cli/base64.hpp"
#include "cli/channel_arguments.hpp"
#include "cli/command.hpp"
#include "cli/connecting.hpp"
#include "cli/console.hpp"
#include "cli/failure.hpp"
#include "cli/output.hpp"
#include "cli/utf8.hpp"

namespace nigh::cli {
namespace {

using boost::asio::awaitable;
using Json = nlohmann::ordered_json;

// What is written at once, if it is there.
constexpr std::size_t kAtOnce = 256 * 1024;

void add_bytes(Json& json, const std::string& name, const std::string& bytes) {
  if (is_utf8(bytes))
    json[name] = bytes;
  else
    json[name + "_base64"] = base64(bytes);
}

std::string to_json(const ChannelItem& item) {
  Json json;
  if (item.kind == ChannelItem::Kind::message) {
    add_bytes(json, "message", item.bytes);
    json["sender"] = base64(item.sender);
    json["sequence"] = item.sequence;
  } else if (item.kind == ChannelItem::Kind::piece) {
    add_bytes(json, "stream", item.bytes);
  } else {
    json["complete"] = true;
  }
  return json.dump() + "\n";
}

class Receiving {
 public:
  Receiving(Supervisor& supervisor, async::ChannelReceiver receiver, const RecvArguments& arguments)
      : output_(supervisor), receiver_(std::move(receiver)), arguments_(arguments) {}

  awaitable<int> run() {
    while (auto item = co_await receiver_.receive()) {
      if (item->kind == ChannelItem::Kind::piece && !arguments_.json) {
        any_ = true;
        output_.write(STDOUT_FILENO, item->bytes);
        continue;
      }
      add(*item);
      while (text_.size() < kAtOnce) {
        auto more = receiver_.try_receive();
        if (!more) break;
        add(*more);
      }
      output_.write(STDOUT_FILENO, text_);
      text_.clear();
      if (std::exchange(whole_, false)) receiver_.acknowledge();
    }
    co_await receiver_.finish();
    co_return any_ ? 0 : kNobodyThere;
  }

 private:
  void add(const ChannelItem& item) {
    any_ = true;
    whole_ |= item.kind != ChannelItem::Kind::piece;
    if (arguments_.json) {
      text_ += to_json(item);
      return;
    }
    text_ += item.bytes;
    if (arguments_.lines && item.kind == ChannelItem::Kind::message) text_ += '\n';
  }

  Output output_;
  async::ChannelReceiver receiver_;
  const RecvArguments& arguments_;
  std::string text_;
  bool whole_ = false;  // something that can be acknowledged
  bool any_ = false;
};

awaitable<int> receive_all(Supervisor& supervisor, const RecvArguments& arguments) {
  auto host = co_await connect(supervisor, arguments.from.host, arguments.connect);
  ChannelReceiveOptions options;
  const bool goes_on = arguments.lines || arguments.json;
  options.most = arguments.count.value_or(goes_on ? UINT64_MAX : 1);
  options.window =
      static_cast<std::uint32_t>(std::min<std::uint64_t>(arguments.window, options.most));
  options.wait = !arguments.no_wait;
  Receiving receiving(supervisor, host.channel(arguments.from.channel).receiver(options),
                      arguments);
  co_return co_await receiving.run();
}

int act(const RecvArguments& arguments) {
  Supervisor supervisor;
  try {
    return supervisor.run(receive_all(supervisor, arguments));
  } catch (...) {
    auto error = to_error(std::current_exception());
    complain(fmt::format("{}: {}", printable(arguments.from.text()), error.message));
    return error.code == Errc::usage ? kUsageStatus : 1;
  }
}

}  // namespace

int recv_command(const Arguments& arguments) {
  return handle(recv_usage(), parse_recv(arguments), act);
}

}  // namespace nigh::cli
