// SPDX-License-Identifier: Apache-2.0
#include "server/worker/listeners.hpp"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/ip/tcp.hpp>
#include <cerrno>
#include <filesystem>
#include <optional>

#include "base/private_file.hpp"
#include "base/text.hpp"
#include "io/localhost.hpp"
#include "service/tunnel/target.hpp"
#include "ssh/random.hpp"
#include "wire/base64.hpp"

namespace nigh::server {
namespace {

using boost::asio::ip::tcp;
using Listening = std::expected<UniqueFd, Refusal>;
namespace fs = std::filesystem;

constexpr auto kAgentSocket = "/agent";  // in a folder of its own
constexpr std::size_t kAgentNameBytes = 12;
constexpr std::size_t kAgentName = kAgentNameBytes * 4 / 3;

std::string new_agent_name() { return wire::base64url(ssh::random_bytes(kAgentNameBytes)); }

bool is_agent_name(const std::string& name) {
  return name.size() == kAgentName && wire::base64url_decode(name).has_value();
}

std::string name_of(const Listen& what) {
  if (what.reach == Reach::unix_socket) return shortened(printable(what.host));
  return printable(tunnel::to_text({what.host, static_cast<std::uint16_t>(what.port)}));
}

std::unexpected<Refusal> refuse_errno(const Listen& what, int error_number) {
  auto trouble = error_number == EADDRINUSE                          ? Trouble::in_use
                 : error_number == EACCES || error_number == EPERM   ? Trouble::not_permitted
                 : error_number == ENOENT || error_number == ENOTDIR ? Trouble::not_found
                 : error_number == EADDRNOTAVAIL                     ? Trouble::bad_request
                 : error_number == EMFILE || error_number == ENFILE  ? Trouble::busy
                                                                     : Trouble::internal;
  return refuse(
      trouble,
      errno_error(fmt::format("cannot listen on {}", name_of(what)), error_number).message);
}

int listen_on(const UniqueFd& socket, const sockaddr* address, std::size_t size) {  // errno
  if (::bind(socket.get(), address, static_cast<socklen_t>(size)) != 0) return errno;
  return ::listen(socket.get(), SOMAXCONN) == 0 ? 0 : errno;
}

Listening listen_tcp(const Listen& what, const tcp::endpoint& endpoint) {
  UniqueFd socket(
      ::socket(endpoint.protocol().family(), SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket.valid()) return refuse_errno(what, errno);
  const int on = 1, off = 0;
  (void)::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (endpoint.protocol() == tcp::v6())  // "::" is every address, as it is to sshd's clients
    (void)::setsockopt(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
  if (int wrong = listen_on(socket, endpoint.data(), endpoint.size()); wrong != 0)
    return refuse_errno(what, wrong);
  return socket;
}

Listening listen_tcp(const Listen& what) {
  const auto port = static_cast<std::uint16_t>(what.port);
  if (what.host == "*") {
    auto both = listen_tcp(what, {tcp::v6(), port});
    if (both || both.error().trouble == Trouble::in_use) return both;
    return listen_tcp(what, {tcp::v4(), port});  // a machine without IPv6
  }
  boost::system::error_code wrong;
  auto address = boost::asio::ip::make_address(what.host, wrong);
  if (wrong) return refuse_errno(what, EADDRNOTAVAIL);
  return listen_tcp(what, {address, port});
}

Listeners::Sockets listen_at_localhost(const Listen& what) {
  auto sockets = io::listen_at_localhost(static_cast<std::uint16_t>(what.port));
  if (!sockets) return refuse_errno(what, sockets.error());
  return *std::move(sockets);
}

std::optional<struct stat> status_of(const std::string& path) {
  struct stat status{};
  if (::lstat(path.c_str(), &status) != 0) return std::nullopt;
  return status;
}

// nullopt: it is no absolute path, or too long for a socket.
std::optional<sockaddr_un> address_of(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (!path.starts_with('/') || path.contains('\0') || path.size() >= sizeof address.sun_path)
    return std::nullopt;
  std::ranges::copy(path, address.sun_path);
  return address;
}

// A socket's file of this account's on which nobody listens.
bool is_stale(const struct stat& status, const sockaddr_un& address) {
  if (!S_ISSOCK(status.st_mode) || status.st_uid != ::geteuid()) return false;
  UniqueFd probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  return ::connect(probe.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 &&
         errno == ECONNREFUSED;
}

// bind() makes the file: it is to be private from its first moment.
class PrivateFiles {
 public:
  PrivateFiles() : before_(::umask(0177)) {}
  PrivateFiles(const PrivateFiles&) = delete;
  PrivateFiles& operator=(const PrivateFiles&) = delete;
  ~PrivateFiles() { ::umask(before_); }

 private:
  mode_t before_;
};

}  // namespace

Listeners::~Listeners() {
  for (const auto& file : files_) remove(file);
}

Listeners::Sockets Listeners::listen(Owner owner, const Listen& what) {
  if (what.reach == Reach::tcp && what.host == "localhost") return listen_at_localhost(what);
  auto socket = what.reach == Reach::agent         ? listen_agent(owner, what)
                : what.reach == Reach::unix_socket ? listen_unix(owner, what)
                                                   : listen_tcp(what);
  if (!socket) return std::unexpected(socket.error());
  std::vector<UniqueFd> one;
  one.push_back(*std::move(socket));
  return one;
}

Listening Listeners::listen_unix(Owner owner, const Listen& what) {
  auto address = address_of(what.host);
  if (!address)
    return refuse(Trouble::bad_request, fmt::format("cannot listen on {}: it is no absolute path "
                                                    "of a socket",
                                                    name_of(what)));
  UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket.valid()) return refuse_errno(what, errno);
  if (auto there = status_of(what.host)) {
    if (!is_stale(*there, *address)) return refuse_errno(what, EADDRINUSE);
    ::unlink(what.host.c_str());
  }
  PrivateFiles during;
  if (int wrong = listen_on(socket, reinterpret_cast<sockaddr*>(&*address), sizeof *address);
      wrong != 0)
    return refuse_errno(what, wrong);
  std::erase_if(files_, [&](const File& old) { return old.path == what.host; });  // it made way
  if (auto made = status_of(what.host))
    files_.push_back({owner, what.request, what.host, "", made->st_dev, made->st_ino});
  return socket;
}

// ---- sockets of agents -------------------------------------------------------------------------

void Listeners::keep_agents_in(std::string directory) {
  agents_ = std::move(directory);
  std::error_code failed;
  for (fs::directory_iterator at(agents_, failed), end; !failed && at != end;
       at.increment(failed)) {
    auto folder = at->path().string();
    auto path = folder + kAgentSocket;
    auto address = address_of(path);
    auto there = status_of(path);
    if (address && there && is_stale(*there, *address) && ::unlink(path.c_str()) == 0)
      ::rmdir(folder.c_str());
  }
}

Listening Listeners::listen_agent(Owner owner, const Listen& what) {
  if (!what.host.empty() && !is_agent_name(what.host))
    return refuse(Trouble::bad_request, "that is no name of an agent's folder");
  auto folder = fmt::format("{}/{}", agents_, what.host.empty() ? new_agent_name() : what.host);
  Listen socket_in_it = what;
  socket_in_it.reach = Reach::unix_socket;
  socket_in_it.host = folder + kAgentSocket;
  if (!address_of(socket_in_it.host))
    return refuse(Trouble::internal,
                  fmt::format("the server's state folder is too deep for a socket: {}", folder));
  for (const auto& one : {agents_, folder})
    if (auto made = make_private_directory(one); !made) return refuse(made.error());
  if (auto there = status_of(socket_in_it.host); there && S_ISSOCK(there->st_mode))
    ::unlink(socket_in_it.host.c_str());
  auto socket = listen_unix(owner, socket_in_it);
  if (!socket)
    ::rmdir(folder.c_str());
  else
    files_.back().folder = folder;
  return socket;
}

void Listeners::remove(const File& file) {
  auto there = status_of(file.path);
  if (there && there->st_dev == file.device && there->st_ino == file.inode)
    ::unlink(file.path.c_str());
  if (!file.folder.empty()) ::rmdir(file.folder.c_str());
}

void Listeners::close(Owner owner, RequestId request) {
  std::erase_if(files_, [&](const File& file) {
    if (file.owner != owner || file.request != request) return false;
    remove(file);
    return true;
  });
}

void Listeners::close_all(Owner owner) {
  std::erase_if(files_, [&](const File& file) {
    if (file.owner == owner) remove(file);
    return file.owner == owner;
  });
}

}  // namespace nigh::server
