// SPDX-License-Identifier: Apache-2.0
// The three ways to sign with a key.
#pragma once

#include <memory>
#include <string>

#include "client/identities.hpp"

namespace nigh::client {

// `shown` is the key that the server sees: `private_key`'s own or a certificate for it.
std::unique_ptr<Offer> native_offer(std::shared_ptr<const ssh::PrivateKey> private_key,
                                    ssh::PublicKey shown, std::string_view source);

// `held` is the key as the agent lists it.
std::unique_ptr<Offer> agent_offer(std::string socket, ssh::PublicKey held, ssh::PublicKey shown,
                                   std::string_view source);

// `shown` without a value: only ssh-keygen can tell what is in the file.
std::unique_ptr<Offer> ssh_keygen_offer(std::string file, std::optional<ssh::PublicKey> shown);

}  // namespace nigh::client
