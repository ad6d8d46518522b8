// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <utility>

#include "service/channel/store.hpp"

namespace nigh::channel::for_test {

// A store that forgets what was not committed when it is told to.
class MemoryStore final : public Store {
 public:
  Result<void> append(std::string_view channel, std::string_view sender, std::uint64_t sequence,
                      std::string_view bytes) override {
    auto& known = now_.senders[{std::string(channel), std::string(sender)}];
    if (sequence <= known) return {};
    if (now_.messages.size() >= quota) return fail(Errc::too_large, "it is full");
    known = sequence;
    const auto id = ++now_.last;
    now_.messages[id] = {std::string(channel),
                         {id, std::string(sender), sequence, std::string(bytes)}};
    return {};
  }
  Result<void> remove(std::string_view, std::uint64_t id) override {
    now_.messages.erase(id);
    return {};
  }
  Result<void> commit() override {
    if (fails) {
      now_ = committed_;
      return fail(Errc::system, "the disk is gone");
    }
    committed_ = now_;
    return {};
  }
  Result<std::vector<Kept>> next(std::string_view channel, std::uint64_t after, std::size_t most,
                                 std::size_t bytes) override {
    std::vector<Kept> page;
    std::size_t size = 0;
    for (auto at = now_.messages.upper_bound(after); at != now_.messages.end(); ++at) {
      if (at->second.first != channel) continue;
      if (page.size() == most || size >= bytes) break;
      page.push_back(at->second.second);
      size += page.back().bytes.size();
    }
    return page;
  }
  Result<std::uint64_t> last(std::string_view channel, std::string_view sender) override {
    auto found = now_.senders.find({std::string(channel), std::string(sender)});
    return found == now_.senders.end() ? 0 : found->second;
  }
  Result<std::vector<KeptFacts>> facts() override {
    std::map<std::string, KeptFacts> all;
    for (const auto& [id, message] : now_.messages) {
      auto& one = all[message.first];
      one.channel = message.first;
      ++one.messages;
      one.bytes += message.second.bytes.size();
    }
    std::vector<KeptFacts> list;
    for (auto& [name, facts] : all) list.push_back(facts);
    return list;
  }
  // As kill -9 of who has it.
  void crash() { now_ = committed_; }
  std::size_t size() const { return now_.messages.size(); }

  std::size_t quota = 1000;
  bool fails = false;

 private:
  struct Content {
    std::map<std::uint64_t, std::pair<std::string, Kept>> messages;
    std::map<std::pair<std::string, std::string>, std::uint64_t> senders;
    std::uint64_t last = 0;
  };
  Content now_, committed_;
};

}  // namespace nigh::channel::for_test
