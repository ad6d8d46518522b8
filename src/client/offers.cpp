// SPDX-License-Identifier: Apache-2.0
#include "client/offers.hpp"

#include <fmt/format.h>

#include "base/text.hpp"
#include "client/agent_client.hpp"
#include "client/ssh_tools.hpp"
#include "ssh/sshsig.hpp"

namespace nigh::client {
namespace {

constexpr std::string_view kHash = "sha512";

void describe(Offer& offer, std::optional<ssh::PublicKey> shown, std::string_view source) {
  offer.key = std::move(shown);
  offer.fingerprint = offer.key ? ssh::fingerprint(*offer.key) : "";
  offer.description =
      offer.key ? fmt::format("{} {} ({})", offer.key->type, offer.fingerprint, printable(source))
                : printable(source);
}

// A signature covers the message, not the key that stands beside it, so the certificate can take
// the place of the key that it certifies.
std::string show_as(const std::string& blob, const std::optional<ssh::PublicKey>& key) {
  if (!key || !ssh::is_certificate(*key)) return blob;
  auto sshsig = unwrap(ssh::parse_sshsig(blob));
  sshsig.key = *key;
  return ssh::encode(sshsig);
}

class NativeOffer : public Offer {
 public:
  explicit NativeOffer(std::shared_ptr<const ssh::PrivateKey> key) : private_key_(std::move(key)) {}
  awaitable<std::string> sign(std::string message) override {
    co_return show_as(unwrap(ssh::sign_sshsig(*private_key_, kAuthNamespace, message)), key);
  }

 private:
  std::shared_ptr<const ssh::PrivateKey> private_key_;
};

class AgentOffer : public Offer {
 public:
  AgentOffer(std::string socket, ssh::PublicKey held)
      : socket_(std::move(socket)), held_(std::move(held)) {}
  awaitable<std::string> sign(std::string message) override {
    auto data = unwrap(ssh::sshsig_signed_data(kAuthNamespace, kHash, message));
    auto signature = co_await sign_with_agent(socket_, held_, std::move(data));
    co_return ssh::sshsig_from_signature(*key, kAuthNamespace, kHash, signature);
  }

 private:
  std::string socket_;
  ssh::PublicKey held_;
};

class SshKeygenOffer : public Offer {
 public:
  explicit SshKeygenOffer(std::string file) : file_(std::move(file)) {}
  awaitable<std::string> sign(std::string message) override {
    auto armored =
        co_await sign_with_ssh_keygen(file_, std::string(kAuthNamespace), std::move(message));
    co_return show_as(unwrap(ssh::dearmor_sshsig(armored)), key);
  }

 private:
  std::string file_;
};

}  // namespace

std::unique_ptr<Offer> native_offer(std::shared_ptr<const ssh::PrivateKey> private_key,
                                    ssh::PublicKey shown, std::string_view source) {
  auto offer = std::make_unique<NativeOffer>(std::move(private_key));
  describe(*offer, std::move(shown), source);
  return offer;
}

std::unique_ptr<Offer> agent_offer(std::string socket, ssh::PublicKey held, ssh::PublicKey shown,
                                   std::string_view source) {
  auto offer = std::make_unique<AgentOffer>(std::move(socket), std::move(held));
  describe(*offer, std::move(shown), source);
  return offer;
}

std::unique_ptr<Offer> ssh_keygen_offer(std::string file, std::optional<ssh::PublicKey> shown) {
  auto offer = std::make_unique<SshKeygenOffer>(file);
  describe(*offer, std::move(shown), file);
  return offer;
}

}  // namespace nigh::client
