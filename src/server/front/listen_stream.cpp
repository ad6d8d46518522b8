// SPDX-License-Identifier: Apache-2.0
#include "server/front/listen_stream.hpp"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>

#include "base/tcp_options.hpp"
#include "server/link/publication.hpp"
#include "service/tunnel/target.hpp"
#include "ssh/random.hpp"
#include "wire/base64.hpp"

namespace nigh::server {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kMaxBody = 8 * 1024;
constexpr std::size_t kIdBytes = 16;
constexpr std::size_t kMaxLines = 64 * 1024;  // that the client has not read

Result<Listen> parse(const std::string& body) {
  auto wrong = [](std::string_view why) {
    return fail(Errc::malformed, fmt::format("request: {}", why));
  };
  auto json = Json::parse(body, nullptr, false);
  if (!json.is_object()) return wrong("it is not a JSON object");
  Listen listen;
  listen.host = "localhost";
  for (const auto& [name, value] : json.items()) {
    if (name == "unix" && json.size() == 1 && value.is_string()) {
      listen.reach = Reach::unix_socket;
      listen.host = value.get<std::string>();
    } else if (name == "agent" && json.size() == 1 && (value == true || value.is_string())) {
      listen.reach = Reach::agent;
      listen.host = value.is_string() ? value.get<std::string>() : "";
    } else if (name == "name" && json.size() == 1 && value.is_string()) {
      listen.reach = Reach::published;
      listen.host = value.get<std::string>();
      listen.port = kPublishedPort;
    } else if (name == "address" && value.is_string()) {
      listen.host = value.get<std::string>();
    } else if (name == "port" && value.is_number_unsigned() &&
               value.get<std::uint64_t>() <= UINT16_MAX) {
      listen.port = value.get<std::uint32_t>();
    } else {
      return wrong(
          "it takes \"address\", a text, and \"port\", from 0 to 65535; or \"unix\", \"agent\" "
          "or \"name\" alone");
    }
  }
  return listen;
}

tcp::endpoint to_endpoint(const sockaddr_storage& address, socklen_t size) {
  tcp::endpoint endpoint;
  std::memcpy(endpoint.data(), &address, std::min<std::size_t>(size, endpoint.capacity()));
  auto ip = endpoint.address();
  if (ip.is_v6() && ip.to_v6().is_v4_mapped())
    ip = asio::ip::make_address_v4(asio::ip::v4_mapped, ip.to_v6());
  return {ip, endpoint.port()};
}

std::string name_of(const tcp::endpoint& endpoint) {
  return tunnel::to_text(tunnel::HostPort{endpoint.address().to_string(), endpoint.port()});
}

std::string text(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

Json listening_on(int listener, const Listen& what) {
  if (what.reach == Reach::unix_socket) return {{"unix", what.host}};
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  (void)::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
  auto endpoint = to_endpoint(address, size);
  // Where it listens at two addresses they have one name.
  auto host = what.host == "localhost" ? what.host : endpoint.address().to_string();
  return {{"address", host}, {"port", endpoint.port()}};
}

// The socket of an agent has a path that the worker chose.
std::string path_of(int listener) {
  sockaddr_un address{};
  socklen_t size = sizeof address;
  (void)::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
  return {address.sun_path, ::strnlen(address.sun_path, sizeof address.sun_path)};
}

Json listening_for_agent(const std::string& path, const ssh::AgentBinding* binding) {
  auto folder = path.substr(0, path.rfind('/'));
  Json json{{"unix", path}, {"agent", folder.substr(folder.rfind('/') + 1)}};
  if (binding != nullptr)
    json["binding"] = {{"key", wire::base64(binding->key)},
                       {"session", wire::base64(binding->session)},
                       {"signature", wire::base64(binding->signature)}};
  return json;
}

void reset(UniqueFd socket) {
  const linger now{1, 0};
  (void)::setsockopt(socket.get(), SOL_SOCKET, SO_LINGER, &now, sizeof now);
}

}  // namespace

ListenStream::ListenStream(Shared& shared, http2::StreamId id)
    : GatheringStream(shared, id, kMaxBody) {
  ++shared_.listeners;
}

ListenStream::~ListenStream() {
  --shared_.listeners;
  shared_.worker.forget(asked_);
  close();
}

void ListenStream::on_body(std::string body) {
  if (shared_.listeners > kMaxListeners)
    return answer(problem_of(Trouble::busy,
                             fmt::format("a connection may have {} listeners", kMaxListeners)));
  auto listen = parse(body);
  if (!listen) return answer(problem_of(Trouble::bad_request, listen.error().message));
  listen->grant = shared_.login.grant;
  if (listen->reach == Reach::unix_socket) unix_path_ = listen->host;
  for_agent_ = listen->reach == Reach::agent;
  if (listen->reach == Reach::published) name_ = listen->host;
  what_ = *std::move(listen);
  asked_ = shared_.worker.ask(what_, *this, WorkerClient::Without::wait);
}

void ListenStream::on_started(const Started&, std::vector<UniqueFd> descriptors) {
  if (answered_ || descriptors.empty() != !name_.empty()) return;
  answered_ = true;
  if (!name_.empty()) {
    answer_stream("application/x-ndjson", *this);
    return say(text({{"listening", {{"name", name_}, {"port", kPublishedPort}}}}));
  }
  shared_.worker.forget(asked_);  // whose death is nothing to a listener
  answer_stream("application/x-ndjson", *this);
  if (for_agent_) unix_path_ = path_of(descriptors[0].get());
  say(text({{"listening", for_agent_ ? listening_for_agent(unix_path_, shared_.agent_binding.get())
                                     : listening_on(descriptors[0].get(), what_)}}));
  listen_at(std::move(descriptors));
}

void ListenStream::listen_at(std::vector<UniqueFd> sockets) {
  for (auto& socket : sockets)
    listeners_.emplace_back(shared_.executor, std::move(socket), io::Readiness::For::reading,
                            [this, nth = listeners_.size()] { accept(listeners_[nth]); });
  for (auto& listener : listeners_) listener.arm();
}

// Who cannot wait here is turned away by the end of the socket.
void ListenStream::on_visited(const Visited& visited, std::vector<UniqueFd> descriptors) {
  if (name_.empty() || !answered_ || over_ || descriptors.size() != 1) return;
  if (waiting_.size() < kMaxWaiting && lines_.size() < kMaxLines)
    add(std::move(descriptors[0]), visited.peer);
}

void ListenStream::on_failed(const Failed& failure) {
  asked_ = 0;
  if (answered_) {  // the name is somebody else's now, or the worker has died
    auto problem = problem_of(failure.trouble, failure.message);
    say(text({{"ended", {{"type", kProblemType + problem.type}, {"detail", problem.detail}}}}));
    return end();
  }
  answered_ = true;
  answer(problem_of(failure.trouble, failure.message));
}

// What the last one may have bound has gone with it.
void ListenStream::on_worker_died(const Failed& failure) {
  if (answered_) return on_failed(failure);
  asked_ = shared_.worker.ask(what_, *this, WorkerClient::Without::wait);
}

void ListenStream::say(std::string line) {
  lines_ += line;
  shared_.h2.resume(id_);
}

ListenStream::Chunk ListenStream::read(std::span<char> into) {
  auto size = std::min(into.size(), lines_.size());
  std::copy_n(lines_.data(), size, into.data());
  lines_.erase(0, size);
  if (!lines_.empty()) return {size, Next::more};
  return {size, over_ ? Next::end : Next::wait};
}

void ListenStream::accept(io::Readiness& listener) {
  while (waiting_.size() < kMaxWaiting && lines_.size() < kMaxLines) {
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    UniqueFd socket(::accept4(listener.fd(), reinterpret_cast<sockaddr*>(&address), &size,
                              SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (!socket.valid()) {
      if (errno == EAGAIN) return listener.arm();
      if (errno == ECONNABORTED || errno == EINTR) continue;
      break;  // no descriptor is left: it waits in the kernel
    }
    if (unix_path_.empty()) tune_guest(socket.get());
    add(std::move(socket), unix_path_.empty() ? name_of(to_endpoint(address, size)) : unix_path_);
  }
  paused_ = true;
  look_after();
}

void ListenStream::add(UniqueFd socket, const std::string& peer) {
  auto id = wire::base64url(ssh::random_bytes(kIdBytes));
  waiting_.emplace(id, Waiting{std::move(socket), std::chrono::steady_clock::now() + kMaxWait});
  shared_.accepted.emplace(id, this);
  order_.push_back(id);
  if (!timer_) look_after();
  say(text({{"accepted", {{"id", id}, {"peer", peer}}}}));
}

UniqueFd ListenStream::take(const std::string& accepted) {
  auto taken = waiting_.extract(accepted);
  shared_.accepted.erase(taken.key());
  while (!order_.empty() && !waiting_.contains(order_.front())) order_.pop_front();
  go_on();
  return std::move(taken.mapped().socket);
}

void ListenStream::go_on() {
  if (!std::exchange(paused_, false)) return;
  for (auto& listener : listeners_) listener.arm();
}

// Resets those that nobody has fetched in time, and tries to accept again. Sees to it that this is
// done as long as it may have to be.
void ListenStream::look_after() {
  using Clock = std::chrono::steady_clock;
  while (!order_.empty() && waiting_.at(order_.front()).until <= Clock::now())
    reset(take(std::string(order_.front())));
  timer_.reset();
  if (!paused_ && order_.empty()) return;
  timer_.emplace(shared_.executor, paused_ ? Clock::now() + std::chrono::seconds(1)
                                           : waiting_.at(order_.front()).until);
  timer_->async_wait([this, alive = std::weak_ptr(alive_)](boost::system::error_code cancelled) {
    if (cancelled || alive.expired()) return;
    go_on();
    look_after();
  });
}

void ListenStream::close() {
  if (asked_ != 0) shared_.worker.abandon(std::exchange(asked_, 0));
  listeners_.clear();
  while (!order_.empty()) reset(take(std::string(order_.front())));
  timer_.reset();
}

// Nobody could fetch what comes now.
void ListenStream::on_drain() {
  if (!listeners_.empty() || (answered_ && asked_ != 0)) end();
}

void ListenStream::end() {
  close();
  over_ = true;
  shared_.h2.resume(id_);
}

}  // namespace nigh::server
