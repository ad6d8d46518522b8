// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <memory>

#include "base/text.hpp"
#include "cli/channel_arguments.hpp"
#include "cli/channel_input.hpp"
#include "cli/command.hpp"
#include "cli/connecting.hpp"
#include "cli/console.hpp"
#include "cli/failure.hpp"

namespace nigh::cli {
namespace {

using boost::asio::awaitable;

constexpr std::size_t kPiece = 256 * 1024;

// Says whether somebody receives: to a person, or as JSON.
class ReceiverNotice {
 public:
  explicit ReceiverNotice(const SendArguments& arguments) : arguments_(arguments) {}
  void operator()(std::uint32_t count) {
    if (arguments_.keep) return;
    if (arguments_.json)
      (void)write_all(STDOUT_FILENO, count == 0
                                         ? R"({"event":"waiting"})"
                                           "\n"
                                         : fmt::format(R"({{"event":"receivers","receivers":{}}})"
                                                       "\n",
                                                       count));
    else if (count == 0 && !arguments_.no_wait && ::isatty(STDERR_FILENO) == 1)
      tell("nigh: waiting for a receiver...");
  }

 private:
  const SendArguments& arguments_;
};

class Sending {
 public:
  Sending(async::ChannelSender sender, const SendArguments& arguments)
      : sender_(std::move(sender)), arguments_(arguments) {
    if (arguments.files.empty()) inputs_.emplace_back("-");
    for (const auto& file : arguments.files) inputs_.emplace_back(file);  // all can be opened
  }

  awaitable<void> run() {
    for (auto& input : inputs_) {
      if (arguments_.message)
        co_await send_whole(input);
      else if (arguments_.lines)
        co_await send_lines(input);
      else
        co_await send_bytes(input);
    }
    co_await sender_.finish();
    if (arguments_.json)
      (void)write_all(STDOUT_FILENO, fmt::format(R"({{"event":"taken","messages":{},"bytes":{}}})"
                                                 "\n",
                                                 messages_, bytes_));
  }

 private:
  awaitable<void> send_whole(ChannelInput& input) {
    auto text = co_await input.read_all(kMaxChannelMessage);
    ++messages_;
    bytes_ += text.size();
    co_await sender_.send(std::string_view(text));
  }

  awaitable<void> send_bytes(ChannelInput& input) {
    auto memory = std::make_unique_for_overwrite<char[]>(kPiece);
    input.widen();
    for (;;) {
      auto size = co_await input.read({memory.get(), kPiece});
      if (size == 0) co_return;
      bytes_ += size;
      co_await sender_.send(std::string_view(memory.get(), size));
    }
  }

  // A last line that has no line feed is one, too.
  awaitable<void> send_lines(ChannelInput& input) {
    std::string text;
    for (;;) {
      const auto before = text.size();
      text.resize(before + kPiece);
      auto size = co_await input.read(std::span(text).subspan(before));
      text.resize(before + size);
      if (size == 0) break;
      co_await send_whole_lines(text, before);
    }
    if (!text.empty()) co_await send_messages({text});
  }

  // `seen`: so much of it has no line feed.
  awaitable<void> send_whole_lines(std::string& text, std::size_t seen) {
    std::vector<std::string_view> lines;
    std::size_t begin = 0;
    for (auto end = text.find('\n', seen); end != text.npos; end = text.find('\n', begin)) {
      lines.push_back(std::string_view(text).substr(begin, end - begin));
      begin = end + 1;
    }
    co_await send_messages(std::move(lines));
    text.erase(0, begin);
    if (text.size() > kMaxChannelMessage)
      throw Failure(Errc::too_large, "a line is longer than a message can be, which is 1 MiB");
  }

  awaitable<void> send_messages(std::vector<std::string_view> lines) {
    messages_ += lines.size();
    for (auto line : lines) bytes_ += line.size();
    co_await sender_.send(lines);
  }

  async::ChannelSender sender_;
  const SendArguments& arguments_;
  std::vector<ChannelInput> inputs_;
  std::uint64_t messages_ = 0;
  std::uint64_t bytes_ = 0;
};

awaitable<int> send_all(Supervisor& supervisor, const SendArguments& arguments) {
  auto host = co_await connect(supervisor, arguments.to.host, arguments.connect);
  ChannelSendOptions options;
  options.stream = !arguments.lines && !arguments.message;
  options.keep = arguments.keep;
  options.wait = !arguments.no_wait;
  options.on_receivers = ReceiverNotice(arguments);
  Sending sending(host.channel(arguments.to.channel).sender(std::move(options)), arguments);
  co_await sending.run();
  co_return 0;
}

int status_of(const Error& error, const SendArguments& arguments) {
  if (arguments.no_wait && error.code == Errc::unavailable) return kNobodyThere;
  if (arguments.keep && error.code == Errc::too_large) return kMailboxFull;
  return error.code == Errc::usage ? kUsageStatus : 1;
}

int act(const SendArguments& arguments) {
  Supervisor supervisor;
  try {
    return supervisor.run(send_all(supervisor, arguments));
  } catch (...) {
    auto error = to_error(std::current_exception());
    complain(fmt::format("{}: {}", printable(arguments.to.text()), error.message));
    return status_of(error, arguments);
  }
}

}  // namespace

int send_command(const Arguments& arguments) {
  return handle(send_usage(), parse_send(arguments), act);
}

}  // namespace nigh::cli
