// SPDX-License-Identifier: Apache-2.0
#include "client/keeper_start.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <cerrno>

#include "base/spawn.hpp"
#include "base/unique_fd.hpp"
#include "client/kept_directory.hpp"
#include "client/kept_messages.hpp"
#include "client/kept_words.hpp"

extern char** environ;

namespace nigh::client {
namespace {

Result<UniqueFd> start_process(const std::string& program) {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
    return fail_errno("cannot make a socket", errno);
  UniqueFd ours(ends[0]), its(ends[1]);
  UniqueFd null(::open("/dev/null", O_RDWR | O_CLOEXEC));
  if (!null.valid()) return fail_errno("cannot open /dev/null", errno);
  SpawnSpec spec;
  spec.program = program;
  spec.argv = {std::string(kKeepRole)};
  // What asks for passphrases needs the terminal, the agent's socket, the display.
  for (char** entry = environ; entry && *entry; ++entry) spec.environment.emplace_back(*entry);
  spec.descriptors = {its.get(), null.get(), STDERR_FILENO};
  auto pid = spawn(spec);
  if (!pid) return std::unexpected(pid.error());
  // It makes a child of its own, which goes on, and ends at once.
  while (::waitpid(*pid, nullptr, 0) < 0 && errno == EINTR) {
  }
  return ours;
}

// Returns what prevents the keeping.
awaitable<std::optional<Error>> attend(asio::posix::stream_descriptor& link,
                                       const ConnectOptions& options, const Progress& progress) {
  for (;;) {
    auto packet = co_await receive_packet(link);
    if (packet.empty())
      co_return Error{Errc::system, "the process that should keep it ended before its time"};
    auto message = unwrap(wire::decode<FromStarting>(packet));
    if (const auto* step = std::get_if<TakenStep>(&message)) progress.step("{}", step->text);
    if (const auto* ask = std::get_if<AskHostKey>(&message)) {
      bool yes = options.confirm_host_key &&
                 options.confirm_host_key({ask->host, ask->key_type, ask->fingerprint});
      send_packet(link.native_handle(), wire::encode(ToStarting(Trusted{yes})));
    }
    if (std::holds_alternative<Ready>(message)) co_return std::nullopt;
    if (const auto* why = std::get_if<NotReady>(&message)) {
      if (!why->local) throw Failure(error_of(*why));
      co_return error_of(*why);
    }
  }
}

}  // namespace

awaitable<std::optional<Error>> start_keeper(Endpoint endpoint, std::string directory,
                                             ConnectOptions options, Progress progress) {
  if (auto made = KeptDirectory::make(directory); !made) co_return made.error();
  auto started = start_process(options.keeper.string());
  if (!started) co_return started.error();
  asio::posix::stream_descriptor link(co_await asio::this_coro::executor, started->get());
  (void)started->release();
  auto begin = begin_of(endpoint, directory);
  begin.somebody_decides = options.confirm_host_key != nullptr;
  send_packet(link.native_handle(), wire::encode(ToStarting(std::move(begin))));
  co_return co_await attend(link, options, progress);
}

}  // namespace nigh::client
