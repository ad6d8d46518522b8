// SPDX-License-Identifier: Apache-2.0
// Both ends of a session against each other, over connections that break, in an order that a random
// number generator chooses.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <random>

#include "service/session/checked_for_test.hpp"
#include "service/session/session_for_test.hpp"

namespace nigh::session::for_test {

struct Plan {
  bool terminal = false;
  std::size_t clients = 1;  // the last of more than two only watches
  std::size_t capacity = 2000;
  std::uint64_t out = 3000, err = 1000, input = 2000;  // bytes; input of each client that writes
  int signals = 3;                                     // by the first client
  bool late_ends = true;  // the holder may see the end of a connection only after the next began
};

class Simulation : private SessionHost {
 public:
  Simulation(const Plan& plan, std::uint32_t seed)
      : plan_(plan), random_(seed), holder_(settings(plan), *this, now_) {
    for (std::size_t i = 0; i < plan.clients; ++i)
      clients_.push_back(std::make_unique<Client>(i, i > 0 && i + 1 == plan.clients && i >= 2));
  }

  // Before this many bytes have been delivered in all, in both directions, the first client is cut.
  void cut_at(std::uint64_t byte) { cut_at_ = byte; }
  // One in so many steps cuts somebody.
  void cut_often(unsigned one_in) { one_in_ = one_in; }

  // Until everything is over. False: it does not come to its end.
  bool run() {
    for (int steps = 0; steps < 200'000; ++steps) {
      if (is_over()) return true;
      step();
    }
    return false;
  }
  void check(bool lossless) {
    for (auto& client : clients_) {
      auto& taker = client->taker;
      if (taker.was_painted()) taker.follow_screen();
      EXPECT_EQ(taker.wrong, 0);
      ASSERT_TRUE(client->session.exit()) << client->session.detached().value_or("");
      EXPECT_EQ(client->session.exit()->code, 7);
      EXPECT_EQ(taker.at(Channel::out), plan_.out);
      EXPECT_EQ(taker.at(Channel::err), plan_.terminal ? 0 : plan_.err);
      if (lossless) EXPECT_EQ(taker.lost, 0u);
    }
    EXPECT_EQ(wrong_input_, 0);
    for (const auto& client : clients_)
      EXPECT_EQ(input_at_[client->number], client->watches ? 0 : plan_.input);
    EXPECT_EQ(signals_seen_.size(), static_cast<std::size_t>(plan_.signals));
    for (std::size_t i = 0; i < signals_seen_.size(); ++i)
      EXPECT_EQ(signals_seen_[i], i % 2 == 0 ? 10 : 12);
  }

  std::uint64_t delivered() const { return delivered_; }
  int cuts() const { return cuts_; }
  std::uint64_t lost() const {
    std::uint64_t bytes = 0;
    for (const auto& client : clients_) bytes += client->taker.lost;
    return bytes;
  }
  // For who wonders why it does not end.
  std::string state() const {
    auto text = fmt::format("printed {} {}, exited {}, signals {}, cuts {}", printed_[0],
                            printed_[1], exited_, signals_seen_.size(), cuts_);
    for (const auto& client : clients_)
      text +=
          fmt::format("\n{}: connected {} over {} input {} of {} output {} {} {}", client->number,
                      client->link != nullptr, client->session.is_over(), input_at_[client->number],
                      client->written, client->taker.at(Channel::out),
                      client->taker.at(Channel::err), client->session.detached().value_or(""));
    return text;
  }
  bool cut_before_start() const { return cut_before_start_; }

 private:
  // A connection: what is on its way.
  struct Link {
    ConnectionId id;
    std::string up, down;
    std::size_t skip;  // the SPEC, which the holder does not get
  };
  struct Client {
    Client(std::size_t i, bool watches_only)
        : number(i),
          watches(watches_only),
          session(i == 0 ? ClientSession(kSpec, taker)
                         : ClientSession(AttachRequest{5, watches_only, {}, {}}, taker)) {}
    std::size_t number;
    bool watches;
    CheckingTaker taker;
    ClientSession session;
    std::unique_ptr<Link> link;
    std::uint64_t written = 0;
    int signalled = 0;
  };
  static constexpr char kSpec[] = R"({"argv":["x"]})";

  static HolderSettings settings(const Plan& plan) {
    HolderSettings out;
    out.id = "k3x9q2mb";
    out.process = "1";
    out.terminal = plan.terminal;
    out.capacity = plan.capacity;
    out.input_window = run::kEarlyInput;
    return out;
  }

  void signal(int number) override { signals_seen_.push_back(number); }
  void hang_up() override { ADD_FAILURE() << "a client was taken for lost"; }
  void resize(const WindowSize& /*size*/) override {}
  void close_output(Channel /*output*/) override {}
  std::string repaint(std::uint32_t /*lines*/, Repaint /*why*/) override {
    return fmt::format("<{:020}>", printed_[0]);
  }
  void attached(ConnectionId /*connection*/, AttachmentId /*attachment*/) override {}
  void forgotten(AttachmentId /*attachment*/) override {}

  std::size_t pick(std::size_t most) { return random_() % (most + 1); }

  bool is_over() const {
    return std::ranges::all_of(clients_, [](const auto& client) {
      return client->session.is_over() && !client->session.has_output() &&
             (!client->link || client->link->up.empty());
    });
  }

  void step() {
    now_ += std::chrono::milliseconds(1);
    auto& client = *clients_[pick(clients_.size() - 1)];
    if (!client.link && !client.session.is_over()) connect(client);
    if (one_in_ > 0 && pick(one_in_ - 1) == 0) return cut(client);
    switch (pick(7)) {
      case 0:
        return use(client);
      case 1:
        return print();
      case 2:
        return read();
      case 3:
        return go_up(client);
      case 4:
        return go_down(client);
      case 5:
        return from_client(client);
      case 6:
        return from_holder(client);
      default:
        return see_an_end();
    }
  }

  void connect(Client& client) {
    const bool first = client.number == 0 && !client.session.has_started();
    auto id = holder_.connect({}, first ? Opening::started : Opening::resume, now_);
    client.link =
        std::make_unique<Link>(Link{id, "", "", first ? run::kFrameHeader + sizeof(kSpec) - 1 : 0});
    client.session.connect();
  }

  void cut(Client& client) {
    if (!client.link || client.session.is_over()) return;
    if (client.number == 0 && !client.session.has_started()) {
      cut_before_start_ = true;  // nobody can know whether the command runs
      return;
    }
    ++cuts_;
    client.session.disconnect();
    client.link->down.clear();
    client.link->up.resize(plan_.late_ends ? pick(client.link->up.size()) : 0);
    ended_.push_back(std::move(client.link));
    if (!plan_.late_ends) see_an_end();
  }

  // What was on its way when the connection broke may still arrive; then its end is seen.
  void see_an_end() {
    if (ended_.empty()) return;
    auto& link = *ended_.front();
    if (!holder_.is_over(link.id) && link.skip == 0) holder_.receive(link.id, link.up, now_);
    holder_.lost(link.id, now_);
    ended_.erase(ended_.begin());
  }

  void use(Client& client) {
    if (!client.session.has_started() && client.number > 0) return;
    if (client.number == 0 && client.signalled < plan_.signals) {
      ASSERT_TRUE(client.session.signal(client.signalled++ % 2 == 0 ? "USR1" : "USR2"));
    }
    if (client.watches) return;
    std::string bytes;
    auto size = std::min<std::uint64_t>(pick(plan_.input / 8), plan_.input - client.written);
    for (std::uint64_t i = 0; i < size; ++i) bytes += pattern(client.number, client.written + i);
    client.written += client.session.write(bytes);
    if (client.written == plan_.input) client.session.end_input();
  }

  void print() {
    for (auto channel : {Channel::out, Channel::err}) {
      auto index = static_cast<std::size_t>(channel);
      if (plan_.terminal && channel == Channel::err) continue;
      auto total = channel == Channel::out ? plan_.out : plan_.err;
      auto room = holder_.output_room(channel);
      auto size = std::min<std::uint64_t>({pick(400), total - printed_[index], room.size()});
      for (std::uint64_t i = 0; i < size; ++i) room[i] = pattern(2 + index, printed_[index] + i);
      // The screen has the bytes before the holder counts them.
      printed_[index] += size;
      holder_.output(channel, size, now_);
      if (printed_[index] == total && !ended_outputs_[index] && has_heard_all()) {
        ended_outputs_[index] = true;
        holder_.output_ended(channel);
      }
    }
    if (exited_ || !ended_outputs_[0] || !(ended_outputs_[1] || plan_.terminal)) return;
    exited_ = true;
    ExitStatus status;
    status.code = 7;
    holder_.exited(status, now_);
  }

  // The command ends when it has had everything.
  bool has_heard_all() const {
    return signals_seen_.size() >= static_cast<std::size_t>(plan_.signals) &&
           std::ranges::all_of(clients_, [this](const auto& client) {
             return client->session.has_started() &&
                    (client->watches || input_at_[client->number] >= plan_.input);
           });
  }

  void read() {
    auto piece = holder_.input();
    piece = piece.substr(0, pick(plan_.input / 4));
    for (char c : piece) {
      auto from = static_cast<std::uint8_t>(c) >> 6;
      if (c != pattern(from, input_at_[from]++)) ++wrong_input_;
    }
    holder_.input_written(piece.size());
  }

  void from_client(Client& client) {
    if (!client.link) return;
    std::vector<char> buffer(64 + pick(plan_.input / 2));
    client.link->up.append(buffer.data(), client.session.fill(buffer));
  }
  void from_holder(Client& client) {
    if (!client.link) return;
    std::vector<char> buffer(64 + pick(1000));
    client.link->down.append(buffer.data(), holder_.fill(client.link->id, buffer));
  }

  // How many of these bytes arrive before the planned cut.
  std::size_t may_deliver(const Client& client, std::size_t size) {
    if (client.number > 0 || !cut_at_) return size;
    return static_cast<std::size_t>(std::min<std::uint64_t>(size, *cut_at_ - delivered_));
  }
  void after_delivery(Client& client, std::size_t count) {
    delivered_ += count;
    if (client.number > 0 || !cut_at_ || delivered_ != *cut_at_) return;
    cut_at_.reset();
    cut(client);
  }

  void go_up(Client& client) {
    if (!client.link) return;
    auto& link = *client.link;
    auto skipped = std::min(link.skip, link.up.size());
    link.up.erase(0, skipped);
    link.skip -= skipped;
    auto count = may_deliver(client, pick(link.up.size()));
    auto bytes = link.up.substr(0, count);
    link.up.erase(0, count);
    holder_.receive(link.id, bytes, now_);
    after_delivery(client, count);
  }
  void go_down(Client& client) {
    if (!client.link) return;
    auto& link = *client.link;
    auto count = may_deliver(client, pick(link.down.size()));
    auto bytes = link.down.substr(0, count);
    link.down.erase(0, count);
    auto received = client.session.receive(bytes);
    EXPECT_TRUE(received) << received.error().message;
    after_delivery(client, count);
  }

  Plan plan_;
  std::mt19937 random_;
  TimePoint now_{std::chrono::hours(1)};
  HolderSession holder_;
  std::vector<std::unique_ptr<Client>> clients_;
  std::vector<std::unique_ptr<Link>> ended_;
  std::array<std::uint64_t, 2> printed_{};
  std::array<bool, 2> ended_outputs_{};
  bool exited_ = false;
  std::array<std::uint64_t, 4> input_at_{};
  int wrong_input_ = 0;
  std::vector<int> signals_seen_;
  std::optional<std::uint64_t> cut_at_;
  unsigned one_in_ = 0;
  std::uint64_t delivered_ = 0;
  int cuts_ = 0;
  bool cut_before_start_ = false;
};

}  // namespace nigh::session::for_test
