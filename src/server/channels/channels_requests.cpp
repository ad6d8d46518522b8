// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/text.hpp"
#include "server/channels/channels_connection.hpp"
#include "wire/reader.hpp"

namespace nigh::server {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kLength = 4;  // of a head's length

std::string text(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace

// False: it is not all there. What follows it stays in `bytes`.
bool ChannelsServer::gather_head(Connection& connection, std::string_view& bytes) {
  auto& head = connection.head;
  for (;;) {
    auto wanted = kLength;
    if (head.size() >= kLength) wanted += wire::Reader(head).u32();
    if (wanted > kLength + resource::kMaxHead) {
      drop_soon(connection.id);
      return false;
    }
    if (head.size() == wanted && wanted > kLength) break;
    if (bytes.empty()) return false;
    auto some = bytes.substr(0, wanted - head.size());
    head += some;
    bytes.remove_prefix(some.size());
  }
  auto request = resource::decode_request(std::string_view(head).substr(kLength));
  connection.head = std::string();
  connection.has_head = true;
  if (request)
    serve(connection, *request);
  else
    drop_soon(connection.id);
  return request.has_value();
}

void ChannelsServer::serve(Connection& connection, const resource::RequestHead& head) {
  if (head.method == "GET") return serve_list(connection);
  auto opening = channel::parse_path(head.path);
  if (!opening)
    return refuse(connection, 400, "bad-request", "Bad request", opening.error().message);
  if (hub_.clients() >= kMaxClients)
    return refuse(connection, 503, "busy", "Busy",
                  fmt::format("{} programs use channels already", hub_.clients()));
  send(connection.id,
       resource::encode(
           resource::ResponseHead{200, {{"content-type", "application/vnd.nigh.channel"}}}),
       {});
  connection.in_hub = true;
  hub_.open(connection.id, *std::move(opening));
  settle_soon();
}

void ChannelsServer::serve_list(Connection& connection) {
  auto facts = hub_.facts();
  if (!facts) return refuse(connection, 500, "internal", "Internal error", facts.error().message);
  auto list = Json::array();
  for (const auto& one : *facts)
    list.push_back({{"name", one.name},
                    {"senders", one.senders},
                    {"receivers", one.receivers},
                    {"kept", {{"messages", one.kept}, {"bytes", one.kept_bytes}}}});
  answer(connection, 200, "application/json", text({{"channels", list}}));
}

void ChannelsServer::refuse(Connection& connection, std::uint32_t status, std::string_view type,
                            std::string_view title, const std::string& detail) {
  answer(connection, status, "application/problem+json",
         text({{"type", type}, {"title", title}, {"status", status}, {"detail", detail}}));
}

void ChannelsServer::answer(Connection& connection, std::uint32_t status, std::string_view type,
                            const std::string& body) {
  resource::ResponseHead head{
      status,
      {{"content-type", std::string(type)}, {"content-length", fmt::format("{}", body.size())}}};
  send(connection.id, resource::encode(head), body);
  close(connection.id);
}

}  // namespace nigh::server
