// SPDX-License-Identifier: Apache-2.0
#include "ssh/openssh_key_file.hpp"

#include <fmt/format.h>

#include "base/text.hpp"
#include "ssh/armor.hpp"
#include "ssh/key_type.hpp"
#include "ssh/private_fields.hpp"
#include "ssh/random.hpp"
#include "wire/reader.hpp"

namespace nigh::ssh {
namespace {

using namespace std::string_view_literals;

constexpr auto kLabel = "OPENSSH PRIVATE KEY"sv;
constexpr auto kMagic = "openssh-key-v1\0"sv;
constexpr std::size_t kBlock = 8;

struct Container {
  std::string_view cipher;
  PublicKey key;
  std::string_view private_section;
};

Result<Container> parse_container(std::string_view bytes) {
  wire::Reader in(bytes);
  if (in.bytes(kMagic.size()) != kMagic)
    return fail(Errc::malformed, "the key file is not in the openssh-key-v1 format");
  Container container{.cipher = in.string(), .key = {}, .private_section = {}};
  in.string();  // key derivation function and its options: of use to a cipher only
  in.string();
  auto count = in.u32();
  if (in.ok() && count != 1)
    return fail(Errc::unsupported, fmt::format("the key file holds {} keys instead of one", count));
  auto blob = in.string();
  container.private_section = in.string();
  // Some ciphers put an authentication tag behind the section.
  if (!in.ok() || (container.cipher == "none" && !in.at_end()))
    return fail(Errc::malformed, "the key file is cut short or has bytes too many");
  auto key = parse_public_key(blob);
  if (!key) return std::unexpected(key.error());
  container.key = *std::move(key);
  return container;
}

Result<void> check_usable(const Container& container) {
  if (container.cipher != "none")
    return fail(
        Errc::unsupported,
        "the key file is encrypted with a passphrase; add the key to an agent with ssh-add");
  auto* type = find_key_type(container.key.type);
  if (type == nullptr) return fail(Errc::malformed, "the key file has a certificate for a key");
  if (type->security_key)
    return fail(Errc::unsupported,
                "the key is in a FIDO device, which the key file only points to; use an agent");
  return {};
}

bool is_padding(std::string_view bytes) {
  for (std::size_t i = 0; i < bytes.size(); ++i)
    if (static_cast<unsigned char>(bytes[i]) != i + 1) return false;
  return bytes.size() < kBlock;
}

Result<KeyHandle> parse_private_section(const Container& container) {
  wire::Reader in(container.private_section);
  auto check = in.u32();
  if (in.u32() != check || in.string() != container.key.type)
    return fail(Errc::malformed, "the private section of the key file is damaged");
  auto handle = read_private_fields(in, *find_key_type(container.key.type));
  if (!handle) return handle;
  in.string();  // comment
  if (!in.ok() || !is_padding(in.rest()))
    return fail(Errc::malformed, "the private section of the key file does not end as it should");
  auto key = to_public_key(handle->get());
  if (!key) return std::unexpected(key.error());
  if (*key != container.key)
    return fail(Errc::malformed, "the key file's private and public keys are not a pair");
  return handle;
}

}  // namespace

bool is_openssh_key_file(std::string_view file_text) { return has_armor(kLabel, file_text); }

Result<PublicKey> openssh_public_half(std::string_view file_text) {
  auto bytes = dearmor(kLabel, file_text);
  if (!bytes) return std::unexpected(bytes.error());
  auto container = parse_container(bytes->expose());
  if (!container) return std::unexpected(container.error());
  return container->key;
}

Result<KeyHandle> parse_openssh_key(std::string_view file_text) {
  auto bytes = dearmor(kLabel, file_text);
  if (!bytes) return std::unexpected(bytes.error());
  auto container = parse_container(bytes->expose());
  if (!container) return std::unexpected(container.error());
  if (auto usable = check_usable(*container); !usable) return std::unexpected(usable.error());
  return parse_private_section(*container);
}

Secret openssh_key_text(const evp_pkey_st* key, const PublicKey& public_key,
                        std::string_view comment) {
  auto checked = private_fields(key, public_key);
  expect(checked.has_value(), "a private key that was not checked when it was made");
  auto& fields = *checked;
  auto check = random_bytes(4);
  auto content = 2 * check.size() + fields.expose().size() + 4 + comment.size();
  auto padding = (kBlock - content % kBlock) % kBlock;
  auto header = wire::Writer()
                    .bytes(kMagic)
                    .string("none")
                    .string("none")
                    .string("")
                    .u32(1)
                    .string(public_key.blob)
                    .u32(static_cast<std::uint32_t>(content + padding))
                    .str();

  std::string out;  // of its final size at once, so that no copy of the key stays behind
  out.reserve(header.size() + content + padding);
  out += header;
  out += check;
  out += check;
  out += fields.expose();
  out += wire::Writer().string(comment).str();
  for (std::size_t i = 1; i <= padding; ++i) out += static_cast<char>(i);
  Secret bytes(std::move(out));
  return armor(kLabel, bytes.expose());
}

}  // namespace nigh::ssh
