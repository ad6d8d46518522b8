// SPDX-License-Identifier: Apache-2.0
#include "server/worker/channels.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "base/log.hpp"
#include "base/private_file.hpp"
#include "base/spawn.hpp"
#include "server/link/link.hpp"
#include "server/link/role_start.hpp"
#include "wire/message.hpp"

namespace nigh::server {
namespace {

// Only who runs as this account is spoken to; the directory is private already.
bool is_ours(int socket) {
  ucred peer{};
  socklen_t size = sizeof peer;
  return ::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && peer.uid == ::getuid();
}

}  // namespace

Channels::Channels(asio::io_context& context, const std::string& state_directory,
                   const ChannelsSettings& settings, RoleProgram program)
    : context_(context),
      directory_(state_directory + "/" + kChannelsDirectory),
      settings_(settings),
      program_(std::move(program)) {}

void Channels::open(Owner owner, RequestId request, Answer answer_to) {
  Waiting waiting{owner, request, std::move(answer_to)};
  auto ends = connect();
  const bool lacks = !ends && ends.error().code == Errc::not_found;
  if (!lacks) return answer(waiting, std::move(ends));
  waiting_.push_back(std::move(waiting));
  if (starting_) return;
  if (auto started = start(); !started) refuse_all(started.error());
}

void Channels::abandon(Owner owner, RequestId request) {
  std::erase_if(waiting_, [&](const Waiting& waiting) {
    return waiting.owner == owner && waiting.request == request;
  });
}

void Channels::abandon_all(Owner owner) {
  std::erase_if(waiting_, [&](const Waiting& waiting) { return waiting.owner == owner; });
}

void Channels::answer(const Waiting& to, Result<std::vector<UniqueFd>> ends) {
  if (ends) return to.answer(Started{to.request, 0}, *std::move(ends));
  to.answer(Failed{to.request, Trouble::busy, shortened(ends.error().message)}, {});
}

void Channels::refuse_all(const Refusal& refusal) {
  for (const auto& waiting : std::exchange(waiting_, {}))
    waiting.answer(Failed{waiting.request, refusal.trouble, shortened(refusal.message)}, {});
}

// Errc::not_found: nobody listens. Through /proc, so that the length of the path does not matter.
Result<std::vector<UniqueFd>> Channels::connect() const {
  UniqueFd directory(::open(directory_.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW));
  if (!directory.valid()) return fail_errno("cannot open " + directory_, errno);
  UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket.valid()) return fail_errno("cannot make a socket", errno);
  constexpr int kOnTheWay = 1 << 20;  // the system may allow less
  (void)::setsockopt(socket.get(), SOL_SOCKET, SO_SNDBUF, &kOnTheWay, sizeof kOnTheWay);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  fmt::format_to_n(address.sun_path, sizeof address.sun_path - 1, "/proc/self/fd/{}/{}",
                   directory.get(), kChannelsSocket);
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    if (errno == ENOENT || errno == ECONNREFUSED) return fail(Errc::not_found, "nobody listens");
    return fail_errno("the process of the channels does not answer", errno);
  }
  if (!is_ours(socket.get())) return fail(Errc::refused, "somebody else has the channels");
  std::vector<UniqueFd> ends;
  ends.emplace_back(::fcntl(socket.get(), F_DUPFD_CLOEXEC, 3));
  ends.push_back(std::move(socket));
  if (!ends[0].valid()) return fail_errno("cannot duplicate a socket", errno);
  return ends;
}

// ---- the start ---------------------------------------------------------------------------------

Refused Channels::start() {
  if (auto made = make_private_directory(directory_); !made) return refuse(made.error());
  auto link = Link::make_pair();
  if (!link) return refuse(link.error());
  if (auto spawned = spawn_process(link->second); !spawned) return spawned;
  Link sender(UniqueFd(::fcntl(link->first.get(), F_DUPFD_CLOEXEC, 3)));
  sender.send(wire::encode(ToChannels(settings_)));
  link->second.reset();
  starting_.emplace(context_.get_executor(), std::move(link->first), io::Readiness::For::reading,
                    [this] { on_started(); });
  starting_->arm();
  return {};
}

Refused Channels::spawn_process(const UniqueFd& link) {
  UniqueFd null(::open("/dev/null", O_RDWR | O_CLOEXEC));
  if (!null.valid()) return refuse(errno_error("cannot open /dev/null", errno));
  SpawnSpec spec;
  spec.program = program_.path;
  spec.argv = {kChannelsRole, program_.log_level};
  spec.environment = role_environment();
  spec.directory = directory_;
  spec.descriptors = {link.get(), null.get(), STDERR_FILENO};
  spec.new_session = true;
  auto pid = spawn(spec);
  if (!pid) return refuse(pid.error());
  restore_descriptor_limit(*pid);
  auto forget = [this] {
    std::erase_if(children_, [](const io::Child& child) { return !child.running(); });
  };
  try {
    children_.emplace_back(context_.get_executor(), *pid, [this, forget](io::ChildStatus) {
      asio::post(context_, forget);  // not from within the child's own callback
    });
  } catch (const std::exception&) {  // it cannot be watched, so it must not run
    ::kill(*pid, SIGKILL);
    ::waitpid(*pid, nullptr, 0);
    return refuse(Trouble::busy, "too many processes run already");
  }
  log::info("process {}: channels", *pid);
  return {};
}

// It has let go of the link: it listens, or is gone.
void Channels::on_started() {
  starting_.reset();
  for (const auto& waiting : std::exchange(waiting_, {})) {
    auto ends = connect();
    if (!ends && ends.error().code == Errc::not_found)
      ends = fail(Errc::system,
                  "the process of the channels did not start: the server's log may have more");
    answer(waiting, std::move(ends));
  }
}

}  // namespace nigh::server
