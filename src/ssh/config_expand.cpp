// SPDX-License-Identifier: Apache-2.0
#include "ssh/config_expand.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <optional>

#include "base/text.hpp"
#include "wire/base64.hpp"

namespace nigh::ssh {
namespace {

// %C is a name, not a protection: OpenSSH made it SHA-1 and it must come out the same.
std::string connection_hash(std::string_view text) {
  unsigned char out[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  expect(EVP_Digest(text.data(), text.size(), out, &size, EVP_sha1(), nullptr) == 1,
         "SHA-1 is not available");
  return wire::hex({reinterpret_cast<char*>(out), size});
}

std::unexpected<Error> cannot_expand(std::string_view text, std::string_view why) {
  return fail(Errc::malformed, fmt::format("'{}': {}", printable(text), why));
}

// Appends what the token at the front of `rest` stands for, and removes it.
Result<void> take_token(std::string_view& rest, const ConfigTokens& tokens, std::string& out) {
  auto token = tokens.end();
  if (rest.size() > 1) token = std::ranges::find(tokens, rest[1], &ConfigTokens::value_type::first);
  if (token == tokens.end())
    return cannot_expand(rest.substr(0, 2), "this token means nothing here");
  out += token->second;
  rest.remove_prefix(2);
  return {};
}

Result<void> take_variable(std::string_view& rest, const SshConfigQuery& query, std::string& out) {
  auto end = rest.find('}');
  if (end == rest.npos) return cannot_expand(rest, "${ without }");
  auto value =
      query.environment ? query.environment(std::string(rest.substr(2, end - 2))) : std::nullopt;
  if (!value) return cannot_expand(rest.substr(0, end + 1), "not in the environment");
  out += *value;
  rest.remove_prefix(end + 1);
  return {};
}

// `query` is null where ${NAME} is not expanded.
Result<std::string> expand(std::string_view text, const ConfigTokens& tokens,
                           const SshConfigQuery* query) {
  std::string out;
  while (!text.empty()) {
    Result<void> taken;
    if (query && text.starts_with("${")) {
      taken = take_variable(text, *query, out);
    } else if (text.front() == '%') {
      taken = take_token(text, tokens, out);
    } else {
      out.push_back(text.front());
      text.remove_prefix(1);
    }
    if (!taken) return std::unexpected(taken.error());
  }
  return out;
}

}  // namespace

ConfigTokens host_name_tokens(const SshConfigQuery& query) {
  return {{'%', "%"}, {'h', query.host}};
}

ConfigTokens path_tokens(const SshConfigQuery& query, std::string_view host_name,
                         std::string_view remote_user, std::uint16_t port,
                         std::string_view host_key_alias) {
  auto connection = fmt::format("{}{}{}{}", query.local_host, host_name, port, remote_user);
  return {{'%', "%"},
          {'C', connection_hash(connection)},
          {'L', query.local_host.substr(0, query.local_host.find('.'))},
          {'d', query.home},
          {'h', std::string(host_name)},
          {'i', std::to_string(query.uid)},
          {'k', std::string(host_key_alias)},
          {'l', query.local_host},
          {'n', query.host},
          {'p', std::to_string(port)},
          {'r', std::string(remote_user)},
          {'u', query.local_user}};
}

Result<std::string> expand_tokens(std::string_view text, const ConfigTokens& tokens) {
  return expand(text, tokens, nullptr);
}

Result<std::string> expand_home(std::string_view text, const SshConfigQuery& query) {
  if (!text.starts_with('~')) return std::string(text);
  auto user = text.substr(1, text.find('/') == text.npos ? text.npos : text.find('/') - 1);
  std::optional<std::string> home = query.home;
  if (!user.empty()) home = query.home_of ? query.home_of(std::string(user)) : std::nullopt;
  if (!home) return cannot_expand(text, "there is no such user");
  return *home + std::string(text.substr(1 + user.size()));
}

Result<std::string> expand_path(std::string_view text, const ConfigTokens& tokens,
                                const SshConfigQuery& query) {
  auto path = expand_home(text, query);
  if (!path) return path;
  return expand(*path, tokens, &query);
}

}  // namespace nigh::ssh
