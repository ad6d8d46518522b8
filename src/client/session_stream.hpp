// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nigh/types.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "client/contact_watch.hpp"
#include "client/process_stream.hpp"
#include "client/redial.hpp"
#include "client/session_carrier.hpp"
#include "io/fd_source.hpp"
#include "io/network_watch.hpp"
#include "service/session/client_session.hpp"

namespace nigh::client {

// A session on a server, which survives its connection: notices when there is no contact any more,
// makes another connection and goes on where it was. What is sent and received is decided by
// ClientSession; this does it, over one SessionCarrier after the other.
//
// Two coroutines share the work as long as a connection is the one: talk() does what has to be done
// on it, guard() watches it and looks for another. Whoever is done first ends the other.
class SessionStream final : public ProcessStream,
                            private session::SessionTaker,
                            public std::enable_shared_from_this<SessionStream> {
 public:
  // `owner` keeps `connection` open until the session has another, or has ended.
  SessionStream(std::shared_ptr<Connection> connection, std::shared_ptr<const void> owner,
                const Command& command);
  // One more client for a session that exists.
  SessionStream(std::shared_ptr<Connection> connection, std::shared_ptr<const void> owner,
                std::string id, const AttachOptions& options);
  ~SessionStream() override;

  void start() override;
  void end(const Error& why) override;
  void detach() override;
  awaitable<void> write(std::string_view bytes, Last last = Last::no) override;
  void send_input(UniqueFd fd) override;
  void drop_input() override { source_.reset(); }
  void close_input() override;
  void signal(std::string_view name) override;
  void resize(const WindowSize& size) override;
  void close_output(Channel channel) override;
  void consume(std::size_t count) override;
  void on_contact(ContactEvents events) override { events_ = std::move(events); }

 private:
  using Time = ContactWatch::Time;

  // ---- the conversation (session_stream.cpp)
  static awaitable<void> converse(std::shared_ptr<SessionStream> self);
  void finish(const std::exception_ptr& failure);
  awaitable<void> talk();
  awaitable<void> introduce();
  awaitable<void> talk_to_the_end();
  awaitable<void> say_goodbye();
  bool can_go_on_after(const Failure& failure) const;
  void switch_to(std::shared_ptr<Connection> connection);
  void make_carrier();
  void said_all();
  void leave(const Error& why);
  std::string path() const;
  void flush();
  bool take_input();
  void on_reader() override;
  // The session has ended, and nobody has asked about that yet: the server keeps how.
  bool holds_exit() const { return stays_ && !has_reader_ && !left_ && session_.exit(); }

  // ---- contact (session_contact.cpp)
  awaitable<void> guard(std::shared_ptr<Connection>& found);
  awaitable<std::string> until_doubtful();
  awaitable<std::shared_ptr<Connection>> find_contact(std::string why);
  bool has_recovered(Time now);
  void lose(const Error& why);
  void on_sent();
  void on_network();
  void input_came();
  void tell_waiting(Time now, const std::string& why);
  void regained();
  void tell(std::function<void(const ContactEvents&)> what);

  // ---- session::SessionTaker
  void on_started() override;
  void on_output(Channel output, std::string_view piece) override;
  void on_screen(std::string_view piece) override { on_output(Channel::out, piece); }
  void on_lost(Channel output, std::uint64_t bytes) override;
  void on_notice(const session::Notice& notice) override;

  session::ClientSession session_;
  const bool stays_;         // goes on when its client is gone
  const bool only_watches_;  // AttachOptions::read_only
  bool has_reader_ = false;
  std::size_t spec_size_ = 0;
  std::string id_;  // empty: not known yet
  std::shared_ptr<const void> owner_;
  std::shared_ptr<Connection> connection_;
  std::optional<SessionCarrier> carrier_;
  std::optional<io::FdSource> source_;
  bool source_waits_ = false;
  bool receive_soon_ = false;
  std::size_t unread_ = 0;     // output that was received and not consumed
  std::optional<Error> left_;  // we are leaving: what to say once the server knows

  ContactEvents events_;
  ContactWatch watch_;
  RetryPace pace_;
  std::optional<io::NetworkWatch> network_;
  asio::steady_timer alarm_;
  std::optional<Error> broken_;  // the connection
  Time regained_at_{};
  std::optional<Time> lost_at_;  // when we last heard of the server, if it was too long ago
  bool told_lost_ = false;
  Time next_tick_{};
};

}  // namespace nigh::client
