// SPDX-License-Identifier: Apache-2.0
#include "server/front/small_streams.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "server/front/process_streams.hpp"

namespace nigh::server {
namespace {

using Json = nlohmann::json;

constexpr std::uint32_t kDefaultTokenSeconds = 15 * 60;

// {} or {"lifetime":seconds}; nullopt if it is neither.
std::optional<std::uint32_t> lifetime_in(const std::string& body) {
  if (body.empty()) return kDefaultTokenSeconds;
  auto json = Json::parse(body, nullptr, false);
  if (!json.is_object()) return std::nullopt;
  if (!json.contains("lifetime")) return kDefaultTokenSeconds;
  const auto& lifetime = json["lifetime"];
  if (!lifetime.is_number_unsigned() || lifetime.get<std::uint64_t>() == 0) return std::nullopt;
  return static_cast<std::uint32_t>(
      std::min<std::uint64_t>(lifetime.get<std::uint64_t>(), UINT32_MAX));
}

}  // namespace

void InfoStream::on_end() {
  Json info{{"name", "nigh"},
            {"version", NIGH_VERSION},
            {"protocol", 1},
            {"features", {"run", "sessions", "pty", "tokens", "files", "resume", "tunnels"}},
            {"limits",
             {{"spec_bytes", run::kMaxSpec},
              {"frame_bytes", run::kMaxData},
              {"run_request_bytes", kMaxRunRequest},
              {"run_output_bytes", JsonRunStream::kMaxOutput}}},
            {"user", shared_.login.user},
            {"key", shared_.login.fingerprint},
            {"tls", {{"group", shared_.tls_group}, {"cipher", shared_.tls_cipher}}}};
  answer(200, "application/json", info.dump() + "\n");
}

void IssueTokenStream::on_body(std::string body) {
  auto seconds = lifetime_in(body);
  if (!seconds)
    return answer(problem_of(Trouble::bad_request,
                             "request: \"lifetime\" must be a number of seconds above 0"));
  asked_ = shared_.worker.ask(IssueToken{0, shared_.login.grant, *seconds}, *this);
}

void IssueTokenStream::on_token(TokenIssued issued) {
  auto expires = fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(issued.expires));
  Json document{{"id", issued.id}, {"token", issued.token.expose()}, {"expires", expires}};
  answer(201, "application/json", document.dump() + "\n");
}

void IssueTokenStream::on_failed(const Failed& failure) {
  answer(problem_of(failure.trouble, failure.message));
}

void RevokeTokenStream::on_end() {
  asked_ = shared_.worker.ask(RevokeToken{0, shared_.login.grant, token_}, *this);
}

void RevokeTokenStream::on_token_revoked() { answer(200, "application/json", "{}\n"); }

void RevokeTokenStream::on_failed(const Failed& failure) {
  answer(problem_of(failure.trouble, failure.message));
}

}  // namespace nigh::server
