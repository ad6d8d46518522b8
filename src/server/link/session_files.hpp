// SPDX-License-Identifier: Apache-2.0
// The directory of a session, which a worker makes and the session's holder keeps:
//
//   session.json    what does not change about it
//   socket          where the holder listens
//   resume/HASH     for each resume token that is good now: named by its SHA-256 in hex
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace nigh::server {

inline constexpr char kFactsFile[] = "session.json";
inline constexpr char kHolderSocket[] = "socket";
inline constexpr char kResumeDirectory[] = "resume";

// 0600. Not durable: no session outlives the machine.
Result<void> write_session_file(const std::string& path, std::string_view content);

// How a resume token is known again. The worker makes it, and the holder adds the number: it keeps
// the file for as long as the attachment can be resumed.
struct ResumeEntry {
  std::string key;       // blob of the key that logged in
  std::string token_id;  // of the bearer token that it logged in with instead; else empty
  std::uint64_t attachment = 0;
};
std::string resume_text(const ResumeEntry& entry);
std::string with_attachment(std::string_view resume_text, std::uint64_t attachment);
std::optional<ResumeEntry> parse_resume_file(std::string_view content);

}  // namespace nigh::server
