// SPDX-License-Identifier: Apache-2.0
#include "client/kept_directory.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>

#include "base/private_file.hpp"
#include "ssh/random.hpp"
#include "wire/reader.hpp"

namespace nigh::client {
namespace {

constexpr int kBacklog = 64;
constexpr std::size_t kNameBytes = 16;  // of the hash
constexpr std::string_view kSocket = ".socket";

void put(wire::Writer& out, const std::vector<std::string>& texts) {
  out.u32(static_cast<std::uint32_t>(texts.size()));
  for (const auto& text : texts) out.string(text);
}

// The same file, wherever a command was started.
std::vector<std::string> complete(const std::vector<std::string>& files) {
  std::vector<std::string> out;
  std::error_code failed;
  for (const auto& file : files) out.push_back(std::filesystem::absolute(file, failed).string());
  return out;
}

// The directory by its descriptor: the way there may be longer than a socket's name can be.
sockaddr_un address_of(int directory, const std::string& file) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  fmt::format_to_n(address.sun_path, sizeof address.sun_path - 1, "/proc/self/fd/{}/{}", directory,
                   file);
  return address;
}

UniqueFd new_socket() {
  return UniqueFd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
}

}  // namespace

std::string kept_name(const Endpoint& endpoint) {
  const auto& keys = endpoint.identities;
  wire::Writer out;
  out.string("1");
  out.string(endpoint.host);
  out.u32(endpoint.port);
  out.string(endpoint.user);
  put(out, endpoint.known_hosts_names);
  put(out, complete(endpoint.known_hosts_files));
  // With nowhere to remember a key, what was accepted once was accepted by that command alone.
  out.u8(endpoint.known_hosts_to_append.empty() ? static_cast<std::uint8_t>(endpoint.unknown_host)
                                                : 0xff);
  put(out, complete(keys.files));
  put(out, complete(keys.certificates));
  out.string(keys.agent_socket);
  out.u8(keys.offer_agent_keys);
  put(out, complete(keys.default_files));
  out.string(endpoint.via ? kept_name(*endpoint.via) : "");
  out.string(endpoint.proxy_command);
  auto hash = ssh::sha256(std::move(out).str());
  std::string name;
  for (unsigned char byte : hash.substr(0, kNameBytes)) name += fmt::format("{:02x}", byte);
  return name;
}

std::string kept_directory_path(const Surroundings& around) {
  auto runtime = around.environment("XDG_RUNTIME_DIR").value_or("");
  struct stat status{};
  if (runtime.starts_with('/') && ::stat(runtime.c_str(), &status) == 0 &&
      S_ISDIR(status.st_mode) && status.st_uid == ::geteuid())
    return runtime + "/nigh";
  auto state = around.environment("XDG_STATE_HOME").value_or("");
  return (state.starts_with('/') ? state : around.home + "/.local/state") + "/nigh/kept";
}

bool peer_is_ours(int socket) {
  ucred peer{};
  socklen_t size = sizeof peer;
  return ::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 &&
         peer.uid == ::geteuid();
}

Result<std::optional<KeptDirectory>> KeptDirectory::open(const std::string& path) {
  UniqueFd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!fd.valid() && errno == ENOENT) return std::nullopt;
  struct stat status{};
  if (!fd.valid() || ::fstat(fd.get(), &status) != 0)
    return fail_errno("cannot open the directory of kept connections, " + path, errno);
  if (status.st_uid != ::geteuid() || (status.st_mode & 077) != 0)
    return fail(Errc::refused,
                fmt::format("the directory of kept connections, {}, must be yours, and nobody else "
                            "may enter it: chmod 700 {}",
                            path, path));
  return KeptDirectory(path, std::move(fd));
}

Result<KeptDirectory> KeptDirectory::make(const std::string& path) {
  auto there = open(path);
  if (!there) return std::unexpected(there.error());
  if (*there) return **std::move(there);
  if (auto made = make_private_directory(path); !made) return std::unexpected(made.error());
  there = open(path);
  if (!there) return std::unexpected(there.error());
  if (!*there) return fail(Errc::not_found, path + " was removed at once");
  return **std::move(there);
}

Result<UniqueFd> KeptDirectory::connect(const std::string& name) const {
  auto socket = new_socket();
  auto address = address_of(fd_.get(), name + std::string(kSocket));
  if (!socket.valid() ||
      ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return fail(Errc::unavailable, "no connection is kept there");
  if (!peer_is_ours(socket.get()))
    return fail(Errc::refused, "a process of another account listens at a socket in " + path_);
  return socket;
}

Result<UniqueFd> KeptDirectory::lock(const std::string& name) const { return lock(name, LOCK_EX); }

UniqueFd KeptDirectory::try_to_lock(const std::string& name) const {
  return lock(name, LOCK_EX | LOCK_NB).value_or(UniqueFd());
}

Result<UniqueFd> KeptDirectory::lock(const std::string& name, int operation) const {
  auto file = name + ".lock";
  for (;;) {
    UniqueFd fd(::openat(fd_.get(), file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!fd.valid()) return fail_errno("cannot make a file in " + path_, errno);
    while (::flock(fd.get(), operation) != 0)
      if (errno != EINTR) return fail_errno("cannot lock a file in " + path_, errno);
    // Who had it may have removed it: then it locks nothing.
    struct stat ours{}, there{};
    if (::fstat(fd.get(), &ours) == 0 && ::fstatat(fd_.get(), file.c_str(), &there, 0) == 0 &&
        ours.st_ino == there.st_ino)
      return fd;
  }
}

Result<UniqueFd> KeptDirectory::listen(const std::string& name) const {
  auto socket = new_socket();
  auto file = name + std::string(kSocket), fresh = name + ".new";
  ::unlinkat(fd_.get(), fresh.c_str(), 0);
  auto address = address_of(fd_.get(), fresh);
  // Under its name only when it listens: a socket that refuses is taken for a dead process's.
  if (!socket.valid() ||
      ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      ::listen(socket.get(), kBacklog) != 0 ||
      ::renameat(fd_.get(), fresh.c_str(), fd_.get(), file.c_str()) != 0)
    return fail_errno("cannot listen in " + path_, errno);
  return socket;
}

bool KeptDirectory::leads_to_us(const std::string& name) const {
  auto there = connect(name);
  if (!there) return false;
  ucred peer{};
  socklen_t size = sizeof peer;
  return ::getsockopt(there->get(), SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 &&
         peer.pid == ::getpid();
}

void KeptDirectory::remove(const std::string& name) const {
  ::unlinkat(fd_.get(), (name + std::string(kSocket)).c_str(), 0);
  ::unlinkat(fd_.get(), (name + ".lock").c_str(), 0);
}

bool KeptDirectory::remove_dead(const std::string& name) const {
  auto is_dead = [&] {
    auto there = connect(name);
    return !there && there.error().code == Errc::unavailable;
  };
  if (!is_dead()) return false;
  auto lock = try_to_lock(name);
  if (!lock.valid() || !is_dead()) return false;
  remove(name);
  return true;
}

std::vector<std::string> KeptDirectory::names() const {
  std::vector<std::string> out;
  std::error_code failed;
  for (const auto& entry :
       std::filesystem::directory_iterator(fmt::format("/proc/self/fd/{}", fd_.get()), failed)) {
    auto file = entry.path().filename().string();
    if (!file.ends_with(kSocket)) continue;
    file.resize(file.size() - kSocket.size());
    if (file.size() == 2 * kNameBytes && file.find_first_not_of("0123456789abcdef") == file.npos)
      out.push_back(std::move(file));
  }
  return out;
}

}  // namespace nigh::client
