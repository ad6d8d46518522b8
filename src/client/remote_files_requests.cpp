// SPDX-License-Identifier: Apache-2.0
// What changes something: one small request each.
#include <fmt/format.h>

#include "client/remote_files.hpp"
#include "client/remote_files_path.hpp"
#include "client/request.hpp"

namespace nigh::client {
namespace {

constexpr std::string_view kFiles = "/v1/files/";

}  // namespace

awaitable<void> make_directory(Connection& connection, std::string path, bool parents,
                               std::optional<std::uint32_t> mode) {
  Request what{.method = "MKCOL", .path = files_url(kFiles, path)};
  if (parents) what.path += "?parents=1";
  if (mode) what.headers.push_back({"nigh-mode", fmt::format("{:04o}", *mode)});
  try {
    co_await request(connection, std::move(what));
  } catch (const Failure& failure) {
    // 405 in WebDAV's sense: not where something is.
    if (failure.code() != Errc::unsupported) throw;
    throw Failure(Errc::usage, failure.what());
  }
}

awaitable<void> remove(Connection& connection, std::string path, bool recursive) {
  Request what{.method = "DELETE", .path = files_url(kFiles, path)};
  if (recursive) {
    what.path += "?recursive=1";
    what.time_limit = io::Duration::max();  // a tree takes as long as it takes
  }
  co_await request(connection, std::move(what));
}

awaitable<void> rename(Connection& connection, std::string from, std::string to, bool overwrite) {
  Request what{.method = "MOVE", .path = files_url(kFiles, from)};
  what.headers.push_back({"destination", files_url(kFiles, to)});
  if (!overwrite) what.headers.push_back({"overwrite", "F"});
  co_await request(connection, std::move(what));
}

}  // namespace nigh::client
