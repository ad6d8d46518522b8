// SPDX-License-Identifier: Apache-2.0
#include "service/sync/spec.hpp"

#include <fmt/format.h>

#include <random>

#include "wire/message.hpp"

namespace nigh::sync {
namespace {

using Message = std::variant<Spec>;

std::uint64_t new_seed() {
  std::random_device source;
  return std::uint64_t{source()} << 32 | source();
}

}  // namespace

Spec make_spec(const TransferOptions& options, ServerRole role, std::vector<std::string> paths,
               bool contents) {
  Spec spec;
  spec.role = role;
  spec.paths = std::move(paths);
  spec.contents = contents;
  spec.seed = new_seed();
  spec.owner = options.owner;
  spec.numeric_ids = options.numeric_ids;
  spec.symlinks = options.symlinks;
  spec.hard_links = options.hard_links;
  spec.xattrs = options.xattrs;
  spec.specials = options.specials;
  spec.set_id = options.set_id;
  spec.remove_extra = options.remove_extra;
  spec.dry_run = options.dry_run;
  spec.checksum = options.checksum;
  spec.whole_file = options.whole_file;
  spec.in_place = options.in_place;
  spec.watch = options.watch;
  spec.compress = options.compress;
  spec.sync = static_cast<std::uint32_t>(options.sync);
  spec.bytes_per_second = options.bytes_per_second;
  spec.parallel = options.parallel;
  for (const auto& rule : options.filter) spec.filter.push_back({rule.include, rule.pattern});
  spec.ignore_files = options.ignore_files;
  return spec;
}

FrameBuffer encode(const Spec& spec) {
  FrameBuffer frame(Frame::spec);
  frame.bytes() += wire::encode(Message(spec));
  return frame;
}

Result<Spec> decode_spec(std::string_view payload) {
  // The version stands first, so that another one is told apart from nonsense.
  wire::Reader head(payload);
  if (head.u8() == 0 && head.u32() != Spec::kVersion && head.ok())
    return fail(Errc::unsupported,
                "transfer: the other end speaks another version of the "
                "transfer protocol: use the same version of nigh on both ends");
  auto message = wire::decode<Message>(payload);
  if (!message) return std::unexpected(message.error());
  auto spec = std::get<Spec>(*std::move(message));
  if (spec.sync > static_cast<std::uint32_t>(Sync::end) || spec.paths.empty() ||
      (spec.role == ServerRole::receives && spec.paths.size() != 1))
    return fail(Errc::malformed, "transfer: the request makes no sense");
  for (const auto& path : spec.paths)
    if (path.find('\0') != path.npos)
      return fail(Errc::malformed, "transfer: a path holds a NUL byte");
  return spec;
}

files::Preserve preserve_of(const Spec& spec) {
  return {.owner = spec.owner,
          .numeric = spec.numeric_ids,
          .xattrs = spec.xattrs,
          .set_id = spec.set_id,
          .specials = spec.specials,
          .symlinks = spec.symlinks,
          .hard_links = spec.hard_links};
}

Result<files::Filter> filter_of(const Spec& spec) {
  std::vector<files::FilterRule> rules;
  for (const auto& rule : spec.filter) rules.push_back({rule.include, rule.pattern});
  return files::Filter::make(std::move(rules), spec.ignore_files);
}

}  // namespace nigh::sync
