// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nigh/files.hpp>

#include <cstdint>
#include <string>
#include <tuple>
#include <vector>

#include "files/tree_digest.hpp"
#include "service/sync/frames.hpp"

namespace nigh::sync {

enum class ServerRole : std::uint32_t { sends, receives, kLast = receives };

struct SpecRule {
  bool include = false;
  std::string pattern;
  static constexpr auto fields = std::tuple(&SpecRule::include, &SpecRule::pattern);
};

// What the client asks for: the first frame. Both ends work by it.
struct Spec {
  static constexpr std::uint32_t kVersion = 1;
  std::uint32_t version = kVersion;
  ServerRole role = ServerRole::receives;
  std::vector<std::string> paths;  // sends: sources (patterns); receives: the destination
  bool contents = false;
  std::uint64_t seed = 0;  // of every hash of this transfer
  bool owner = false, numeric_ids = false, symlinks = false, hard_links = false, xattrs = false,
       specials = false, set_id = false;
  bool remove_extra = false, dry_run = false, checksum = false, whole_file = false,
       in_place = false, watch = false, compress = false;
  std::uint32_t sync = 2;
  std::uint64_t bytes_per_second = 0;
  std::uint32_t parallel = 0;
  std::vector<SpecRule> filter;
  std::vector<std::string> ignore_files;
  static constexpr auto fields = std::tuple(
      &Spec::version, &Spec::role, &Spec::paths, &Spec::contents, &Spec::seed, &Spec::owner,
      &Spec::numeric_ids, &Spec::symlinks, &Spec::hard_links, &Spec::xattrs, &Spec::specials,
      &Spec::set_id, &Spec::remove_extra, &Spec::dry_run, &Spec::checksum, &Spec::whole_file,
      &Spec::in_place, &Spec::watch, &Spec::compress, &Spec::sync, &Spec::bytes_per_second,
      &Spec::parallel, &Spec::filter, &Spec::ignore_files);
};

Spec make_spec(const TransferOptions& options, ServerRole role, std::vector<std::string> paths,
               bool contents);
FrameBuffer encode(const Spec& spec);
// Errc::malformed; Errc::unsupported for another version.
Result<Spec> decode_spec(std::string_view payload);

files::Preserve preserve_of(const Spec& spec);
Result<files::Filter> filter_of(const Spec& spec);

}  // namespace nigh::sync
