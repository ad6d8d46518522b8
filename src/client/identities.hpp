// SPDX-License-Identifier: Apache-2.0
// The keys that may prove who we are, one after the other; each source is opened only when those
// before it did not do.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "client/key_file.hpp"
#include "client/resolve.hpp"
#include "io/asio.hpp"
#include "ssh/agent.hpp"

namespace nigh::client {

inline constexpr std::string_view kAuthNamespace = "nigh-auth-v1";

// One key to try.
class Offer {
 public:
  virtual ~Offer() = default;
  // The SSHSIG blob over `message` in kAuthNamespace. Throws Failure: then try the next offer.
  virtual awaitable<std::string> sign(std::string message) = 0;

  std::string description;            // "ED25519 SHA256:… (~/.ssh/id_ed25519)"
  std::string fingerprint;            // empty where it is not known
  std::optional<ssh::PublicKey> key;  // a certificate where one is offered
};

class Identities {
 public:
  explicit Identities(IdentitySources sources) : sources_(std::move(sources)) {}

  // nullptr: there are no more. Never throws but for cancellation: what is wrong with a source goes
  // into notes(). No key is offered twice.
  awaitable<std::unique_ptr<Offer>> next();

  // Why keys were passed over, for the person who wonders.
  const std::vector<std::string>& notes() const { return notes_; }

 private:
  awaitable<bool> open_next_source();
  awaitable<void> add_file(std::string path, bool may_be_absent);
  awaitable<void> add_agent();
  awaitable<void> load_agent();
  void add_native(const KeyFile& file);
  bool add_from_agent(const KeyFile& file);
  void add_by_ssh_keygen(const KeyFile& file);
  void offer_agent_key(const ssh::AgentKey& key);
  const KeyFile* default_file_with(const ssh::PublicKey& key);
  void read_default_files();
  bool seen(const ssh::PublicKey& key);

  IdentitySources sources_;
  std::size_t next_file_ = 0;
  std::size_t next_default_ = 0;
  bool agent_offered_ = false;
  std::optional<std::vector<ssh::AgentKey>> agent_keys_;
  std::optional<std::vector<KeyFile>> default_files_;
  std::deque<std::unique_ptr<Offer>> queue_;
  std::vector<ssh::PublicKey> offered_;
  std::vector<std::string> notes_;
};

}  // namespace nigh::client
