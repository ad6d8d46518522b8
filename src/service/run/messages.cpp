// SPDX-License-Identifier: Apache-2.0
#include "service/run/messages.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "service/run/frames.hpp"
#include "service/run/json.hpp"
#include "wire/base64.hpp"
#include "wire/reader.hpp"

namespace nigh::run {
namespace {

// Words and paths of Unix are bytes: what is not UTF-8, and so cannot stand in JSON, travels as
// {"base64": "…"}.
Json text_or_bytes(const std::string& bytes) {
  try {
    (void)Json(bytes).dump();  // throws unless UTF-8
    return bytes;
  } catch (const Json::type_error&) {
    return {{"base64", wire::base64(bytes)}};
  }
}

// What execve() takes: no NUL inside.
Result<std::string> c_string(const Json& value, std::string_view what) {
  auto text = value.is_string() ? value.get<std::string>() : std::string();
  if (value.is_object() && value.size() == 1 && value.contains("base64") &&
      value["base64"].is_string()) {
    auto bytes = wire::base64_decode(value["base64"].get<std::string>());
    if (!bytes) return bad(fmt::format("{}: {}", what, bytes.error().message));
    text = *std::move(bytes);
  } else if (!value.is_string()) {
    return bad(fmt::format("{} must be text", what));
  }
  if (text.find('\0') != text.npos) return bad(fmt::format("{} has a NUL in it", what));
  return text;
}

Result<void> read_argv(const Json& json, Command& into) {
  if (json.contains("argv") + json.contains("command") + json.contains("login") != 1)
    return bad("give either \"argv\" or \"command\"");
  if (json.contains("login")) {
    if (json["login"] != true) return bad("\"login\" must be true");
    into.login = true;
    return {};
  }
  if (json.contains("command")) {
    auto line = c_string(json["command"], "\"command\"");
    if (!line) return std::unexpected(line.error());
    if (line->empty()) return bad("\"command\" is empty");
    into.command_line = *std::move(line);
    return {};
  }
  if (!json["argv"].is_array() || json["argv"].empty())
    return bad("\"argv\" must be a list of words");
  for (const auto& word : json["argv"]) {
    auto text = c_string(word, "a word of \"argv\"");
    if (!text) return std::unexpected(text.error());
    into.argv.push_back(*std::move(text));
  }
  return {};
}

Result<void> read_environment(const Json& json, Command& into) {
  if (!json.contains("env")) return {};
  if (!json["env"].is_object()) return bad("\"env\" must be an object");
  for (const auto& [name, value] : json["env"].items()) {
    if (name.empty() || name.find('=') != name.npos || name.find('\0') != name.npos)
      return bad(fmt::format("\"{}\" cannot be the name of a variable", printable(name)));
    auto text = c_string(value, "a value in \"env\"");
    if (!text) return std::unexpected(text.error());
    into.environment[name] = *std::move(text);
  }
  return {};
}

Result<void> read_pty(const Json& json, Command& into) {
  if (!json.contains("pty")) return {};
  const auto& object = json["pty"];
  if (!object.is_object()) return bad("\"pty\" must be an object");
  if (auto known = only_known(object, {"term", "columns", "rows", "width", "height"}); !known)
    return known;
  Pty pty;
  if (object.contains("term")) {
    auto term = c_string(object["term"], "\"term\"");
    if (!term) return std::unexpected(term.error());
    pty.term = *std::move(term);
  }
  auto size = read_size(object);
  if (!size) return std::unexpected(size.error());
  pty.size = *size;
  into.pty = std::move(pty);
  return {};
}

Result<void> read_rest(const Json& json, Command& into) {
  if (json.contains("cwd")) {
    auto directory = c_string(json["cwd"], "\"cwd\"");
    if (!directory) return std::unexpected(directory.error());
    into.directory = *std::move(directory);
  }
  if (json.contains("timeout_ms")) {
    constexpr std::uint64_t kMaxTimeout = 366ull * 24 * 3600 * 1000;
    const auto& limit = json["timeout_ms"];
    if (!limit.is_number_unsigned() || limit.get<std::uint64_t>() > kMaxTimeout)
      return bad("\"timeout_ms\" must be a number of milliseconds, a year at most");
    into.time_limit = std::chrono::milliseconds(limit.get<std::int64_t>());
  }
  return {};
}

Result<bool> read_flag(const Json& json, const char* name) {
  if (!json.contains(name)) return false;
  if (!json[name].is_boolean()) return bad(fmt::format("\"{}\" must be true or false", name));
  return json[name].get<bool>();
}

Result<void> read_session(const Json& json, Command& into) {
  auto resume = read_flag(json, "resume"), keep = read_flag(json, "keep");
  for (auto* flag : {&resume, &keep})
    if (!*flag) return std::unexpected(flag->error());
  into.resume = *resume;
  into.keep = *keep;
  if (json.contains("name")) {
    const auto* name = json["name"].get_ptr<const std::string*>();
    if (name == nullptr || !is_session_name(*name))
      return bad("\"name\" must be 1 to 64 of A-Z a-z 0-9 _ . -");
    into.name = *name;
  }
  if (into.is_session() && !into.resume)
    return bad("\"keep\" and \"name\" are for what has \"resume\":true");
  return {};
}

// As the server's processes hand it on. JSON can be denser: an empty word takes three bytes of it.
std::size_t size_of(const Command& command) {
  constexpr std::size_t kEach = 8;
  auto size = command.command_line.size() + command.directory.size();
  if (command.pty) size += command.pty->term.size();
  for (const auto& word : command.argv) size += kEach + word.size();
  for (const auto& [name, value] : command.environment) size += kEach + name.size() + value.size();
  return size;
}

Result<Command> read_command(const Json& json) {
  Command command;
  for (auto* step : {read_argv, read_environment, read_pty, read_session, read_rest})
    if (auto done = step(json, command); !done) return std::unexpected(done.error());
  if (size_of(command) > kMaxCommand)
    return fail(
        Errc::too_large,
        fmt::format("request: the command and its environment are over {} KiB", kMaxCommand >> 10));
  return command;
}

// Output: text as it is, anything else as NAME_base64.
void put_bytes(Json& json, const std::string& name, const std::string& bytes) {
  auto value = text_or_bytes(bytes);
  if (value.is_string())
    json[name] = std::move(value);
  else
    json[name + "_base64"] = std::move(value["base64"]);
}

}  // namespace

bool is_session_name(std::string_view name) {
  auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '.' || c == '-';
  };
  return !name.empty() && name.size() <= 64 && std::ranges::all_of(name, allowed);
}

std::string encode_spec(const Command& command) {
  Json json;
  if (command.argv.empty() && command.command_line.empty() && command.login)
    json["login"] = true;
  else if (command.argv.empty())
    json["command"] = text_or_bytes(command.command_line);
  for (const auto& word : command.argv) json["argv"].push_back(text_or_bytes(word));
  for (const auto& [name, value] : command.environment) json["env"][name] = text_or_bytes(value);
  if (!command.directory.empty()) json["cwd"] = text_or_bytes(command.directory);
  if (command.time_limit) json["timeout_ms"] = command.time_limit->count();
  if (command.pty) {
    json["pty"] = json_of(command.pty->size);
    json["pty"]["term"] = command.pty->term;
  }
  if (command.is_session()) json["resume"] = true;
  if (command.keep) json["keep"] = true;
  if (!command.name.empty()) json["name"] = command.name;
  try {
    return json.dump();
  } catch (const Json::type_error&) {
    throw Failure(Errc::usage, "the name of a variable, or of the terminal, is not UTF-8 text");
  }
}

Result<Command> decode_spec(std::string_view text) {
  auto json = parse_object(text);
  if (!json) return std::unexpected(json.error());
  if (auto known = only_known(*json, {"argv", "command", "login", "env", "cwd", "timeout_ms", "pty",
                                      "resume", "keep", "name"});
      !known)
    return std::unexpected(known.error());
  return read_command(*json);
}

Result<RunRequest> decode_run_request(std::string_view text) {
  auto json = parse_object(text);
  if (!json) return std::unexpected(json.error());
  if (auto known = only_known(
          *json, {"argv", "command", "env", "cwd", "timeout_ms", "stdin", "stdin_base64"});
      !known)
    return std::unexpected(known.error());
  auto command = read_command(*json);
  if (!command) return std::unexpected(command.error());
  RunRequest request{*std::move(command), {}};
  for (const char* name : {"stdin", "stdin_base64"}) {
    if (!json->contains(name)) continue;
    if (!(*json)[name].is_string()) return bad(fmt::format("\"{}\" must be text", name));
    request.input = (*json)[name].get<std::string>();
  }
  if (json->contains("stdin_base64")) {
    auto bytes = wire::base64_decode(request.input);
    if (!bytes || json->contains("stdin"))
      return bad("\"stdin_base64\" is not base64, or not alone");
    request.input = *std::move(bytes);
  }
  return request;
}

std::string encode_run_response(const RunResult& result) {
  Json json;
  json["exit"] = result.exit.shell_status();
  if (!result.exit.signal.empty()) json["signal"] = result.exit.signal;
  if (result.exit.timed_out) json["timed_out"] = true;
  put_bytes(json, "stdout", result.out);
  put_bytes(json, "stderr", result.err);
  json["seconds"] = static_cast<double>(result.elapsed.count()) / 1e6;
  return json.dump() + "\n";
}

std::string encode_started(const StartedNote& note) {
  Json json = {{"id", note.id}, {"stdin_window", note.input_window}};
  if (const auto& session = note.session) {
    json["session"] = session->id;
    json["attachment"] = session->attachment;
    if (!session->resume_token.empty()) json["resume_token"] = session->resume_token;
    json["terminal"] = session->terminal;
    json["output_kept"] = session->output_kept;
    json["stdin"] = session->input;
    json["signals"] = session->signals;
    json["stdout"] = session->out;
    json["stderr"] = session->err;
  }
  return json.dump();
}

Result<StartedNote> decode_started(std::string_view text) {
  auto json = parse_object(text);
  if (!json) return std::unexpected(json.error());
  Members members(*json, "STARTED");
  StartedNote note{members.text("id"), members.number("stdin_window")};
  if (json->contains("session")) {
    auto& session = note.session.emplace();
    session.id = members.text("session");
    session.attachment = members.number("attachment");
    if (json->contains("resume_token")) session.resume_token = members.text("resume_token");
    session.terminal = members.flag("terminal");
    session.output_kept = members.number("output_kept");
    session.input = members.number("stdin");
    session.signals = members.number("signals");
    session.out = members.number("stdout");
    session.err = members.number("stderr");
  }
  if (auto read = members.all_read(); !read) return std::unexpected(read.error());
  if (note.input_window > kMaxInputWindow) return bad("STARTED is out of range");
  return note;
}

std::string encode_ack(std::uint64_t taken) { return wire::Writer().u64(taken).str(); }

Result<std::uint64_t> decode_ack(std::string_view payload) {
  wire::Reader in(payload);
  auto taken = in.u64();
  if (auto whole = in.finish("session: an ACK frame"); !whole)
    return std::unexpected(whole.error());
  return taken;
}

std::string encode_exit(const ExitStatus& exit) {
  Json json;
  if (exit.signal.empty())
    json["code"] = exit.code;
  else
    json["signal"] = exit.signal;
  if (exit.core_dumped) json["core"] = true;
  if (exit.timed_out) json["timed_out"] = true;
  return json.dump();
}

Result<ExitStatus> decode_exit(std::string_view text) {
  auto json = parse_object(text);
  if (!json) return std::unexpected(json.error());
  ExitStatus exit;
  try {
    exit.signal = json->value("signal", "");
    exit.code = json->value("code", 0);
    exit.core_dumped = json->value("core", false);
    exit.timed_out = json->value("timed_out", false);
  } catch (const Json::exception&) {
    return bad("EXIT has a member of the wrong kind");
  }
  if (exit.code < 0 || exit.code > 255 || exit.signal.size() > 16)
    return bad("EXIT is out of range");
  return exit;
}

std::string encode_resize(const WindowSize& size) {
  std::string out;
  for (auto number : {size.columns, size.rows, size.width_pixels, size.height_pixels}) {
    out.push_back(static_cast<char>(number >> 8));
    out.push_back(static_cast<char>(number));
  }
  return out;
}

Result<WindowSize> decode_resize(std::string_view payload) {
  wire::Reader in(payload);
  auto u16 = [&] {
    auto high = in.u8();
    return static_cast<std::uint16_t>((high << 8) | in.u8());
  };
  WindowSize size;
  size.columns = u16();
  size.rows = u16();
  size.width_pixels = u16();
  size.height_pixels = u16();
  if (auto whole = in.finish("session: a RESIZE frame"); !whole)
    return std::unexpected(whole.error());
  return size;
}

}  // namespace nigh::run
