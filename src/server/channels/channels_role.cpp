// SPDX-License-Identifier: Apache-2.0
#include "server/channels/channels_role.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <ctime>
#include <optional>
#include <string_view>

#include "base/log.hpp"
#include "server/channels/channels_server.hpp"
#include "server/link/channels_messages.hpp"
#include "server/link/link.hpp"
#include "server/link/role_start.hpp"
#include "wire/message.hpp"

namespace nigh::server {
namespace {

using namespace std::chrono_literals;

constexpr char kNewSocket[] = "socket.new";
constexpr char kLock[] = "lock";
constexpr char kStore[] = "messages.db";
constexpr int kBacklog = 1024;
constexpr auto kIdle = 60s;
constexpr int kWaitMilliseconds = 10;
constexpr int kWaits = 1000;  // for one that is about to end

bool is_ours(int socket) {
  ucred peer{};
  socklen_t size = sizeof peer;
  return ::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && peer.uid == ::getuid();
}

sockaddr_un address_of(std::string_view name) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  name.copy(address.sun_path, sizeof address.sun_path - 1);
  return address;
}

bool somebody_listens() {
  UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  auto address = address_of(kChannelsSocket);
  return ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

// One process has the channels. nullopt: another has, and listens.
std::optional<UniqueFd> lock() {
  UniqueFd file(::open(kLock, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file.valid()) throw Failure(errno_error("cannot open the lock of the channels", errno));
  for (int i = 0; i < kWaits; ++i) {
    if (::flock(file.get(), LOCK_EX | LOCK_NB) == 0) return file;
    if (somebody_listens()) return std::nullopt;
    ::poll(nullptr, 0, kWaitMilliseconds);
  }
  throw Failure(Errc::unavailable, "another process has the channels, and does not answer");
}

// Under its name only when it listens.
UniqueFd listen_here() {
  UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  auto address = address_of(kNewSocket);
  ::unlink(kNewSocket);
  if (!socket.valid() ||
      ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      ::listen(socket.get(), kBacklog) != 0 || ::rename(kNewSocket, kChannelsSocket) != 0)
    throw Failure(errno_error("cannot listen for channels", errno));
  return socket;
}

Quota read_quota(UniqueFd worker) {
  pollfd ready{worker.get(), POLLIN, 0};
  ::poll(&ready, 1, -1);
  Link link(std::move(worker));
  auto packet = unwrap(link.receive());
  if (!packet) throw Failure(Errc::malformed, "the worker says nothing");
  auto settings = std::get<ChannelsSettings>(unwrap(wire::decode<ToChannels>(packet->bytes)));
  return {settings.bytes, settings.messages, settings.seconds};
}

class Role {
 public:
  Role(asio::io_context& context, std::unique_ptr<SqliteStore> store)
      : context_(context), server_(context, std::move(store), kIdle, [this] { idle(); }) {
    listen();
  }
  void stop() {
    ::unlink(kChannelsSocket);
    context_.stop();
  }

 private:
  void listen() {
    listener_.emplace(context_.get_executor(), listen_here(), io::Readiness::For::reading,
                      [this] { accept(); });
    listener_->arm();
  }
  void accept() {
    for (;;) {
      UniqueFd socket(::accept4(listener_->fd(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
      if (!socket.valid()) break;
      if (is_ours(socket.get())) server_.add(std::move(socket));
    }
    listener_->arm();
  }
  // Whoever came before the name was gone is served still.
  void idle() {
    ::unlink(kChannelsSocket);
    accept();
    if (server_.connections() == 0) return context_.stop();
    listen();
  }

  asio::io_context& context_;
  ChannelsServer server_;
  std::optional<io::Readiness> listener_;
};

UniqueFd watch_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (int number : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&set, number);
  ::sigprocmask(SIG_BLOCK, &set, nullptr);
  UniqueFd signals(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!signals.valid()) throw Failure(errno_error("cannot watch for signals", errno));
  return signals;
}

}  // namespace

int channels_main(const char* log_level) {
  auto worker = begin_role("channels", log_level);
  raise_descriptor_limit();
  ::umask(077);
  UniqueFd kept(::fcntl(worker.get(), F_DUPFD_CLOEXEC, 3));
  auto quota = read_quota(std::move(worker));
  auto locked = lock();
  if (!locked) return 0;
  auto store =
      unwrap(SqliteStore::open(kStore, quota, [] { return std::int64_t{::time(nullptr)}; }));
  asio::io_context context(1);
  Role role(context, std::move(store));
  io::Readiness stopped(context.get_executor(), watch_signals(), io::Readiness::For::reading,
                        [&] { role.stop(); });
  stopped.arm();
  kept.reset();  // we are ready
  context.run();
  return 0;
}

}  // namespace nigh::server
