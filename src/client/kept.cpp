// SPDX-License-Identifier: Apache-2.0
#include "client/kept.hpp"

#include <fmt/format.h>

#include "client/keeper_start.hpp"
#include "client/kept_directory.hpp"
#include "client/kept_words.hpp"
#include "client/surroundings.hpp"
#include "io/runtime.hpp"

namespace nigh::client {
namespace {

using namespace std::chrono_literals;

// A process of ours on this machine; one that does not answer is stopped, or ending.
constexpr auto kAnswerLimit = 2s;

awaitable<FromKeeper> exchange(tcp::socket& socket, std::string word) {
  co_await send_word(socket, word);
  co_return unwrap(wire::decode<FromKeeper>(co_await receive_word(socket)));
}

// nullptr: there is none that can be used.
awaitable<std::shared_ptr<Connection>> join(std::string directory, Endpoint endpoint,
                                            Progress progress) {
  auto private_directory = unwrap(KeptDirectory::open(directory));
  if (!private_directory) co_return nullptr;
  auto fd = private_directory->connect(kept_name(endpoint));
  if (!fd && fd.error().code == Errc::unavailable) co_return nullptr;
  auto socket = dressed(co_await asio::this_coro::executor, unwrap(std::move(fd)));
  Use use;
  if (endpoint.keep) use.keep_ms = static_cast<std::uint64_t>(endpoint.keep->count());
  auto answer = co_await ask_keeper(socket, use);
  if (const auto* unfit = std::get_if<Unfit>(&answer)) {
    progress.step("the kept connection is not used: {}", unfit->why);
    co_return nullptr;
  }
  const auto& facts = std::get<Facts>(answer);
  auto connection = std::make_shared<Connection>(std::move(socket), std::move(endpoint), progress,
                                                 kept_facts(facts));
  progress.step("kept connection to {} (process {}): TLS 1.3 {} {}, host key {}",
                facts.peer_address, facts.process, facts.tls_group, facts.tls_cipher,
                facts.host_fingerprint);
  co_return connection;
}

// Whatever prevents it, another connection will do.
awaitable<std::shared_ptr<Connection>> try_to_join(std::string directory, Endpoint endpoint,
                                                   Progress progress) {
  try {
    co_return co_await join(std::move(directory), std::move(endpoint), progress);
  } catch (const Failure& failure) {
    if (failure.code() == Errc::cancelled) throw;
    progress.step("no kept connection is used: {}", failure.what());
  }
  co_return nullptr;
}

struct Target {
  std::string host;
  std::uint32_t port;
  std::string user;
};

awaitable<std::optional<Target>> find_target(std::optional<std::string> name,
                                             ConnectOptions options) {
  if (!name) co_return std::nullopt;
  auto endpoint = co_await resolve(*name, std::move(options), surroundings());
  co_return Target{endpoint.host, endpoint.port, endpoint.user};
}

awaitable<FromKeeper> ask_one(const KeptDirectory& directory, std::string name, ToKeeper word) {
  auto socket = dressed(co_await asio::this_coro::executor, unwrap(directory.connect(name)));
  co_return co_await ask_keeper(socket, word);
}

awaitable<std::vector<KeptConnection>> ask_all(std::optional<std::string> name,
                                               std::optional<ToKeeper> after,
                                               ConnectOptions options) {
  auto target = co_await find_target(std::move(name), std::move(options));
  std::vector<KeptConnection> found;
  auto directory = unwrap(KeptDirectory::open(kept_directory_path(surroundings())));
  if (!directory) co_return found;
  for (const auto& each : directory->names()) {
    if (directory->remove_dead(each)) continue;
    try {
      auto answer = co_await ask_one(*directory, each, AskStatus{});
      const auto* facts = std::get_if<Facts>(&answer);
      if (!facts || (target && (facts->host != target->host || facts->port != target->port ||
                                facts->user != target->user)))
        continue;
      if (after) co_await ask_one(*directory, each, *after);
      found.push_back(kept_connection(*facts));
    } catch (const Failure& failure) {
      // One that has just ended, or was killed.
      if (failure.code() == Errc::cancelled || failure.code() == Errc::refused) throw;
    }
  }
  co_return found;
}

}  // namespace

awaitable<FromKeeper> ask_keeper(tcp::socket& socket, ToKeeper word) {
  auto task = exchange(socket, wire::encode(word));
  co_return co_await io::with_timeout(std::move(task), kAnswerLimit,
                                      "the process that keeps the connection does not answer");
}

awaitable<std::shared_ptr<Connection>> connect_kept(Endpoint endpoint, ConnectOptions options,
                                                    Progress progress) {
  auto directory = kept_directory_path(surroundings());
  if (auto there = co_await try_to_join(directory, endpoint, progress)) co_return there;
  if (!endpoint.keep || options.keeper.empty()) co_return nullptr;
  auto trouble = co_await start_keeper(endpoint, directory, options, progress);
  if (!trouble) co_return co_await try_to_join(directory, endpoint, progress);
  if (options.kept == Kept::start)
    throw Failure(trouble->code, fmt::format("cannot keep the connection: {}", trouble->message));
  progress.step("the connection is not kept: {}", trouble->message);
  co_return nullptr;
}

awaitable<std::vector<KeptConnection>> kept_connections(std::optional<std::string> target,
                                                        ConnectOptions options) {
  co_return co_await ask_all(std::move(target), std::nullopt, std::move(options));
}

awaitable<std::vector<KeptConnection>> end_kept_connections(std::optional<std::string> target,
                                                            bool drain, ConnectOptions options) {
  co_return co_await ask_all(std::move(target), ToKeeper(AskEnd{drain}), std::move(options));
}

}  // namespace nigh::client
