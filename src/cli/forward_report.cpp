// SPDX-License-Identifier: Apache-2.0
#include "cli/forward_report.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "base/text.hpp"
#include "cli/console.hpp"

namespace nigh::cli {
namespace {

using Json = nlohmann::ordered_json;

std::string_view name(ForwardKind kind) {
  switch (kind) {
    case ForwardKind::local:
      return "local";
    case ForwardKind::remote:
      return "remote";
    case ForwardKind::agent:
      return "agent";
    case ForwardKind::dynamic:
      break;
  }
  return "dynamic";
}

Json describe(std::string_view event, const Listening& one) {
  Json json{{"event", event}, {"kind", name(one.kind)}};
  if (one.udp) json["protocol"] = "udp";
  json["address"] = printable(one.address);
  if (!one.target.empty()) json["target"] = printable(one.target);
  return json;
}

Json describe(std::string_view event, const ForwardedConnection& one) {
  auto json = describe(event, one.by);
  json["connection"] = one.number;
  json["peer"] = printable(one.peer);
  json["target"] = printable(one.target);
  return json;
}

void add_counts(Json& json, const ForwardedConnection& one) {
  json["sent"] = one.sent;
  json["received"] = one.received;
}

// "127.0.0.1:55012 to db:5432"
std::string in_words(const ForwardedConnection& one) {
  auto who = printable(one.peer.empty() ? one.by.address : one.peer);
  return one.target.empty() ? who : fmt::format("{} to {}", who, printable(one.target));
}

}  // namespace

ForwardReport::ForwardReport(Supervisor& supervisor, std::string host, Show show, bool verbose)
    : output_(supervisor), host_(printable(host)), show_(show), verbose_(verbose) {}

void ForwardReport::print(const std::string& json) { output_.write(STDOUT_FILENO, json + '\n'); }

void ForwardReport::listening(const Listening& one) {
  if (show_ == Show::json) return print(describe("listening", one).dump());
  auto address = printable(one.address);
  auto target = printable(one.target);
  const auto* udp = one.udp ? "udp " : "";
  if (one.kind == ForwardKind::local)
    tell(fmt::format("nigh: {}{} here leads to {} from {}", udp, address, target, host_));
  else if (one.kind == ForwardKind::remote)
    tell(fmt::format("nigh: {} on {} leads to {} from here", address, host_, target));
  else
    tell(fmt::format("nigh: {} here is a proxy through {}: SOCKS, HTTP CONNECT", address, host_));
}

void ForwardReport::opened(const ForwardedConnection& one) {
  if (show_ == Show::json) return print(describe("opened", one).dump());
  if (verbose_ && show_ == Show::everything) tell(fmt::format("nigh: {}: open", in_words(one)));
}

void ForwardReport::closed(const ForwardedConnection& one) {
  if (show_ == Show::json) {
    auto json = describe("closed", one);
    add_counts(json, one);
    return print(json.dump());
  }
  if (verbose_ && show_ == Show::everything)
    tell(fmt::format("nigh: {}: closed, {} bytes sent, {} received", in_words(one), one.sent,
                     one.received));
}

void ForwardReport::failed(const ForwardedConnection& one, const Error& why) {
  if (show_ == Show::json) {
    auto json = describe("failed", one);
    add_counts(json, one);
    json["error"] = {{"code", nigh::name(why.code)}, {"message", printable(why.message)}};
    return print(json.dump());
  }
  if (show_ == Show::everything) complain(fmt::format("{}: {}", in_words(one), why.message));
}

void ForwardReport::lost(const std::string& why) {
  if (show_ == Show::json) return print(Json{{"event", "lost"}, {"why", printable(why)}}.dump());
  if (show_ == Show::everything) complain(fmt::format("{}; connecting again", why));
}

void ForwardReport::resumed() {
  if (show_ == Show::json) return print(Json{{"event", "resumed"}}.dump());
  if (show_ == Show::everything) tell(fmt::format("nigh: {} is there again", host_));
}

ForwardEvents ForwardReport::events(std::shared_ptr<ForwardReport> report) {
  ForwardEvents events;
  events.on_opened = [report](const ForwardedConnection& one) { report->opened(one); };
  events.on_closed = [report](const ForwardedConnection& one) { report->closed(one); };
  events.on_failed = [report](const ForwardedConnection& one, const Error& why) {
    report->failed(one, why);
  };
  events.on_lost = [report](const std::string& why) { report->lost(why); };
  events.on_resumed = [report] { report->resumed(); };
  return events;
}

async::awaitable<async::Forwarding> start_forwards(Supervisor& supervisor, async::Host host,
                                                   std::string name, Forwards forwards,
                                                   ForwardReport::Show show, bool verbose) {
  if (forwards.empty()) co_return async::Forwarding();
  auto report = std::make_shared<ForwardReport>(supervisor, std::move(name), show, verbose);
  auto forwarding = co_await host.forward(std::move(forwards), ForwardReport::events(report));
  for (const auto& one : forwarding.listening()) report->listening(one);
  co_return forwarding;
}

}  // namespace nigh::cli
