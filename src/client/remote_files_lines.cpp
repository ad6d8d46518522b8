// SPDX-License-Identifier: Apache-2.0
#include "client/remote_files_tree.hpp"

namespace nigh::client {
namespace {

std::unexpected<Error> too_long() {
  return fail(Errc::too_large, "the host sends a longer line about a file than it may");
}

}  // namespace

Result<std::optional<std::string_view>> LineReader::next() {
  if (std::exchange(complete_, false)) begun_.clear();
  auto end = rest_.find('\n');
  auto piece = rest_.substr(0, end);
  if (begun_.size() + piece.size() > kMaxLine) return too_long();
  rest_.remove_prefix(end == rest_.npos ? rest_.size() : end + 1);
  if (end != rest_.npos && begun_.empty()) return piece;
  begun_ += piece;
  if (end == rest_.npos) return std::nullopt;
  complete_ = true;
  return begun_;
}

Result<void> LineReader::finish() const {
  if (begun_.empty()) return {};
  return fail(Errc::closed, "the host broke off in the middle of its answer");
}

}  // namespace nigh::client
