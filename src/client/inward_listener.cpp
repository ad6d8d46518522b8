// SPDX-License-Identifier: Apache-2.0
#include "client/inward_listener.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "client/answer_json.hpp"
#include "service/tunnel/target.hpp"
#include "ssh/agent_binding.hpp"
#include "wire/base64.hpp"

namespace nigh::client {
namespace {

constexpr std::size_t kMaxLine = 16 * 1024;  // with an RSA key and its signature
// That nobody has fetched; the server resets what is not fetched in 30 s.
constexpr std::size_t kMaxWaiting = 4096;

bool is_id(std::string_view text) {
  return !text.empty() && text.size() <= 64 && std::ranges::all_of(text, [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '-' || c == '_';
  });
}

std::string request_for(const tunnel::Address& where) {
  Json json;
  if (where.is_socket())
    json["unix"] = where.path;
  else
    json = {{"address", where.host}, {"port", where.port}};
  return json.dump();
}

// {"address":"127.0.0.1","port":40123}, {"unix":"/path"} or {"name":"web1","port":7722}
std::optional<tunnel::Address> address_in(const Json& json) {
  if (!json.is_object()) return std::nullopt;
  tunnel::Address address;
  address.path = text_of(json, "unix");
  if (address.is_socket()) return address;
  address.host = text_of(json, json.contains("name") ? "name" : "address");
  auto port = json.find("port");
  if (address.host.empty() || port == json.end() || !port->is_number_unsigned() ||
      port->get<std::uint64_t>() > 65'535)
    return std::nullopt;
  address.port = port->get<std::uint16_t>();
  return address;
}

std::string bytes_of(const Json& object, const char* name) {
  auto found = object.find(name);
  if (found == object.end() || !found->is_string()) return "";
  return wire::base64_decode(found->get_ref<const std::string&>()).value_or("");
}

// As a request for the agent, if it is by the host key that we have checked.
std::string binding_in(const Json& listening, const std::string& fingerprint) {
  auto said = listening.find("binding");
  if (said == listening.end() || !said->is_object()) return "";
  ssh::AgentBinding binding{bytes_of(*said, "key"), bytes_of(*said, "session"),
                            bytes_of(*said, "signature")};
  if (!ssh::check_agent_binding(binding, fingerprint)) return "";
  return ssh::session_bind_request(binding);
}

}  // namespace

InwardListener::InwardListener(std::shared_ptr<Connection> connection)
    : connection_(std::move(connection)), changed_(connection_->executor()) {}

InwardListener::~InwardListener() { connection_->abandon(id_); }

awaitable<void> InwardListener::open(tunnel::Address where) {
  request_ = request_for(where);
  co_await begin(fmt::format("{} does not listen on {}", connection_->endpoint().address(),
                             printable(to_text(where))));
}

awaitable<void> InwardListener::open_for_agent(std::string folder) {
  request_ = folder.empty() ? Json{{"agent", true}}.dump() : Json{{"agent", folder}}.dump();
  co_await begin(fmt::format("{} does not take our ssh-agent", connection_->endpoint().address()));
}

awaitable<void> InwardListener::publish(std::string name) {
  request_ = Json{{"name", name}}.dump();
  co_await begin(fmt::format("{} does not publish {}", connection_->endpoint().address(), name));
}

awaitable<void> InwardListener::begin(std::string refusal) {
  auto send = [this](const http2::Fields& proof) { return this->send(proof); };
  try {
    co_await send_with_proof(*connection_, send);
    while (!listening_ && !failure_) co_await changed_.wait();
    if (!listening_) throw Failure(*failure_);
  } catch (const Failure& failure) {
    if (failure.code() == Errc::cancelled) throw;
    auto code = status_ == 409 ? Errc::unavailable : failure.code();
    throw Failure(code, fmt::format("{}: {}", refusal, failure.what()));
  }
}

awaitable<Outcome> InwardListener::send(http2::Fields proof) {
  connection_->abandon(id_);  // of an attempt with another key
  status_ = 0;
  request_sent_ = 0;
  bytes_.clear();
  done_ = false;
  Request what{.method = "POST", .path = std::string(tunnel::kListenPath)};
  what.headers = {{"content-type", "application/json"}};
  what.body = request_;
  auto fields = request_fields(*connection_, what);
  std::ranges::move(proof, std::back_inserter(fields));
  id_ = connection_->open(fields, this, *this);
  while (!is_open() && !done_ && !failure_) co_await changed_.wait();
  if (failure_ && !listening_) throw Failure(*failure_);
  co_return Outcome{status_, is_open() ? "" : bytes_};
}

awaitable<InwardListener::Accepted> InwardListener::next() {
  while (accepted_.empty() && !failure_) co_await changed_.wait();
  if (accepted_.empty()) throw Failure(*failure_);
  auto one = std::move(accepted_.front());
  accepted_.pop_front();
  co_return one;
}

// ---- what arrives ------------------------------------------------------------------------------

void InwardListener::on_headers(const http2::Fields& fields) {
  status_ = status_of(fields);
  changed_.notify_all();
}

void InwardListener::on_data(std::string_view bytes) {
  connection_->consume(id_, bytes.size());
  if (!is_open()) {
    if (bytes_.size() + bytes.size() <= kMaxAnswer) bytes_ += bytes;
    return;
  }
  while (!failure_ && !bytes.empty()) {
    auto end = bytes.find('\n');
    bytes_ += bytes.substr(0, end);
    if (bytes_.size() > kMaxLine)
      return fail({Errc::too_large, "the server sends a longer line about a listener than it may"});
    if (end == bytes.npos) return;
    bytes.remove_prefix(end + 1);
    on_line(std::exchange(bytes_, ""));
  }
}

void InwardListener::on_line(std::string_view line) {
  auto json = parse_object(line);
  if (json.is_discarded()) return fail(not_understood("a listener").error());
  if (auto said = json.find("listening"); said != json.end()) {
    auto address = address_in(*said);
    if (!address) return fail(not_understood("a listener").error());
    address_ = *std::move(address);
    folder_ = text_of(*said, "agent");
    agent_binding_ = binding_in(*said, connection_->host_fingerprint());
    listening_ = true;
  } else if (auto who = json.find("accepted"); who != json.end() && who->is_object()) {
    Accepted one{text_of(*who, "id"), text_of(*who, "peer")};
    if (!is_id(one.id)) return fail(not_understood("who came").error());
    if (accepted_.size() < kMaxWaiting) accepted_.push_back(std::move(one));
  } else if (auto ended = json.find("ended"); ended != json.end() && ended->is_object()) {
    superseded_ = text_of(*ended, "type").ends_with(":in-use");
    fail({Errc::unavailable, text_of(*ended, "detail")});
  }  // Later servers say more.
  changed_.notify_all();
}

void InwardListener::on_end() {
  done_ = true;
  if (is_open()) fail({Errc::closed, "the server does not listen any more"});
  changed_.notify_all();
}

void InwardListener::on_failed(const Error& error) { fail(error); }

void InwardListener::fail(Error error) {
  if (!failure_) failure_ = std::move(error);
  changed_.notify_all();
}

// ---- the request -------------------------------------------------------------------------------

InwardListener::Chunk InwardListener::read(std::span<char> into) {
  auto size = std::min(into.size(), request_.size() - request_sent_);
  std::copy_n(request_.data() + request_sent_, size, into.data());
  request_sent_ += size;
  return {size, request_sent_ == request_.size() ? Next::end : Next::more};
}

}  // namespace nigh::client
