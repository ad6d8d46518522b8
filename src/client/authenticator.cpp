// SPDX-License-Identifier: Apache-2.0
#include "client/authenticator.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "io/runtime.hpp"
#include "ssh/sshsig.hpp"
#include "wire/base64.hpp"

namespace nigh::client {

Authenticator::Ticket::Ticket(Ticket&& other) noexcept
    : owner_(std::exchange(other.owner_, nullptr)), fields_(std::move(other.fields_)) {}

Authenticator::Ticket::~Ticket() {
  if (owner_) owner_->pass_turn();
}

void Authenticator::Ticket::accepted() {
  owner_->proved_ = true;
  owner_->progress_.step("authenticated as {} with {}", owner_->subject_.user,
                         owner_->offer_->description);
  owner_->offer_.reset();
  std::exchange(owner_, nullptr)->pass_turn();
}

void Authenticator::Ticket::rejected(std::string detail) {
  owner_->rejected_.push_back(owner_->offer_->description);
  owner_->server_said_ = std::move(detail);
  owner_->offer_.reset();
  std::exchange(owner_, nullptr)->pass_turn();
}

void Authenticator::pass_turn() {
  busy_ = false;
  turn_over_.notify_all();
}

awaitable<Authenticator::Ticket> Authenticator::next() {
  while (busy_ && !proved_) co_await turn_over_.wait();
  Ticket ticket;
  if (proved_) co_return ticket;
  busy_ = true;
  ticket.owner_ = this;  // from here on its destructor passes the turn on
  auto blob = co_await sign_with_next_key();
  ticket.fields_ = {{"nigh-user", subject_.user},
                    {"authorization", "SSHSIG " + wire::base64(blob), true}};
  co_return ticket;
}

awaitable<std::string> Authenticator::sign_with_next_key() {
  for (;;) {
    co_await take_next_offer();
    progress_.step("offering {}", offer_->description);
    try {
      auto blob = co_await offer_->sign(subject_.exporter);
      fingerprint_ = ssh::fingerprint(unwrap(ssh::parse_sshsig(blob)).key);
      co_return blob;
    } catch (const std::exception&) {
      auto error = io::to_error(std::current_exception());
      if (error.code == Errc::cancelled) throw;
      unusable_.push_back(error.message);
      offer_.reset();
    }
  }
}

awaitable<void> Authenticator::take_next_offer() {
  if (offer_) co_return;  // the request that carried it got no answer
  if (rejected_.size() < kMaxAttempts) offer_ = co_await identities_.next();
  if (!offer_) throw Failure(no_key_left());
}

Error Authenticator::no_key_left() const {
  auto notes = identities_.notes();
  notes.insert(notes.end(), unusable_.begin(), unusable_.end());
  auto asides = notes.empty() ? "" : fmt::format(". Passed over: {}", fmt::join(notes, "; "));
  if (rejected_.empty())
    return {Errc::refused,
            fmt::format("there is no key to prove to {} that we may be {}: make one with "
                        "ssh-keygen and add its .pub line to ~/.ssh/authorized_keys there, or name "
                        "one with --identity{}",
                        subject_.address, subject_.user, asides)};
  return {Errc::refused,
          fmt::format("{} does not let {} in with {}{}. It says: {}. Is the key in that account's "
                      "~/.ssh/authorized_keys?{}",
                      subject_.address, subject_.user, fmt::join(rejected_, ", "),
                      rejected_.size() >= kMaxAttempts
                          ? fmt::format(" (no more than {} keys are tried: name the right one with "
                                        "--identity)",
                                        kMaxAttempts)
                          : "",
                      server_said_, asides)};
}

}  // namespace nigh::client
