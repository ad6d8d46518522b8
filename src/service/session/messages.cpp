// SPDX-License-Identifier: Apache-2.0
#include "service/session/messages.hpp"

#include "service/run/json.hpp"
#include "wire/reader.hpp"

namespace nigh::session {
namespace {

using run::bad;
using run::Json;
using run::Members;

constexpr const char* name_of(Channel output) {
  return output == Channel::out ? "stdout" : "stderr";
}

Json to_object(const ResumeRequest& request) {
  Json json = {{"attachment", request.attachment},
               {"attempt", request.attempt},
               {"stdout", request.out},
               {"stderr", request.err}};
  if (request.screen) json["screen"] = true;
  if (request.again) {
    json["stdin"] = request.again->input;
    json["signals"] = request.again->signals;
  }
  return json;
}

Json to_object(const AttachRequest& request) {
  Json json = {{"attach", true}, {"scrollback", std::min(request.scrollback, kMaxScrollback)}};
  if (request.read_only) json["read_only"] = true;
  if (request.tail) json["tail"] = *request.tail;
  if (request.size) json["pty"] = run::json_of(*request.size);
  return json;
}

Result<Resume> read_resume(const Json& json) {
  if (auto known = run::only_known(
          json, {"attachment", "attempt", "stdout", "stderr", "screen", "stdin", "signals"});
      !known)
    return std::unexpected(known.error());
  Members members(json, "RESUME");
  ResumeRequest request;
  request.attachment = members.number("attachment");
  request.attempt = members.number("attempt");
  request.out = members.number("stdout");
  request.err = members.number("stderr");
  if (json.contains("screen")) request.screen = members.flag("screen");
  if (json.contains("stdin") || json.contains("signals"))
    request.again = {members.number("stdin"), members.number("signals")};
  if (auto read = members.all_read(); !read) return std::unexpected(read.error());
  return request;
}

Result<Resume> read_attach(const Json& json) {
  if (auto known = run::only_known(json, {"attach", "scrollback", "read_only", "tail", "pty"});
      !known)
    return std::unexpected(known.error());
  Members members(json, "RESUME");
  AttachRequest request;
  if (!members.flag("attach")) return bad("RESUME must have \"attachment\" or \"attach\":true");
  if (json.contains("scrollback")) {
    auto lines = members.number("scrollback");
    if (lines > kMaxScrollback) return bad("\"scrollback\" is over 1,000,000 lines");
    request.scrollback = static_cast<std::uint32_t>(lines);
  }
  if (json.contains("read_only")) request.read_only = members.flag("read_only");
  if (json.contains("tail") && !json["tail"].is_null()) request.tail = members.number("tail");
  if (json.contains("pty") && !json["pty"].is_null()) {
    const auto& pty = json["pty"];
    if (!pty.is_object()) return bad("\"pty\" must be an object");
    if (auto known = run::only_known(pty, {"columns", "rows", "width", "height"}); !known)
      return std::unexpected(known.error());
    auto size = run::read_size(pty);
    if (!size) return std::unexpected(size.error());
    request.size = *size;
  }
  if (auto read = members.all_read(); !read) return std::unexpected(read.error());
  return request;
}

struct NoticeToJson {
  Json operator()(const UnknownNotice& /*notice*/) const { return Json::object(); }
  Json operator()(const Lost& lost) const {
    return {{"lost", lost.bytes}, {"output", name_of(lost.output)}};
  }
  Json operator()(const Clients& clients) const { return {{"clients", clients.count}}; }
  Json operator()(const Detached& detached) const { return {{"detached", detached.why}}; }
  Json operator()(const SizeNotice& size) const { return {{"size", run::json_of(size.size)}}; }
  Json operator()(const SignalsTaken& taken) const { return {{"signals", taken.count}}; }
};

Result<Notice> read_lost(const Json& json) {
  Members members(json, "NOTICE");
  Lost lost{Channel::out, members.number("lost")};
  auto output = members.text("output");
  if (auto read = members.all_read(); !read) return std::unexpected(read.error());
  if (output != name_of(Channel::out) && output != name_of(Channel::err))
    return bad("NOTICE names no output");
  lost.output = output == name_of(Channel::out) ? Channel::out : Channel::err;
  return lost;
}

}  // namespace

std::string encode_resume(const Resume& resume) {
  return std::visit([](const auto& request) { return to_object(request); }, resume).dump();
}

Result<Resume> decode_resume(std::string_view text) {
  auto json = run::parse_object(text);
  if (!json) return std::unexpected(json.error());
  return json->contains("attachment") ? read_resume(*json) : read_attach(*json);
}

std::string encode_output_ack(const OutputAck& ack) {
  return wire::Writer().u64(ack.out).u64(ack.err).str();
}

Result<OutputAck> decode_output_ack(std::string_view payload) {
  wire::Reader in(payload);
  OutputAck ack;
  ack.out = in.u64();
  ack.err = in.u64();
  if (auto whole = in.finish("session: an OUTPUT_ACK frame"); !whole)
    return std::unexpected(whole.error());
  return ack;
}

std::string encode_notice(const Notice& notice) {
  return std::visit(NoticeToJson(), notice).dump();
}

Result<Notice> decode_notice(std::string_view text) {
  auto json = run::parse_object(text);
  if (!json) return std::unexpected(json.error());
  if (json->contains("lost")) return read_lost(*json);
  Members members(*json, "NOTICE");
  Notice notice;
  if (json->contains("clients")) {
    notice = Clients{members.number("clients")};
  } else if (json->contains("detached")) {
    notice = Detached{members.text("detached")};
  } else if (json->contains("signals")) {
    notice = SignalsTaken{members.number("signals")};
  } else if (json->contains("size")) {
    if (!(*json)["size"].is_object()) return bad("\"size\" must be an object");
    auto size = run::read_size((*json)["size"]);
    if (!size) return std::unexpected(size.error());
    notice = SizeNotice{*size};
  }
  if (auto read = members.all_read(); !read) return std::unexpected(read.error());
  return notice;
}

}  // namespace nigh::session
