// SPDX-License-Identifier: Apache-2.0
#include "ssh/authorized_keys.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/text.hpp"
#include "ssh/certificate.hpp"
#include "ssh/text_line.hpp"
#include "wire/base64.hpp"

namespace nigh::ssh {
namespace {

struct Entry {
  std::string_view options;
  std::string blob;
};

// The blob if `text` starts with "type base64" and the blob says the same type.
std::optional<std::string> key_at(std::string_view text) {
  auto type = take_word(text);
  auto blob = wire::base64_decode(take_word(text));
  if (!blob || type.empty() || framed_key_type(*blob) != type) return std::nullopt;
  return *std::move(blob);
}

std::optional<Entry> parse_entry(std::string_view line) {
  if (auto blob = key_at(line)) return Entry{{}, *std::move(blob)};
  auto options = line.substr(0, options_length(line));
  auto rest = trim(line.substr(options.size()));
  if (auto blob = key_at(rest)) return Entry{options, *std::move(blob)};
  return std::nullopt;
}

Result<void> check_principal(const KeyOptions& options, const Certificate& certificate,
                             const KeyQuery& query) {
  std::vector<std::string> accepted;
  if (options.principals)
    for (auto name : split(*options.principals, ',')) {
      if (!name.empty()) accepted.emplace_back(name);
    }
  else
    accepted.push_back(query.user);
  return check_certificate(certificate, CertificateType::user, accepted, query.unix_now);
}

// The options under which a line with the right key lets the query in; Errc::not_found if the
// line is about the other kind of credential (a certificate's CA, or the key itself).
Result<KeyOptions> judge(std::string_view option_text,
                         const std::optional<Certificate>& certificate, const KeyQuery& query) {
  auto options = parse_key_options(option_text);
  if (!options) return options;
  if (options->cert_authority != certificate.has_value()) return fail(Errc::not_found, {});
  if (auto allowed = check_key_options(*options, query.source, query.unix_now); !allowed)
    return std::unexpected(allowed.error());
  if (!certificate) return options;

  if (auto valid = check_principal(*options, *certificate, query); !valid)
    return std::unexpected(valid.error());
  auto merged = merge_certificate(*std::move(options), *certificate);
  if (!merged) return merged;
  if (auto allowed = check_key_options(*merged, query.source, query.unix_now); !allowed)
    return std::unexpected(allowed.error());
  return merged;
}

class Search {
 public:
  Search(std::string_view file_name, const KeyQuery& query, std::optional<Certificate> certificate)
      : file_name_(printable(file_name)), query_(query), certificate_(std::move(certificate)) {}

  KeyDecision run(std::string_view text) && {
    for (line_ = 1; !text.empty() && decision_.outcome != KeyDecision::Outcome::listed; ++line_)
      read_line(take_line(text));
    return std::move(decision_);
  }

 private:
  void read_line(std::string_view line) {
    if (line.empty() || line.starts_with('#')) return;
    if (line.size() > kMaxAuthorizedKeysLine) return warn("is too long and was skipped");
    auto entry = parse_entry(line);
    if (!entry) return warn("has no readable key and was skipped");
    if (entry->blob != wanted().blob) return;

    auto options = judge(entry->options, certificate_, query_);
    if (options)
      accept(*std::move(options));
    else if (options.error().code != Errc::not_found)
      refuse(options.error().message);
  }

  const PublicKey& wanted() const {
    return certificate_ ? certificate_->signing_key : query_.offered;
  }

  void accept(KeyOptions options) {
    decision_.outcome = KeyDecision::Outcome::listed;
    decision_.options = std::move(options);
    decision_.line = line_;
    decision_.reason.clear();
  }

  void refuse(std::string_view why) {
    decision_.outcome = KeyDecision::Outcome::refused;
    decision_.line = line_;
    decision_.reason = fmt::format("{}:{}: {}", file_name_, line_, why);
  }

  void warn(std::string_view what) {
    if (decision_.warnings.size() < KeyDecision::kMaxWarnings)
      decision_.warnings.push_back(fmt::format("{}:{} {}", file_name_, line_, what));
  }

  std::string file_name_;
  const KeyQuery& query_;
  std::optional<Certificate> certificate_;
  KeyDecision decision_;
  int line_ = 0;
};

}  // namespace

Result<KeyDecision> find_key(std::string_view text, std::string_view file_name,
                             const KeyQuery& query) {
  if (text.size() > kMaxAuthorizedKeys)
    return fail(Errc::too_large, fmt::format("{} is over {} MiB: no key in it is accepted",
                                             printable(file_name), kMaxAuthorizedKeys >> 20));
  std::optional<Certificate> certificate;
  if (is_certificate(query.offered)) {
    auto parsed = parse_certificate(query.offered.blob);
    if (!parsed) return std::unexpected(parsed.error());
    certificate = *std::move(parsed);
  }
  return Search(file_name, query, std::move(certificate)).run(text);
}

}  // namespace nigh::ssh
