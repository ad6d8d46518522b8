// SPDX-License-Identifier: Apache-2.0
// Files on a host as plain requests: the members of nigh::async::Host that are about one file or
// folder. `connection` must outlive each coroutine. All throw Failure with the host's own words.
#pragma once

#include <nigh/files.hpp>

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "client/connection.hpp"

namespace nigh::client {

awaitable<void> walk(Connection& connection, std::string path, WalkOptions options,
                     std::function<void(FileInfo)> on_entry, OnFileFailure on_failure);
awaitable<std::vector<FileInfo>> list(Connection& connection, std::string path);
awaitable<FileInfo> stat(Connection& connection, std::string path);
awaitable<std::vector<TreeSize>> disk_usage(Connection& connection, std::string path,
                                            bool per_folder, OnFileFailure on_failure);

awaitable<void> make_directory(Connection& connection, std::string path, bool parents,
                               std::optional<std::uint32_t> mode);
awaitable<void> remove(Connection& connection, std::string path, bool recursive);
awaitable<void> rename(Connection& connection, std::string from, std::string to, bool overwrite);

}  // namespace nigh::client
