// SPDX-License-Identifier: Apache-2.0
#include "client/identities.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "client/agent_client.hpp"
#include "client/offers.hpp"
#include "client/ssh_tools.hpp"
#include "io/runtime.hpp"

namespace nigh::client {

awaitable<std::unique_ptr<Offer>> Identities::next() {
  while (queue_.empty())
    if (!co_await open_next_source()) co_return nullptr;
  auto offer = std::move(queue_.front());
  queue_.pop_front();
  co_return offer;
}

awaitable<bool> Identities::open_next_source() {
  if (next_file_ < sources_.files.size()) {
    co_await add_file(sources_.files[next_file_++], false);
  } else if (!agent_offered_) {
    agent_offered_ = true;
    if (sources_.offer_agent_keys) co_await add_agent();
  } else if (next_default_ < sources_.default_files.size()) {
    co_await add_file(sources_.default_files[next_default_++], true);
  } else {
    co_return false;
  }
  co_return true;
}

awaitable<void> Identities::add_file(std::string path, bool may_be_absent) {
  auto file = read_key_file(path, sources_.certificates);
  if (!file) {
    notes_.push_back(file.error().message);
    co_return;
  }
  if (!*file) {
    if (!may_be_absent) notes_.push_back(fmt::format("there is no key {}", printable(path)));
    co_return;
  }
  if ((*file)->private_key) co_return add_native(**file);
  co_await load_agent();
  if (!add_from_agent(**file)) add_by_ssh_keygen(**file);
}

void Identities::add_native(const KeyFile& file) {
  for (const auto& certificate : file.certificates)
    if (!seen(certificate))
      queue_.push_back(native_offer(file.private_key, certificate, file.path));
  if (!seen(*file.public_key))
    queue_.push_back(native_offer(file.private_key, *file.public_key, file.path));
}

bool Identities::add_from_agent(const KeyFile& file) {
  if (!file.public_key) return false;
  bool found = false;
  for (const auto& held : *agent_keys_) {
    if (ssh::plain_key(held.key) != *file.public_key) continue;
    found = true;
    for (const auto& certificate : file.certificates)
      if (!seen(certificate))
        queue_.push_back(agent_offer(sources_.agent_socket, held.key, certificate, file.path));
    offer_agent_key(held);
  }
  return found;
}

void Identities::add_by_ssh_keygen(const KeyFile& file) {
  auto shown = printable(file.path);
  if (!file.has_private)
    return notes_.push_back(
        fmt::format("{} is a public key, and no agent holds the private one", shown));
  if (!somebody_can_be_asked())
    return notes_.push_back(
        fmt::format("the key {} needs a passphrase or a touch, and there is "
                    "no terminal to ask on: add it to an ssh-agent",
                    shown));
  for (const auto& certificate : file.certificates)
    if (!seen(certificate)) queue_.push_back(ssh_keygen_offer(file.path, certificate));
  if (!file.public_key || !seen(*file.public_key))
    queue_.push_back(ssh_keygen_offer(file.path, file.public_key));
}

awaitable<void> Identities::load_agent() {
  if (agent_keys_) co_return;
  agent_keys_.emplace();
  if (sources_.agent_socket.empty()) co_return;
  try {
    agent_keys_ = co_await list_agent_keys(sources_.agent_socket);
  } catch (const std::exception&) {
    auto error = io::to_error(std::current_exception());
    if (error.code == Errc::cancelled) throw;
    notes_.push_back(error.message);
  }
}

awaitable<void> Identities::add_agent() {
  co_await load_agent();
  if (agent_keys_->empty()) co_return;
  // Those that are in a default file too come first: they are likelier to be the right ones, and a
  // server listens to a few only.
  read_default_files();
  for (const auto& held : *agent_keys_) {
    const auto* file = default_file_with(held.key);
    if (!file) continue;
    if (file->private_key && !ssh::is_certificate(held.key))
      add_native(*file);
    else
      offer_agent_key(held);
  }
  for (const auto& held : *agent_keys_) offer_agent_key(held);
}

void Identities::offer_agent_key(const ssh::AgentKey& key) {
  if (seen(key.key)) return;
  auto source = key.comment.empty() ? "agent" : fmt::format("agent: {}", key.comment);
  queue_.push_back(agent_offer(sources_.agent_socket, key.key, key.key, source));
}

void Identities::read_default_files() {
  default_files_.emplace();
  for (const auto& path : sources_.default_files) {
    auto file = read_key_file(path, sources_.certificates);
    if (file && *file) default_files_->push_back(**std::move(file));
  }
}

const KeyFile* Identities::default_file_with(const ssh::PublicKey& key) {
  auto plain = ssh::plain_key(key);
  auto found = std::ranges::find_if(*default_files_,
                                    [&](const auto& file) { return file.public_key == plain; });
  return found == default_files_->end() ? nullptr : &*found;
}

bool Identities::seen(const ssh::PublicKey& key) {
  if (std::ranges::find(offered_, key) != offered_.end()) return true;
  offered_.push_back(key);
  return false;
}

}  // namespace nigh::client
