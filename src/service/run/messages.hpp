// SPDX-License-Identifier: Apache-2.0
// What the control frames of a session carry, and `POST /v1/run` in and out: JSON, decoded
// strictly. The values are those of the public interface.
#pragma once

#include <nigh/types.hpp>

#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace nigh::run {

// How people may name a session: 1 to 64 of A-Z a-z 0-9 _ . -
bool is_session_name(std::string_view name);

// SPEC. {"argv":[…]}, {"command":"…"} or {"login":true}, and "env", "cwd", "timeout_ms", "pty", and
// for a session "resume", "keep", "name".
std::string encode_spec(const Command& command);
Result<Command> decode_spec(std::string_view json);

// The request body of `POST /v1/run`: a SPEC without "pty" and with "stdin" (text) or
// "stdin_base64".
struct RunRequest {
  Command command;
  std::string input;
};
Result<RunRequest> decode_run_request(std::string_view json);
// Its answer: {"exit":0,"stdout":"…","stderr":"…","seconds":0.003}; "signal" where it was one;
// output that is not UTF-8 as "stdout_base64".
std::string encode_run_response(const RunResult& result);

// STARTED. {"id":"…","stdin_window":16777216}, and of a session that can be resumed also "session",
// "attachment", "resume_token", "terminal", "output_kept", and from where it goes on: "stdin" and
// "signals" received, "stdout" and "stderr" that follow.
struct SessionNote {
  std::string id;
  std::uint64_t attachment = 0;
  std::string resume_token;  // empty: the one from before
  bool terminal = false;
  std::uint64_t output_kept = 0;  // bytes of an output that wait for OUTPUT_ACK at most
  std::uint64_t input = 0;
  std::uint64_t signals = 0;
  std::uint64_t out = 0;
  std::uint64_t err = 0;
};
struct StartedNote {
  std::string id;
  std::uint64_t input_window = 0;
  std::optional<SessionNote> session = {};
};
std::string encode_started(const StartedNote& note);
Result<StartedNote> decode_started(std::string_view json);

// ACK.
std::string encode_ack(std::uint64_t taken);
Result<std::uint64_t> decode_ack(std::string_view payload);

// EXIT. {"code":3} or {"signal":"KILL","core":true}; "timed_out":true.
std::string encode_exit(const ExitStatus& exit);
Result<ExitStatus> decode_exit(std::string_view json);

// RESIZE.
std::string encode_resize(const WindowSize& size);
Result<WindowSize> decode_resize(std::string_view payload);

// SIGNAL: "TERM" and the number that this system has for it, and back. Errc::usage: not a signal
// that one may send.
Result<int> signal_number(std::string_view name);
std::string signal_name(int number);

}  // namespace nigh::run
