// SPDX-License-Identifier: Apache-2.0
// Who we are, proved with the first request that a connection carries.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "client/broadcast.hpp"
#include "client/identities.hpp"
#include "client/progress.hpp"
#include "http2/types.hpp"

namespace nigh::client {

// How many keys a server listens to on one connection (OpenSSH's MaxAuthTries).
inline constexpr int kMaxAttempts = 6;

// Until the server has accepted a key, one request at a time: it carries a proof, and its answer
// says whether that was enough. All others wait their turn and then need no proof.
class Authenticator {
 public:
  struct Subject {
    std::string user;
    std::string address;   // for messages
    std::string exporter;  // EXPORTER-nigh-auth-v1 over `user`: what is signed
  };
  Authenticator(const asio::any_io_executor& executor, Subject subject, Identities identities,
                const Progress& progress)
      : subject_(std::move(subject)),
        identities_(std::move(identities)),
        progress_(progress),
        turn_over_(executor) {}

  // The server knows us already, by a key with this fingerprint.
  Authenticator(const asio::any_io_executor& executor, std::string fingerprint,
                const Progress& progress)
      : identities_(IdentitySources()),
        progress_(progress),
        turn_over_(executor),
        proved_(true),
        fingerprint_(std::move(fingerprint)) {}

  // Permission to send one request. If it proves(), tell what the server answered through
  // accepted() or rejected(); destroying it without either passes the turn on.
  class Ticket {
   public:
    Ticket() = default;
    Ticket(Ticket&& other) noexcept;
    Ticket& operator=(Ticket&& other) = delete;
    ~Ticket();
    bool proves() const { return owner_ != nullptr; }
    const http2::Fields& fields() const { return fields_; }  // to add to the request
    void accepted();
    void rejected(std::string detail);  // the problem document's words; then take a new ticket

   private:
    friend Authenticator;
    Authenticator* owner_ = nullptr;
    http2::Fields fields_;
  };

  // Throws Errc::refused, with all that was tried, when there is no key left to try.
  awaitable<Ticket> next();

  bool proved() const { return proved_; }
  const std::string& key_fingerprint() const { return fingerprint_; }

 private:
  awaitable<std::string> sign_with_next_key();
  awaitable<void> take_next_offer();
  Error no_key_left() const;
  void pass_turn();

  Subject subject_;
  Identities identities_;
  const Progress& progress_;
  Broadcast turn_over_;
  bool busy_ = false;
  bool proved_ = false;
  std::unique_ptr<Offer> offer_;  // kept until the server has answered
  std::vector<std::string> rejected_;
  std::vector<std::string> unusable_;
  std::string server_said_;
  std::string fingerprint_;
};

}  // namespace nigh::client
