// SPDX-License-Identifier: Apache-2.0
#include "io/lookup.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <netdb.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <boost/asio/ip/address.hpp>
#include <cerrno>
#include <cstring>
#include <memory>
#include <mutex>
#include <thread>

#include "base/error.hpp"
#include "base/unique_fd.hpp"

namespace nigh::io {
namespace {

// Shared by the coroutine and the thread that asks, either of which may be gone first: that is why
// not Asio's resolver, whose thread must be joined before the program can end.
struct Query {
  std::string host;
  std::uint16_t port;
  UniqueFd done;  // an eventfd

  std::mutex mutex;
  int error = 0;  // EAI_…
  int error_number = 0;
  std::vector<tcp::endpoint> endpoints;
};

std::vector<tcp::endpoint> endpoints_of(const addrinfo* list) {
  std::vector<tcp::endpoint> out;
  for (; list != nullptr; list = list->ai_next) {
    tcp::endpoint endpoint;
    if (list->ai_addrlen > endpoint.capacity()) continue;
    std::memcpy(endpoint.data(), list->ai_addr, list->ai_addrlen);
    endpoint.resize(list->ai_addrlen);
    out.push_back(endpoint);
  }
  return out;
}

void ask(const std::shared_ptr<Query>& query) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV;
  addrinfo* list = nullptr;
  int error = getaddrinfo(query->host.c_str(), std::to_string(query->port).c_str(), &hints, &list);
  {
    std::lock_guard lock(query->mutex);
    query->error_number = errno;
    query->error = error;
    query->endpoints = endpoints_of(list);
  }
  if (list) freeaddrinfo(list);
  eventfd_write(query->done.get(), 1);
}

[[noreturn]] void throw_failure(const Query& query) {
  if (query.error == EAI_NONAME || query.error == EAI_NODATA || query.error == EAI_ADDRFAMILY)
    throw Failure(Errc::not_found,
                  fmt::format("there is no host named {}: is the name right?", query.host));
  if (query.error == EAI_SYSTEM)
    throw Failure(errno_error(fmt::format("cannot look up {}", query.host), query.error_number));
  throw Failure(Errc::unavailable,
                fmt::format("cannot look up {}: {}", query.host, gai_strerror(query.error)));
}

}  // namespace

awaitable<std::vector<tcp::endpoint>> look_up_host(std::string host, std::uint16_t port) {
  boost::system::error_code no_address;
  auto address = asio::ip::make_address(host, no_address);
  if (!no_address) co_return std::vector{tcp::endpoint(address, port)};

  auto query = std::make_shared<Query>();
  query->host = host;
  query->port = port;
  query->done = UniqueFd(eventfd(0, EFD_CLOEXEC));
  if (!query->done.valid()) throw Failure(errno_error("cannot make an eventfd", errno));
  asio::posix::stream_descriptor done(co_await asio::this_coro::executor,
                                      fcntl(query->done.get(), F_DUPFD_CLOEXEC, 0));
  std::thread(ask, query).detach();
  co_await done.async_wait(asio::posix::stream_descriptor::wait_read, asio::use_awaitable);

  std::lock_guard lock(query->mutex);
  if (query->endpoints.empty()) throw_failure(*query);
  co_return query->endpoints;
}

std::vector<tcp::endpoint> interleave_families(const std::vector<tcp::endpoint>& endpoints) {
  std::vector<tcp::endpoint> first, second, out;
  for (const auto& endpoint : endpoints)
    (endpoint.protocol() == endpoints.front().protocol() ? first : second).push_back(endpoint);
  for (std::size_t i = 0; i < first.size() || i < second.size(); ++i) {
    if (i < first.size()) out.push_back(first[i]);
    if (i < second.size()) out.push_back(second[i]);
  }
  return out;
}

}  // namespace nigh::io
