// SPDX-License-Identifier: Apache-2.0
// OpenSSH's programs, for what they alone can do. Run by argv; what they need from a person they
// ask on the terminal themselves, and their complaints go to our stderr.
#pragma once

#include <optional>
#include <string>

#include "base/error.hpp"
#include "io/asio.hpp"

namespace nigh::client {

// What `ssh -G` prints; nullopt where there is no ssh. `config_file` empty: ssh's own choice.
// Throws Errc::usage if ssh refuses, Errc::timeout.
awaitable<std::optional<std::string>> ask_ssh_for_config(std::string host,
                                                         std::optional<std::string> user,
                                                         std::string config_file);

// Whether `ssh-keygen` could ask a person for a passphrase: a terminal or an askpass program.
bool somebody_can_be_asked();

// The armored SSHSIG of `data` in `name_space` by the key in `key_file`, encrypted and FIDO keys
// included. Throws Errc::refused if ssh-keygen would not, Errc::unsupported where there is none.
awaitable<std::string> sign_with_ssh_keygen(std::string key_file, std::string name_space,
                                            std::string data);

}  // namespace nigh::client
