// SPDX-License-Identifier: Apache-2.0
#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "base/text.hpp"
#include "cli/base64.hpp"
#include "cli/outcome.hpp"
#include "cli/utf8.hpp"

namespace nigh::cli {
namespace {

using Json = nlohmann::ordered_json;

// Bytes of a command line or an error, which JSON must hold as text.
std::string text(const std::string& bytes) { return is_utf8(bytes) ? bytes : printable(bytes); }

void add_stream(Json& json, const std::string& name, const std::string& bytes) {
  if (is_utf8(bytes))
    json[name] = bytes;
  else
    json[name + "_base64"] = base64(bytes);
}

void add_command(Json& json, const Command& command) {
  if (command.argv.empty()) {
    json["command"] = text(command.command_line);
    return;
  }
  json["argv"] = Json::array();
  for (const auto& word : command.argv) json["argv"].push_back(text(word));
}

// A signal and an exit code exclude each other: one of the two is null.
void add_exit(Json& json, const std::optional<ExitStatus>& exit) {
  bool by_signal = exit && !exit->signal.empty();
  json["exit"] = exit && !by_signal ? Json(exit->code) : Json();
  json["signal"] = by_signal ? Json(text(exit->signal)) : Json();
  json["timed_out"] = exit && exit->timed_out;
}

}  // namespace

std::string to_json(const Outcome& outcome, const Command& command) {
  Json json;
  json["host"] = text(outcome.host);
  add_command(json, command);
  add_exit(json, outcome.exit);
  json["status"] = outcome.status;
  add_stream(json, "stdout", outcome.out);
  add_stream(json, "stderr", outcome.err);
  json["started"] = rfc3339(outcome.started);
  json["seconds"] = static_cast<double>(outcome.elapsed.count()) / 1e6;
  if (outcome.error)
    json["error"] = {{"code", name(outcome.error->code)},
                     {"message", text(outcome.error->message)}};
  return json.dump();
}

}  // namespace nigh::cli
