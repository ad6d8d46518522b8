// SPDX-License-Identifier: Apache-2.0
#include <nlohmann/json.hpp>
#include <string>

#include "base/text.hpp"
#include "cli/base64.hpp"
#include "cli/transfer_lines.hpp"
#include "cli/transfer_summary.hpp"
#include "cli/utf8.hpp"

namespace nigh::cli {
namespace {

using Json = nlohmann::ordered_json;

void add_path(Json& json, const std::string& name, const std::string& path) {
  if (is_utf8(path))
    json[name] = path;
  else
    json[name + "_base64"] = base64(path);
}

std::string text(const std::string& bytes) { return is_utf8(bytes) ? bytes : printable(bytes); }

std::string_view name_of(TransferItem::Action action) {
  using enum TransferItem::Action;
  switch (action) {
    case created:
      return "created";
    case updated:
      return "updated";
    case attributes:
      return "attributes";
    case linked:
      return "linked";
    case moved:
      return "moved";
    case copied:
      return "copied";
    case removed:
      return "removed";
    case skipped:
      return "skipped";
  }
  return "";
}

}  // namespace

std::string item_json(const TransferItem& item) {
  Json json{{"type", "item"}, {"action", name_of(item.action)}, {"kind", name(item.kind)}};
  add_path(json, "path", item.path);
  if (!item.from.empty()) add_path(json, "from", item.from);
  if (item.kind == FileKind::file) {
    json["size"] = item.size;
    json["sent"] = item.sent;
  }
  if (!item.digest.empty()) json["digest"] = item.digest;
  if (!item.reason.empty()) json["reason"] = text(item.reason);
  return json.dump();
}

std::string failure_json(const std::string& host, const TransferFailure& failure) {
  Json json{{"type", "failure"}, {"host", text(host)}};
  add_path(json, "path", failure.path);
  json["code"] = name(failure.error.code);
  json["message"] = text(failure.error.message);
  return json.dump();
}

std::string progress_json(const ProgressView& view) {
  const auto& progress = view.progress;
  Json json{{"type", "progress"},
            {"files_done", progress.files_done},
            {"files_total", progress.files_total},
            {"bytes_done", progress.bytes_done},
            {"bytes_total", progress.bytes_total},
            {"counted", progress.counted},
            {"bytes_per_second", static_cast<std::uint64_t>(view.rate)}};
  json["seconds_left"] = view.left ? Json(view.left->count()) : Json();
  if (!progress.current.empty()) add_path(json, "current", progress.current);
  return json.dump();
}

std::string summary_json(const TransferOutcome& outcome) {
  const auto& report = outcome.report;
  return Json{{"type", "summary"},
              {"status", exit_status(outcome)},
              {"dry_run", outcome.dry_run},
              {"files", report.files},
              {"directories", report.directories},
              {"removed", report.removed},
              {"moved", report.moved},
              {"unchanged", report.unchanged},
              {"skipped", report.skipped},
              {"failed", report.failed},
              {"bytes", report.bytes},
              {"literal", report.literal},
              {"wire_sent", report.wire_sent},
              {"wire_received", report.wire_received},
              {"seconds", static_cast<double>(report.elapsed.count()) / 1e6}}
      .dump();
}

}  // namespace nigh::cli
