// SPDX-License-Identifier: Apache-2.0
#include "server/worker/grants.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/log.hpp"
#include "base/unique_fd.hpp"
#include "ssh/authorized_keys.hpp"
#include "ssh/certificate.hpp"
#include "ssh/random.hpp"

namespace nigh::server {
namespace {

constexpr std::size_t kGrantBytes = 16;

std::int64_t clamp_time(std::uint64_t unix_time) {
  return static_cast<std::int64_t>(std::min<std::uint64_t>(unix_time, INT64_MAX));
}

// As sshd's StrictModes: a file that others could write says nothing about its owner's will.
Result<std::string> read_authorized_keys(const std::string& path) {
  UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat status{};
  if (!fd.valid() || ::fstat(fd.get(), &status) != 0)
    return fail_errno("cannot read " + path, errno);
  if (!S_ISREG(status.st_mode)) return fail(Errc::refused, path + " is not a file");
  if ((status.st_uid != ::getuid() && status.st_uid != 0) || (status.st_mode & 022) != 0)
    return fail(Errc::refused,
                fmt::format("{} can be written by others: chmod go-w {}", path, path));
  std::string text(
      std::min<std::size_t>(static_cast<std::size_t>(status.st_size), ssh::kMaxAuthorizedKeys + 1),
      '\0');
  std::size_t size = 0;
  for (ssize_t n = 1; n > 0 && size < text.size(); size += static_cast<std::size_t>(n)) {
    n = ::read(fd.get(), text.data() + size, text.size() - size);
    if (n < 0) return fail_errno("cannot read " + path, errno);
  }
  text.resize(size);
  return text;
}

}  // namespace

LookedUp Grants::look_up(const LookUpKey& question, std::int64_t unix_now) {
  LookedUp answer;
  answer.request = question.request;
  answer.user = question.user;
  Grant grant;
  grant.key = question.key;
  grant.source = question.source;
  return decide(std::move(answer), std::move(grant), unix_now);
}

LookedUp Grants::look_up(const LookUpToken& question, std::int64_t unix_now) {
  LookedUp answer;
  answer.request = question.request;
  answer.user = account_.name;
  auto grant = grant_by_token(question, unix_now);
  if (!grant) {
    answer.reason = grant.error().message;
    return answer;
  }
  grant->source = question.source;
  return decide(std::move(answer), *std::move(grant), unix_now);
}

// With the key that made the token, whose rights are then looked up as at a login with it.
Result<Grant> Grants::grant_by_token(const LookUpToken& question, std::int64_t unix_now) const {
  Grant grant;
  auto token = tokens_.find(question.hash, unix_now);
  if (!token) return std::unexpected(token.error());
  if (*token) {
    grant.key = (*token)->key;
    grant.token_id = (*token)->id;
    grant.expires = (*token)->expires;
    return grant;
  }
  auto resumable = sessions_.find_resume(question.hash);
  if (!resumable) return fail(Errc::not_found, "no such token, or it has expired");
  grant.key = std::move(resumable->entry.key);
  grant.token_id = std::move(resumable->entry.token_id);
  grant.only = ResumeGrant{std::move(resumable->session), resumable->entry.attachment};
  return grant;
}

LookedUp Grants::decide(LookedUp answer, Grant grant, std::int64_t unix_now) {
  auto refused = [&](std::string reason) {
    answer.reason = std::move(reason);
    return answer;
  };
  if (answer.user != account_.name) return refused("this server is " + account_.name + "'s");
  auto text = read_authorized_keys(authorized_keys_);
  if (!text) return refused(text.error().message);
  auto key = ssh::parse_public_key(grant.key);
  if (!key) return refused(key.error().message);
  grant.fingerprint = ssh::fingerprint(*key);
  auto decision =
      ssh::find_key(*text, authorized_keys_, {*key, answer.user, grant.source, unix_now});
  if (!decision) return refused(decision.error().message);
  for (const auto& warning : decision->warnings) log::warning("{}", warning);
  if (decision->outcome == ssh::KeyDecision::Outcome::not_listed)
    return refused(fmt::format("key {} is not in {}", grant.fingerprint, authorized_keys_));
  if (decision->outcome == ssh::KeyDecision::Outcome::refused) return refused(decision->reason);

  grant.options = std::move(decision->options);
  if (grant.options.expiry)
    grant.expires = std::min(grant.expires, clamp_time(*grant.options.expiry));
  if (ssh::is_certificate(*key))
    if (auto certificate = ssh::parse_certificate(key->blob))
      grant.expires = std::min(grant.expires, clamp_time(certificate->valid_before));
  answer.found = true;
  answer.grant = ssh::random_bytes(kGrantBytes);
  answer.fingerprint = grant.fingerprint;
  answer.touch_required = !grant.options.no_touch_required;
  answer.verify_required = grant.options.verify_required;
  if (grant.expires != INT64_MAX) answer.expires = grant.expires;
  grants_.emplace(answer.grant, std::move(grant));
  return answer;
}

const Grant* Grants::find(const GrantId& id, std::int64_t unix_now) const {
  auto found = grants_.find(id);
  return found != grants_.end() && found->second.expires > unix_now ? &found->second : nullptr;
}

void Grants::release_token(std::string_view token_id) {
  std::erase_if(grants_, [&](const auto& entry) { return entry.second.token_id == token_id; });
}

}  // namespace nigh::server
