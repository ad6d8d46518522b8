// SPDX-License-Identifier: Apache-2.0
// nigh as Boost.Asio awaitables, for programs that have an io_context.
//
//   asio::awaitable<void> hello() {
//     auto web = co_await nigh::async::connect("web1");
//     auto r = co_await web.run({"uname", "-a"});
//     std::cout << r.out;
//   }
//
// Everything runs on the executor of the coroutine that called connect(); that executor must run
// one handler at a time (an io_context with one thread, or a strand). Cancelling an operation with
// Asio's cancellation ends the command or connection that it belongs to, cleanly. Every function
// throws nigh::Failure. Handles may be destroyed at any time; see each class.
#pragma once

#include <nigh/channels.hpp>
#include <nigh/files.hpp>
#include <nigh/tunnels.hpp>
#include <nigh/types.hpp>

#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace nigh::async {

namespace detail {
class ChannelIn;
class ChannelOut;
class Connection;
class OpenFile;
class OpenForwarding;
class OpenTunnel;
struct OpenListener;
class RunStream;
}  // namespace detail

template <class T>
using awaitable = boost::asio::awaitable<T>;

// A running command. Destroying it ends the command (its process group gets SIGHUP), unless it is a
// session that was started with Command::keep or was attached to: that one is detached.
class Process {
 public:
  Process();  // names no command: assign one to it (Asio's combinators need such a state)
  explicit Process(std::shared_ptr<detail::RunStream> stream);
  Process(Process&&) noexcept;
  Process& operator=(Process&&) noexcept;
  ~Process();

  // Sends all of `bytes`, which must stay alive meanwhile, to standard input.
  awaitable<void> write(std::string_view bytes);
  void close_input();

  // As nigh::Process::read and read_any. At most one read at a time.
  awaitable<std::size_t> read(Channel channel, std::span<char> into);
  struct Piece {
    Channel channel;
    std::size_t size;  // 0: both channels have ended
  };
  awaitable<Piece> read_any(std::span<char> into);

  // Connects the command to descriptors of this process at full speed, instead of write() and
  // read(): `in` is read until its end (-1: the command gets an empty input), output goes to `out`
  // and `err`. The descriptors stay the caller's and are restored as they were (O_NONBLOCK).
  // Returns when the command has ended and all its output is written. A closed `out` closes the
  // command's side too, so that it gets SIGPIPE as in a local pipe.
  struct Descriptors {
    int in = 0;
    int out = 1;
    int err = 2;
  };
  awaitable<ExitStatus> forward(Descriptors descriptors);

  awaitable<ExitStatus> wait();        // discards output that was not read
  void signal(std::string_view name);  // "INT", "TERM", "KILL", …
  void resize(const WindowSize& size);

  // Returns when the command runs; throws why it does not. Nobody has to wait for it.
  awaitable<void> started();
  // The id of the session, once it has started(). Empty for a command that is none.
  const std::string& session() const;
  // Leaves the session, which goes on. All that waits for this Process, now or later, throws
  // Errc::cancelled "detached" as soon as the server knows. Only for sessions.
  void detach();
  // Tells how the contact is doing from now on. Does nothing for a command that is no session.
  void on_contact(ContactEvents events);

 private:
  std::shared_ptr<detail::RunStream> stream_;
};

// A regular file on the host, open. Several operations may be under way at once: they are sent
// without waiting for each other and done in the order in which they were begun. Destroying it
// closes the file and ends what is under way (Errc::cancelled).
class File {
 public:
  File();  // names no file: assign one to it
  explicit File(std::shared_ptr<detail::OpenFile> file);
  File(File&&) noexcept;
  File& operator=(File&&) noexcept;
  ~File();

  // Fewer bytes than into.size(): the file ends there. `into` must stay alive meanwhile.
  awaitable<std::size_t> read_at(std::uint64_t offset, std::span<char> into);
  // All of `bytes`, which must stay alive meanwhile.
  awaitable<void> write_at(std::uint64_t offset, std::string_view bytes);
  awaitable<FileStatus> status();
  awaitable<void> truncate(std::uint64_t size);
  awaitable<void> sync();  // the data is on disk

 private:
  std::shared_ptr<detail::OpenFile> file_;
};

// A connection that leads through the host. Destroying it resets it, unless both halves have ended:
// close_output() was called, and read() said 0.
class Stream {
 public:
  Stream();  // names none: assign one to it
  explicit Stream(std::shared_ptr<detail::OpenTunnel> tunnel);
  Stream(Stream&&) noexcept;
  Stream& operator=(Stream&&) noexcept;
  ~Stream();

  // 0: the other end has closed its half. Errc::closed: it was reset, or the contact was lost. One
  // read and one write at a time.
  awaitable<std::size_t> read(std::span<char> into);
  // All of `bytes`, which must stay alive meanwhile; waits while the other end does not read.
  awaitable<void> write(std::string_view bytes);
  void close_output();  // the other end reads to the end of what was written
  void reset();         // it gets an error

 private:
  std::shared_ptr<detail::OpenTunnel> tunnel_;
};

// A port or socket at which the host listens for us, until the last copy of it is gone.
class Listener {
 public:
  Listener();  // names none: assign one to it
  explicit Listener(std::shared_ptr<detail::OpenListener> listener);

  const std::string& address() const;  // "127.0.0.1:40123": the port that it has
  // Errc::closed: the contact was lost, and the host does not listen any more.
  awaitable<Stream> accept();

 private:
  std::shared_ptr<detail::OpenListener> listener_;
};

// Forwards that are at work, over one connection, and over another when that is lost. Destroying it
// ends them, and resets what goes through them.
class Forwarding {
 public:
  Forwarding();  // names none: assign one to it
  explicit Forwarding(std::shared_ptr<detail::OpenForwarding> forwarding);
  Forwarding(Forwarding&&) noexcept;
  Forwarding& operator=(Forwarding&&) noexcept;
  ~Forwarding();

  const std::vector<Listening>& listening() const;
  // Throws why they cannot go on: the host does not let us in any more, or is another one.
  awaitable<void> wait();

 private:
  std::shared_ptr<detail::OpenForwarding> forwarding_;
};

// Sends to a channel. Destroying it leaves: of live messages those that nobody has taken are gone.
// A connection that is lost is made again, and no message is given to anybody twice; a stream that
// loses its connection throws Errc::closed.
class ChannelSender {
 public:
  ChannelSender();  // names none: assign one to it
  explicit ChannelSender(std::shared_ptr<detail::ChannelOut> channel);
  ChannelSender(ChannelSender&&) noexcept;
  ChannelSender& operator=(ChannelSender&&) noexcept;
  ~ChannelSender();

  // A message, or bytes of the stream, which must stay alive meanwhile. Waits while the channel is
  // full. Errc::too_large: a message above kMaxChannelMessage, or the host keeps no more.
  awaitable<void> send(std::string_view bytes);
  // Each of them.
  awaitable<void> send(std::span<const std::string_view> messages);
  // Returns when all is taken: acknowledged by receivers, or kept. Nothing may be sent after it.
  awaitable<void> finish();

 private:
  std::shared_ptr<detail::ChannelOut> channel_;
};

// Receives from a channel. Destroying it gives what was not acknowledged back, for others. A
// connection that is lost is made again; a message that was acknowledged is not received again.
class ChannelReceiver {
 public:
  ChannelReceiver();  // names none: assign one to it
  explicit ChannelReceiver(std::shared_ptr<detail::ChannelIn> channel);
  ChannelReceiver(ChannelReceiver&&) noexcept;
  ChannelReceiver& operator=(ChannelReceiver&&) noexcept;
  ~ChannelReceiver();

  // Waits for the next; nullopt: there were `most`, or no more are there and none is waited for.
  // Errc::closed: a stream whose sender has left before its end, or the connection was lost in it.
  awaitable<std::optional<ChannelItem>> receive();
  // The same without waiting; nullopt: none has come.
  std::optional<ChannelItem> try_receive();
  // All that was received so far is taken, and nobody else gets it.
  void acknowledge();
  // Returns when the host has heard of every acknowledgement. Nothing may be received after it.
  awaitable<void> finish();

 private:
  std::shared_ptr<detail::ChannelIn> channel_;
};

// A channel of a host by its name. It is there as long as somebody uses it or it keeps something.
class NamedChannel {
 public:
  NamedChannel() = default;
  NamedChannel(std::shared_ptr<detail::Connection> connection, std::string name)
      : connection_(std::move(connection)), name_(std::move(name)) {}

  // They connect by themselves; what is wrong shows in their functions.
  ChannelSender sender(ChannelSendOptions options = {}) const;
  ChannelReceiver receiver(ChannelReceiveOptions options = {}) const;

 private:
  std::shared_ptr<detail::Connection> connection_;
  std::string name_;
};

// An authenticated connection. Copies name the same connection; when the last one and the last
// Process on it are gone, it closes.
class Host {
 public:
  Host() = default;  // names no connection: assign one to it
  explicit Host(std::shared_ptr<detail::Connection> connection);

  awaitable<Process> start(Command command);
  // `input` must stay alive during the call. Errc::too_large: more than output_limit bytes came.
  awaitable<RunResult> run(Command command, std::string_view input = {},
                           std::size_t output_limit = 64u << 20);

  // ---- sessions: commands that were started with Command::resume, keep or name

  awaitable<std::vector<SessionInfo>> sessions();
  // One more client for a running session, or for what a kept one left. What is on the screen comes
  // first, as output. Errc::not_found.
  awaitable<Process> attach(std::string id_or_name, AttachOptions options = {});
  // Sends the signal to a session's processes, and forgets it if it has exited.
  awaitable<void> end_session(std::string id_or_name, std::string signal = "HUP");
  // Waits, however long it takes, for its exit status.
  awaitable<ExitStatus> wait_session(std::string id_or_name);

  // At a terminal, the key that speaks to the program and not to the host, as the configuration has
  // it for this host: `escape`. nullopt: none.
  std::optional<char> escape_key() const;

  // Whether commands for this host are to find our ssh-agent, as the configuration has it
  // (`forward_agent`, ForwardAgent): a matter of the caller, see Forwards::agent.
  bool forwards_agent() const;

  awaitable<ServerInfo> info();
  awaitable<Token> token(std::chrono::seconds lifetime);
  awaitable<void> revoke_token(std::string id);

  // ---- files; paths as <nigh/files.hpp> says

  // Copies as cp does: into `destination` if that is a directory or there are several sources. A
  // source with a trailing slash means what is in it. What failed on single files is in the report;
  // throws if the transfer as a whole could not be done. Cancelling ends it; what is there stays,
  // and the next one continues. The work is done on threads of its own.
  awaitable<TransferReport> put(std::vector<std::string> sources, std::string destination,
                                TransferOptions options = {}, TransferEvents events = {});
  awaitable<TransferReport> get(std::vector<std::string> sources, std::string destination,
                                TransferOptions options = {}, TransferEvents events = {});
  // What is in the first folder becomes what is in the second.
  awaitable<TransferReport> sync_to(std::string local, std::string remote,
                                    TransferOptions options = {}, TransferEvents events = {});
  awaitable<TransferReport> sync_from(std::string remote, std::string local,
                                      TransferOptions options = {}, TransferEvents events = {});

  // What a directory holds, sorted by name (a file: itself). What cannot be read is left out.
  awaitable<std::vector<FileInfo>> list(std::string path);
  // The thing itself: a link is a link.
  awaitable<FileInfo> stat(std::string path);
  // Calls `on_entry` for each as it arrives, and `on_failure` for what cannot be read.
  awaitable<void> walk(std::string path, WalkOptions options,
                       std::function<void(FileInfo)> on_entry, OnFileFailure on_failure = {});
  // `mode` with `parents`: of the last one. Without: as the host's umask has it.
  awaitable<void> make_directory(std::string path, bool parents = false,
                                 std::optional<std::uint32_t> mode = {});
  // A directory must be empty unless `recursive`.
  awaitable<void> remove(std::string path, bool recursive = false);
  // Within one file system. Without `overwrite`: Errc::usage if there is something at `to`.
  awaitable<void> rename(std::string from, std::string to, bool overwrite = true);
  // What the tree at `path` holds; `per_folder`: first one for each folder directly in it.
  awaitable<std::vector<TreeSize>> disk_usage(std::string path, bool per_folder = false,
                                              OnFileFailure on_failure = {});
  awaitable<File> open(std::string path, OpenMode mode = OpenMode::read);

  // ---- data: named pipes through the host, between programs of this account

  NamedChannel channel(std::string name) const { return {connection_, std::move(name)}; }

  // ---- tunnels

  // `kind` is "tcp" ("db:5432", as the host resolves it) or "unix" ("/run/x.sock"). Errc::refused:
  // the host does not permit it; Errc::not_found: there is no such name or socket;
  // Errc::unavailable: nobody listens there, or there is no way; Errc::timeout.
  awaitable<Stream> dial(std::string kind, std::string address);
  // Has the host listen at a port ("127.0.0.1:0") or socket of its own. Errc::unavailable: it is in
  // use; Errc::refused.
  awaitable<Listener> listen(std::string kind, std::string address);
  // Returns when all of them listen. Errc::unavailable: a port is in use, or there is no ssh-agent
  // to be reached; Errc::refused.
  awaitable<Forwarding> forward(Forwards forwards, ForwardEvents events = {});

 private:
  friend awaitable<TransferReport> relay(Host from, std::vector<std::string> sources, Host to,
                                         std::string destination, bool contents,
                                         TransferOptions options, TransferEvents events);
  std::shared_ptr<detail::Connection> connection_;
};

awaitable<Host> connect(std::string target, ConnectOptions options = {});

// For a program that is about to end its event loop. A server keeps forwarded connections for a
// while, and over jump hosts sessions too, if it is not told that their client will not come back;
// it is when this returns, which takes no longer than a few seconds, and no time where nothing is
// forwarded and no connection goes over others. What is still forwarded over connections of this
// loop is broken off.
awaitable<void> leave();

// The kept connections of this account on this machine; with a target only those that lead there.
// Of the options, only those that say which files to read are used.
awaitable<std::vector<KeptConnection>> kept_connections(std::optional<std::string> target = {},
                                                        ConnectOptions options = {});
// Ends them and returns them. What runs over them is broken off; sessions make connections of their
// own and go on. `drain`: what runs is waited for, but nothing new uses them.
awaitable<std::vector<KeptConnection>> end_kept_connections(std::optional<std::string> target = {},
                                                            bool drain = false,
                                                            ConnectOptions options = {});

// Whether the configuration or ssh_config says what `target` is called, or a known_hosts file has a
// key for it. Asks no name service.
awaitable<bool> knows_host(std::string target, ConnectOptions options = {});

// From one host to another, through here. `contents`: as sync_to(), else as put(). Both hosts must
// be of the same executor.
awaitable<TransferReport> relay(Host from, std::vector<std::string> sources, Host to,
                                std::string destination, bool contents = false,
                                TransferOptions options = {}, TransferEvents events = {});

// What `nigh doctor` prints: each thing that was tried, in order, up to the first that failed.
struct Finding {
  std::string what;  // "name", "port", "TLS", "host key", "keys", "account"
  bool ok = false;
  std::string detail;  // what was found
  std::string advice;  // what to do about it; empty when ok
};
awaitable<std::vector<Finding>> diagnose(std::string target, ConnectOptions options = {});

}  // namespace nigh::async
