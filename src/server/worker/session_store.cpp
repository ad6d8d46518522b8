// SPDX-License-Identifier: Apache-2.0
#include "server/worker/session_store.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/private_file.hpp"
#include "service/run/messages.hpp"
#include "ssh/random.hpp"
#include "wire/base64.hpp"

namespace nigh::server {
namespace {

using Json = nlohmann::json;
namespace fs = std::filesystem;

constexpr std::string_view kIdAlphabet = "abcdefghijkmnpqrstuvwxyz23456789";  // no l, o, 0, 1
constexpr std::size_t kIdLength = 8;
constexpr std::size_t kMaxFile = 64 * 1024;
constexpr int kAttempts = 10;
constexpr std::time_t kTimeToStart = 15;  // from the directory to the socket in it

bool is_id(std::string_view text) {
  return text.size() == kIdLength && text.find_first_not_of(kIdAlphabet) == text.npos;
}

std::string new_id() {
  std::string id;
  for (char byte : ssh::random_bytes(kIdLength))
    id += kIdAlphabet[static_cast<unsigned char>(byte) % kIdAlphabet.size()];
  return id;
}

std::string to_json(const SessionFacts& facts) {
  return Json{{"id", facts.id},           {"name", facts.name},         {"command", facts.command},
              {"created", facts.created}, {"terminal", facts.terminal}, {"keep", facts.keep}}
             .dump(-1, ' ', false, Json::error_handler_t::replace) +
         "\n";
}

std::optional<SessionFacts> from_json(std::string_view text) {
  auto json = Json::parse(text, nullptr, false);
  if (!json.is_object()) return std::nullopt;
  SessionFacts facts;
  try {
    facts.id = json.at("id");
    facts.name = json.at("name");
    facts.command = json.at("command");
    facts.created = json.at("created");
    facts.terminal = json.at("terminal");
    facts.keep = json.at("keep");
  } catch (const Json::exception&) {
    return std::nullopt;
  }
  return facts;
}

std::vector<std::string> names_in(const std::string& directory) {
  std::vector<std::string> names;
  std::error_code failed;
  for (fs::directory_iterator at(directory, failed), end; !failed && at != end;
       at.increment(failed))
    names.push_back(at->path().filename());
  return names;
}

// Through /proc, so that the length of the directory's path does not matter.
int connect_to(int socket, int directory) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  fmt::format_to_n(address.sun_path, sizeof address.sun_path - 1, "/proc/self/fd/{}/{}", directory,
                   kHolderSocket);
  return ::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address);
}

// Its holder may not listen yet; later one that does not never will.
bool is_young(int directory) {
  struct stat status{};
  return ::fstat(directory, &status) == 0 && ::time(nullptr) - status.st_mtime < kTimeToStart;
}

}  // namespace

Result<void> SessionStore::make(SessionFacts& facts) const {
  if (auto made = make_private_directory(directory_); !made) return made;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    facts.id = new_id();
    if (::mkdir(path(facts.id).c_str(), 0700) == 0) {
      auto written = write_session_file(path(facts.id) + "/" + kFactsFile, to_json(facts));
      if (written && ::mkdir((path(facts.id) + "/" + kResumeDirectory).c_str(), 0700) != 0)
        written = fail_errno("cannot make a session's directory", errno);
      if (!written) remove(facts.id);
      return written;
    }
    if (errno != EEXIST) break;
  }
  return fail_errno("cannot make " + path(facts.id), errno);
}

void SessionStore::remove(std::string_view id) const {
  if (!is_id(id)) return;
  // Most have no more than this, and it goes without a descriptor, of which there may be none.
  const auto directory = path(id);
  ::unlink((directory + "/" + kFactsFile).c_str());
  ::unlink((directory + "/" + kHolderSocket).c_str());
  ::rmdir((directory + "/" + kResumeDirectory).c_str());
  if (::rmdir(directory.c_str()) == 0) return;
  std::error_code ignored;  // whatever is left is swept another time
  fs::remove_all(directory, ignored);
}

std::vector<std::string> SessionStore::ids() const {
  auto names = names_in(directory_);
  std::erase_if(names, [](const std::string& name) { return !is_id(name); });
  return names;
}

std::optional<SessionFacts> SessionStore::facts(std::string_view id) const {
  if (!is_id(id)) return std::nullopt;
  auto text = read_private_file(path(id) + "/" + kFactsFile, kMaxFile);
  if (!text) return std::nullopt;
  auto facts = from_json(text->expose());
  if (facts) facts->id = id;
  return facts;
}

std::optional<SessionFacts> SessionStore::find(std::string_view id_or_name) const {
  if (auto by_id = facts(id_or_name)) return by_id;
  if (!run::is_session_name(id_or_name)) return std::nullopt;
  for (const auto& id : ids())
    if (auto found = facts(id); found && found->name == id_or_name) return found;
  return std::nullopt;
}

Result<UniqueFd> SessionStore::connect(std::string_view id) const {
  auto gone = [&] { return fail(Errc::not_found, fmt::format("session {} is over", id)); };
  if (!is_id(id)) return gone();
  UniqueFd directory(::open(path(id).c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW));
  if (!directory.valid()) return gone();
  UniqueFd socket(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket.valid()) return fail_errno("cannot make a socket", errno);
  if (connect_to(socket.get(), directory.get()) == 0) return socket;
  const int error = errno;
  const bool dead = error == ECONNREFUSED || (error == ENOENT && !is_young(directory.get()));
  if (!dead)
    return fail(Errc::unavailable,
                errno_error(fmt::format("session {} does not answer", id), error).message);
  remove(id);
  return gone();
}

std::size_t SessionStore::sweep() const {
  std::size_t left = 0;
  for (const auto& id : ids()) {
    auto connected = connect(id);
    if (!connected && connected.error().code == Errc::not_found) continue;
    auto known = facts(id);
    left += !known || lasts(*known);
  }
  return left;
}

std::optional<SessionStore::Resumable> SessionStore::find_resume(std::string_view hash) const {
  auto name = wire::hex(hash);
  for (const auto& id : ids()) {
    auto text =
        read_private_file(fmt::format("{}/{}/{}", path(id), kResumeDirectory, name), kMaxFile);
    if (!text) continue;
    if (auto entry = parse_resume_file(text->expose())) return Resumable{id, *std::move(entry)};
  }
  return std::nullopt;
}

void SessionStore::revoke(std::string_view token_id) const {
  for (const auto& id : ids()) {
    auto directory = path(id) + "/" + kResumeDirectory;
    for (const auto& name : names_in(directory)) {
      auto file = fmt::format("{}/{}", directory, name);
      auto text = read_private_file(file, kMaxFile);
      auto entry = text ? parse_resume_file(text->expose()) : std::nullopt;
      if (entry && entry->token_id == token_id) ::unlink(file.c_str());
    }
  }
}

}  // namespace nigh::server
