// SPDX-License-Identifier: Apache-2.0
#include "keep/keep_role.hpp"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <string_view>

#include "client/answers.hpp"
#include "client/connect.hpp"
#include "client/kept.hpp"
#include "client/kept_directory.hpp"
#include "client/kept_words.hpp"
#include "client/request.hpp"
#include "io/runtime.hpp"
#include "keep/keeper.hpp"

namespace nigh::keep {
namespace {

using client::FromStarting;

// The command that started this process, as long as it waits.
class Starter {
 public:
  Starter(const asio::any_io_executor& executor, UniqueFd link) : link_(executor, link.get()) {
    (void)link.release();
  }

  void say(const FromStarting& message) {
    client::send_packet(link_.native_handle(), wire::encode(message));
  }
  void give_up(const Error& error, bool local) {
    say(client::NotReady{local, static_cast<std::uint32_t>(error.code), error.message});
  }
  // Throws Errc::closed when it is gone.
  awaitable<client::Begin> begin() {
    auto message = unwrap(wire::decode<client::ToStarting>(co_await packet()));
    auto* begin = std::get_if<client::Begin>(&message);
    if (!begin) throw Failure(Errc::malformed, "a message between processes is out of turn");
    co_return std::move(*begin);
  }
  // Blocks, as a person is asked who should do nothing else.
  bool asks(const UnknownHostKey& key) {
    say(client::AskHostKey{key.host, key.key_type, key.fingerprint});
    std::string answer(64, '\0');
    ::fcntl(link_.native_handle(), F_SETFL, 0);
    auto n = ::recv(link_.native_handle(), answer.data(), answer.size(), 0);
    ::fcntl(link_.native_handle(), F_SETFL, O_NONBLOCK);
    answer.resize(n > 0 ? static_cast<std::size_t>(n) : 0);
    auto message = wire::decode<client::ToStarting>(answer);
    const auto* trusted = message ? std::get_if<client::Trusted>(&*message) : nullptr;
    return trusted && trusted->yes;
  }
  // Ends when it is gone: it was interrupted, and nobody wants the connection.
  awaitable<void> until_gone() {
    for (;;)
      if ((co_await client::receive_packet(link_)).empty()) co_return;
  }
  void leave() { link_.close(); }

 private:
  awaitable<std::string> packet() {
    auto packet = co_await client::receive_packet(link_);
    if (packet.empty()) throw Failure(Errc::closed, "the command is gone");
    co_return packet;
  }
  asio::posix::stream_descriptor link_;
};

// Does somebody keep it already, in a way that is of use?
awaitable<bool> is_kept(const client::KeptDirectory& directory, std::string name) {
  auto fd = directory.connect(name);
  if (!fd) co_return false;
  try {
    auto socket = client::dressed(co_await asio::this_coro::executor, *std::move(fd));
    auto answer = co_await client::ask_keeper(socket, client::Use{});
    co_return std::holds_alternative<client::Facts>(answer);
  } catch (const Failure&) {
    co_return false;
  }
}

// From now on nothing ties this process to the terminal or to whoever started it.
void detach() {
  ::setsid();
  (void)::chdir("/");
  UniqueFd null(::open("/dev/null", O_RDWR | O_CLOEXEC));
  for (int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) ::dup2(null.get(), fd);
}

UniqueFd ending_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&set, signal);
  ::sigprocmask(SIG_BLOCK, &set, nullptr);
  return UniqueFd(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
}

awaitable<void> end_at_signal(Keeper& keeper) {
  auto fd = ending_signals();
  asio::posix::stream_descriptor signals(co_await asio::this_coro::executor, fd.get());
  (void)fd.release();
  co_await signals.async_wait(asio::posix::stream_descriptor::wait_read, asio::use_awaitable);
  keeper.end();
  // run() ends now, and this with it.
  co_await signals.async_wait(asio::posix::stream_descriptor::wait_error, asio::use_awaitable);
}

struct Kept {
  std::shared_ptr<client::Connection> connection;
  ServerInfo info;
};

awaitable<void> reach(client::Begin begin, Starter& starter, Kept& out) {
  client::Progress progress(
      [&starter](const Step& step) { starter.say(client::TakenStep{step.text}); });
  std::function<bool(const UnknownHostKey&)> confirm;
  if (begin.somebody_decides)
    confirm = [&starter](const UnknownHostKey& key) { return starter.asks(key); };
  auto endpoint = unwrap(client::endpoint_of(begin));
  out.connection = co_await client::connect_directly(std::move(endpoint), confirm, progress);
  co_await out.connection->ready();
  auto said =
      unwrap(client::parse_server_info(co_await client::fetch(*out.connection, "GET", "/v1/")));
  out.info = out.connection->describe();
  out.info.version = std::move(said.version);
  out.info.features = std::move(said.features);
  if (!said.user.empty()) out.info.user = std::move(said.user);
}

// The listening socket, or invalid: there is somebody else whom the command can use.
awaitable<UniqueFd> settle(const client::KeptDirectory& directory, const std::string& name,
                           client::Begin begin, Starter& starter, Kept& out) {
  // One at a time: of two commands that start at once, the second uses what the first has made.
  auto lock = directory.lock(name);
  if (!lock) {
    starter.give_up(lock.error(), true);
    co_return UniqueFd();
  }
  if (co_await is_kept(directory, name)) {
    starter.say(client::Ready{});
    co_return UniqueFd();
  }
  try {
    co_await io::until_either(reach(std::move(begin), starter, out), starter.until_gone());
  } catch (const std::exception&) {
    starter.give_up(io::to_error(std::current_exception()), false);
    co_return UniqueFd();
  }
  if (out.info.version.empty()) co_return UniqueFd();
  auto listening = directory.listen(name);
  if (!listening) starter.give_up(listening.error(), true);
  co_return listening ? *std::move(listening) : UniqueFd();
}

awaitable<void> keep(UniqueFd link) {
  Starter starter(co_await asio::this_coro::executor, std::move(link));
  auto begin = co_await starter.begin();
  auto endpoint = unwrap(client::endpoint_of(begin));
  auto name = client::kept_name(endpoint);
  auto directory = client::KeptDirectory::make(begin.directory);
  if (!directory) co_return starter.give_up(directory.error(), true);
  Kept kept;
  auto listening = co_await settle(*directory, name, std::move(begin), starter, kept);
  if (!listening.valid()) co_return;
  detach();
  Keeper keeper(kept.connection, kept.info, std::move(listening), *endpoint.keep);
  starter.say(client::Ready{});
  starter.leave();
  auto closing = [&] {
    // Who has it puts another in our place.
    auto lock = directory->try_to_lock(name);
    if (lock.valid() && directory->leads_to_us(name)) directory->remove(name);
  };
  co_await io::until_either(keeper.run(closing), end_at_signal(keeper));
}

int run(UniqueFd link) {
  asio::io_context context(1);
  int status = 0;
  asio::co_spawn(context, keep(std::move(link)), [&](std::exception_ptr failure) {
    if (failure) status = 1;
    context.stop();
  });
  context.run();
  return status;
}

bool stdin_is_a_link() {
  int type = 0;
  socklen_t size = sizeof type;
  return ::getsockopt(STDIN_FILENO, SOL_SOCKET, SO_TYPE, &type, &size) == 0 &&
         type == SOCK_SEQPACKET;
}

}  // namespace

std::optional<int> run_role(int argc, char** argv) {
  if (argc < 1 || client::kKeepRole != argv[0]) return std::nullopt;
  if (argc != 1 || !stdin_is_a_link()) {
    std::fputs("nigh: this name is for processes that keep a connection for nigh\n", stderr);
    return 2;
  }
  // The command goes on and has no child to care for.
  auto child = ::fork();
  if (child != 0) ::_exit(child < 0 ? 1 : 0);
#ifndef NIGH_SANITIZED
  ::prctl(PR_SET_DUMPABLE, 0);  // (LeakSanitizer must look into it.)
#endif
  (void)std::signal(SIGPIPE, SIG_IGN);
  // Nothing that the command had open by accident stays open in the background.
  constexpr int kLink = STDERR_FILENO + 1;
  UniqueFd link(::dup3(STDIN_FILENO, kLink, O_CLOEXEC));
  ::close_range(kLink + 1, ~0U, 0);
  UniqueFd null(::open("/dev/null", O_RDWR | O_CLOEXEC));
  ::dup2(null.get(), STDIN_FILENO);
  return run(std::move(link));
}

}  // namespace nigh::keep
