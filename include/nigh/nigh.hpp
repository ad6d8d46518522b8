// SPDX-License-Identifier: Apache-2.0
// nigh, blocking: connect to a host and run commands there.
//
//   nigh::Host web = nigh::connect("web1");
//   nigh::RunResult r = web.run({"uname", "-a"});
//   std::cout << r.out;
//
// Every function throws nigh::Failure. A Host may be used by several threads at once: its commands
// share one connection. A Process belongs to one thread, except that cancel() and signal() may be
// called from any. <nigh/async.hpp> has the same for programs with a Boost.Asio io_context.
#pragma once

#include <nigh/channels.hpp>
#include <nigh/files.hpp>
#include <nigh/tunnels.hpp>
#include <nigh/types.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace nigh {

struct RunOptions {
  std::string_view input;  // the command's standard input; must stay alive during the call
  std::stop_token stop;    // a stop request ends the command and throws Errc::cancelled
  std::size_t output_limit = 64u << 20;  // bytes of stdout and stderr each; more: Errc::too_large
};

// A running command. Destroying it ends the command (its process group gets SIGHUP), unless it is a
// session that was started with Command::keep or was attached to: that one is detached.
class Process {
 public:
  Process(Process&&) noexcept;
  Process& operator=(Process&&) noexcept;
  ~Process();

  // Sends all of `bytes` to standard input; blocks while the command does not read.
  void write(std::string_view bytes);
  void close_input();

  // Waits for output and copies up to into.size() bytes of one channel; 0: that channel has ended.
  // Output of the other channel is kept meanwhile, up to the stream's window; then it blocks the
  // command: read both (read_any) when both matter.
  std::size_t read(Channel channel, std::span<char> into);
  struct Piece {
    Channel channel;
    std::size_t size;  // 0: both channels have ended
  };
  Piece read_any(std::span<char> into);

  ExitStatus wait();                   // discards output that was not read
  void signal(std::string_view name);  // "INT", "TERM", "KILL", …
  void resize(const WindowSize& size);
  // From any thread: every call in progress and to come throws Errc::cancelled; the command ends.
  void cancel();

  // Returns when the command runs; throws why it does not. Nobody has to wait for it.
  void started();
  // The id of the session, once it has started(). Empty for a command that is none.
  std::string session() const;
  // Leaves the session, which goes on. All that waits for this Process, now or later, throws
  // Errc::cancelled "detached" as soon as the server knows. Only for sessions. From any thread.
  void detach();
  // Tells, on another thread, how the contact is doing from now on. Does nothing for a command that
  // is no session.
  void on_contact(ContactEvents events);

 private:
  friend class Host;
  struct State;
  explicit Process(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// A regular file on the host, open. Destroying it closes it. May be used by several threads at
// once: what they ask for is sent without waiting for each other.
class File {
 public:
  File(File&&) noexcept;
  File& operator=(File&&) noexcept;
  ~File();

  // Fewer bytes than into.size(): the file ends there.
  std::size_t read_at(std::uint64_t offset, std::span<char> into);
  void write_at(std::uint64_t offset, std::string_view bytes);
  FileStatus status();
  void truncate(std::uint64_t size);
  void sync();  // the data is on disk

 private:
  friend class Host;
  struct State;
  explicit File(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// A connection that leads through the host. Destroying it resets it, unless both halves have ended:
// close_output() was called, and read() said 0.
class Stream {
 public:
  Stream(Stream&&) noexcept;
  Stream& operator=(Stream&&) noexcept;
  ~Stream();

  // Waits; 0: the other end has closed its half. Errc::closed: it was reset, or the contact was
  // lost. One thread may read while another writes.
  std::size_t read(std::span<char> into);
  // All of `bytes`; blocks while the other end does not read.
  void write(std::string_view bytes);
  void close_output();  // the other end reads to the end of what was written
  void reset();         // it gets an error; from any thread

 private:
  friend class Host;
  friend class Listener;
  struct State;
  explicit Stream(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// A port or socket at which the host listens for us, as long as this lives.
class Listener {
 public:
  Listener(Listener&&) noexcept;
  Listener& operator=(Listener&&) noexcept;
  ~Listener();

  const std::string& address() const;  // "127.0.0.1:40123": the port that it has
  // Waits. Errc::closed: the contact was lost, and the host does not listen any more.
  Stream accept(std::stop_token stop = {});

 private:
  friend class Host;
  struct State;
  explicit Listener(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// Forwards that are at work, over one connection, and over another when that is lost. Destroying it
// ends them, and resets what goes through them.
class Forwarding {
 public:
  Forwarding(Forwarding&&) noexcept;
  Forwarding& operator=(Forwarding&&) noexcept;
  ~Forwarding();

  const std::vector<Listening>& listening() const;
  // Waits for a stop request. Throws why they cannot go on: the host does not let us in any more,
  // or is another one.
  void wait(std::stop_token stop = {});

 private:
  friend class Host;
  struct State;
  explicit Forwarding(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// Sends to a channel, from one thread. Destroying it leaves: of live messages those that nobody has
// taken are gone. A connection that is lost is made again, and no message is given to anybody
// twice; a stream that loses its connection throws Errc::closed.
class ChannelSender {
 public:
  ChannelSender(ChannelSender&&) noexcept;
  ChannelSender& operator=(ChannelSender&&) noexcept;
  ~ChannelSender();

  // A message, or bytes of the stream; blocks while the channel is full. Errc::too_large: a message
  // above kMaxChannelMessage, or the host keeps no more.
  void send(std::string_view bytes, std::stop_token stop = {});
  // Each of them.
  void send(std::span<const std::string_view> messages, std::stop_token stop = {});
  // Returns when all is taken: acknowledged by receivers, or kept. Nothing may be sent after it.
  void finish(std::stop_token stop = {});

 private:
  friend class NamedChannel;
  struct State;
  explicit ChannelSender(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// Receives from a channel, on one thread. Destroying it gives what was not acknowledged back, for
// others. A connection that is lost is made again; a message that was acknowledged is not received
// again.
class ChannelReceiver {
 public:
  ChannelReceiver(ChannelReceiver&&) noexcept;
  ChannelReceiver& operator=(ChannelReceiver&&) noexcept;
  ~ChannelReceiver();

  // Waits for the next; nullopt: there were `most`, or no more are there and none is waited for.
  // Errc::closed: a stream whose sender has left before its end, or the connection was lost in it.
  std::optional<ChannelItem> receive(std::stop_token stop = {});
  // All that was received so far is taken, and nobody else gets it.
  void acknowledge();
  // Returns when the host has heard of every acknowledgement. Nothing may be received after it.
  void finish(std::stop_token stop = {});

 private:
  friend class NamedChannel;
  struct State;
  explicit ChannelReceiver(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// A channel of a host by its name. It is there as long as somebody uses it or it keeps something.
class NamedChannel {
 public:
  NamedChannel(NamedChannel&&) noexcept;
  NamedChannel& operator=(NamedChannel&&) noexcept;
  ~NamedChannel();

  // They connect by themselves; what is wrong shows in their functions.
  ChannelSender sender(const ChannelSendOptions& options = {}) const;
  ChannelReceiver receiver(const ChannelReceiveOptions& options = {}) const;

 private:
  friend class Host;
  struct State;
  explicit NamedChannel(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// An authenticated connection. Destroying it ends what still runs on it.
class Host {
 public:
  Host(Host&&) noexcept;
  Host& operator=(Host&&) noexcept;
  ~Host();

  RunResult run(const Command& command, const RunOptions& options = {});
  Process start(const Command& command);

  // ---- sessions: commands that were started with Command::resume, keep or name

  std::vector<SessionInfo> sessions();
  // One more client for a running session, or for what a kept one left. What is on the screen comes
  // first, as output. Errc::not_found.
  Process attach(const std::string& id_or_name, const AttachOptions& options = {});
  // Sends the signal to a session's processes, and forgets it if it has exited.
  void end_session(const std::string& id_or_name, const std::string& signal = "HUP");
  // Waits, however long it takes, for its exit status.
  ExitStatus wait_session(const std::string& id_or_name, std::stop_token stop = {});

  ServerInfo info();
  // `lifetime` is capped by the server (default and maximum in `nigh-serve(8)`).
  Token token(std::chrono::seconds lifetime = std::chrono::minutes(15));
  void revoke_token(std::string_view id);

  // ---- files; paths as <nigh/files.hpp> says

  // Copies as cp does: into `destination` if that is a directory or there are several sources. A
  // source with a trailing slash means what is in it. What failed on single files is in the report;
  // throws if the transfer as a whole could not be done. A stop request ends it; what is there
  // stays, and the next one continues.
  TransferReport put(const std::vector<std::string>& sources, const std::string& destination,
                     const TransferOptions& options = {}, const TransferEvents& events = {},
                     std::stop_token stop = {});
  TransferReport get(const std::vector<std::string>& sources, const std::string& destination,
                     const TransferOptions& options = {}, const TransferEvents& events = {},
                     std::stop_token stop = {});
  // What is in the first folder becomes what is in the second.
  TransferReport sync_to(const std::string& local, const std::string& remote,
                         const TransferOptions& options = {}, const TransferEvents& events = {},
                         std::stop_token stop = {});
  TransferReport sync_from(const std::string& remote, const std::string& local,
                           const TransferOptions& options = {}, const TransferEvents& events = {},
                           std::stop_token stop = {});

  // What a directory holds, sorted by name (a file: itself). What cannot be read is left out.
  std::vector<FileInfo> list(const std::string& path);
  // The thing itself: a link is a link.
  FileInfo stat(const std::string& path);
  // Calls `on_entry` for each as it arrives, and `on_failure` for what cannot be read, on another
  // thread.
  void walk(const std::string& path, const WalkOptions& options,
            std::function<void(FileInfo)> on_entry, OnFileFailure on_failure = {});
  // `mode` with `parents`: of the last one. Without: as the host's umask has it.
  void make_directory(const std::string& path, bool parents = false,
                      std::optional<std::uint32_t> mode = {});
  // A directory must be empty unless `recursive`.
  void remove(const std::string& path, bool recursive = false);
  // Within one file system. Without `overwrite`: Errc::usage if there is something at `to`.
  void rename(const std::string& from, const std::string& to, bool overwrite = true);
  // What the tree at `path` holds; `per_folder`: first one for each folder directly in it.
  std::vector<TreeSize> disk_usage(const std::string& path, bool per_folder = false,
                                   OnFileFailure on_failure = {});
  File open(const std::string& path, OpenMode mode = OpenMode::read);

  // ---- data: named pipes through the host, between programs of this account

  NamedChannel channel(const std::string& name);

  // ---- tunnels

  // `kind` is "tcp" ("db:5432", as the host resolves it) or "unix" ("/run/x.sock"). Errc::refused:
  // the host does not permit it; Errc::not_found: there is no such name or socket;
  // Errc::unavailable: nobody listens there, or there is no way; Errc::timeout.
  Stream dial(const std::string& kind, const std::string& address);
  // Has the host listen at a port ("127.0.0.1:0") or socket of its own. Errc::unavailable: it is in
  // use; Errc::refused.
  Listener listen(const std::string& kind, const std::string& address);
  // Returns when all of them listen. Errc::unavailable: a port is in use. Events come on another
  // thread.
  Forwarding forward(const Forwards& forwards, const ForwardEvents& events = {});

 private:
  friend Host connect(std::string_view target, const ConnectOptions& options);
  friend TransferReport relay(Host& from, const std::vector<std::string>& sources, Host& to,
                              const std::string& destination, bool contents,
                              const TransferOptions& options, const TransferEvents& events,
                              std::stop_token stop);
  struct State;
  explicit Host(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// `target` is [user@]host[:port], nigh://[user@]host[:port], or a Host of nigh's configuration or
// of ssh_config. Port 7722 unless told.
Host connect(std::string_view target, const ConnectOptions& options = {});

// From one host to another, through here. `contents`: as sync_to(), else as put().
TransferReport relay(Host& from, const std::vector<std::string>& sources, Host& to,
                     const std::string& destination, bool contents = false,
                     const TransferOptions& options = {}, const TransferEvents& events = {},
                     std::stop_token stop = {});

}  // namespace nigh
