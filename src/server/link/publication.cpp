// SPDX-License-Identifier: Apache-2.0
#include "server/link/publication.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"

namespace nigh::server {
namespace {

constexpr std::size_t kMaxName = 63;
constexpr std::size_t kMaxRelay = 128;
constexpr std::size_t kMaxPeer = 256;
constexpr std::string_view kRelaySource = "relay:";

bool is_plain(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

bool is_number(std::string_view text) {
  return text.starts_with("0x") ||
         std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

bool is_label(std::string_view label) {
  return !label.empty() && is_plain(label.front()) && is_plain(label.back()) &&
         std::ranges::all_of(label, [](char c) { return is_plain(c) || c == '-'; });
}

bool is_visible(char c) { return c > ' ' && c < 0x7f; }

// What stands in a log and in SSH_CONNECTION is one word.
bool is_word(std::string_view text) {
  return !text.empty() && text.size() <= kMaxRelay && !text.starts_with('-') &&
         std::ranges::all_of(text, [](char c) { return is_visible(c) && c != '/'; });
}

}  // namespace

bool is_publishable(std::string_view name) {
  if (name.size() > kMaxName) return false;
  auto labels = split(name, '.');
  // A name whose last label is a number is an IPv4 address to those who look names up.
  return std::ranges::all_of(labels, is_label) && !is_number(labels.back()) &&
         labels.back() != "localhost";
}

Result<Publication> parse_publication(std::string_view text) {
  auto at = text.find('@');
  Publication publication{std::string(text.substr(0, at)),
                          std::string(at == text.npos ? "" : text.substr(at + 1))};
  if (!is_word(publication.relay))
    return fail(Errc::usage, fmt::format("cannot publish \"{}\": write NAME@RELAY, as in "
                                         "web1@bastion.example.org",
                                         printable(text)));
  if (!is_publishable(publication.name))
    return fail(
        Errc::usage,
        fmt::format("cannot publish \"{}\": a name is up to 63 of a-z, 0-9, - and dots, and "
                    "no address",
                    printable(publication.name)));
  return publication;
}

Result<void> check_publications(const std::vector<std::string>& texts) {
  if (texts.size() > kMaxPublications)
    return fail(Errc::usage, fmt::format("a server publishes at most {} names", kMaxPublications));
  for (auto text = texts.begin(); text != texts.end(); ++text) {
    if (auto one = parse_publication(*text); !one) return std::unexpected(one.error());
    // The two lines would take the name from each other for ever.
    if (std::find(texts.begin(), text, *text) != text)
      return fail(Errc::usage, fmt::format("{} is to be published twice", printable(*text)));
  }
  return {};
}

std::string relay_source(std::string_view relay, std::string_view peer) {
  const bool usable =
      !peer.empty() && peer.size() <= kMaxPeer && std::ranges::all_of(peer, is_visible);
  return fmt::format("{}{}/{}", kRelaySource, relay.substr(relay.rfind('@') + 1),
                     usable ? peer : "unknown");
}

bool is_relay_source(std::string_view text) {
  return text.starts_with(kRelaySource) &&
         text.size() <= kRelaySource.size() + kMaxRelay + 1 + kMaxPeer &&
         std::ranges::all_of(text, is_visible);
}

}  // namespace nigh::server
