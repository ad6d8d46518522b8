// SPDX-License-Identifier: Apache-2.0
// The values that nigh's blocking and asynchronous interfaces share. Plain C++: no handle, no
// thread, no third-party type.
#pragma once

#include <nigh/error.hpp>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace nigh {

// ---- connecting --------------------------------------------------------------------------------

// A server whose key is in no known_hosts file; somebody has to decide.
struct UnknownHostKey {
  std::string host;         // as it will be written to known_hosts: "[web1]:7722"
  std::string key_type;     // "ssh-ed25519"
  std::string fingerprint;  // "SHA256:…", what `ssh-keygen -lf` prints on the server
};

// One step of connecting, as `nigh run -v` prints it. Holds nothing secret.
struct Step {
  std::chrono::microseconds since_start;
  std::string text;  // "TLS 1.3 X25519 TLS_AES_128_GCM_SHA256"
};

// A kept connection outlives the program that made it: a process in the background holds it, and
// other programs of the account, on this machine, use it through a private socket. What they do
// then costs no connecting and no key.
enum class Kept {
  never,  // always a connection of our own
  use,    // one that is there for the same host, user and keys; else as the configuration's `keep`
  start,  // the same, and if there is none make it
};

struct ConnectOptions {
  // Keys to offer instead of those that the configuration and the agent give.
  std::vector<std::filesystem::path> identities;
  // Trust a host that is not known yet and remember its key. Never overrides a mismatch.
  bool accept_new = false;
  // Asked about an unknown host when accept_new is off; without it such a host is refused.
  std::function<bool(const UnknownHostKey&)> confirm_host_key;
  // For everything up to the first answer: name look-up, TCP, TLS, authentication.
  std::chrono::milliseconds timeout{15'000};
  // How long a session that lost its connection tries to get it back; none: for ever.
  std::optional<std::chrono::milliseconds> resume_limit;
  // The hosts over which the way leads, nearest first: "bastion,user@db:7722". Each has its own
  // keys and its own host key, and sees ciphertext only. "none": no others. Empty: as the
  // configuration (`jump`) and ssh_config (ProxyJump, ProxyCommand) have it.
  std::string jump;
  Kept kept = Kept::never;
  // The `nigh` program, which keeps connections. Empty: none is made that is not there.
  std::filesystem::path keeper;
  // Told of every step, on the thread that connects.
  std::function<void(const Step&)> on_step;
  // Files; empty: ~/.config/nigh/config.toml and ~/.ssh/config.
  std::filesystem::path config_file;
  std::filesystem::path ssh_config_file;
};

// What the server says about itself (`GET /v1/`) and about this connection.
struct ServerInfo {
  std::string version;                // of the server's nigh
  std::vector<std::string> features;  // "run", "pty", "token", …
  std::string user;                   // the account we are
  std::string peer_address;           // "192.0.2.7:7722"
  std::string tls_group;              // "X25519"
  std::string tls_cipher;             // "TLS_AES_128_GCM_SHA256"
  std::string host_fingerprint;       // "SHA256:…"
  std::string key_fingerprint;        // of the key that we proved to hold
};

// A kept connection, as it was when it was asked about.
struct KeptConnection {
  std::string address;  // as `connect` reached it: "web1:7722"
  ServerInfo server;
  std::chrono::microseconds round_trip{0};      // as the kernel measures it
  std::chrono::system_clock::time_point since;  // when it was made
  std::size_t clients = 0;                      // programs that use it now
  std::size_t streams = 0;                      // what they do over it
  std::chrono::milliseconds keep{0};            // how long it stays after its last use
  std::optional<std::chrono::system_clock::time_point> ends;  // nullopt: it is used
  std::int64_t process = 0;
};

// ---- running -----------------------------------------------------------------------------------

// Size of a terminal in characters and, where known, pixels (else 0).
struct WindowSize {
  std::uint16_t columns = 80;
  std::uint16_t rows = 24;
  std::uint16_t width_pixels = 0;
  std::uint16_t height_pixels = 0;
};

struct Pty {
  std::string term = "xterm";
  WindowSize size;
};

// What to run: an argv, executed as it is, one command line for the login shell, or that shell.
struct Command {
  Command() = default;
  Command(std::initializer_list<std::string> words) : argv(words) {}
  explicit Command(std::vector<std::string> words) : argv(std::move(words)) {}
  // A line for the account's login shell: Command::shell("ls | wc -l").
  static Command shell(std::string line) {
    Command c;
    c.command_line = std::move(line);
    return c;
  }
  // The account's login shell itself, which reads the account's profile.
  static Command login_shell() {
    Command c;
    c.login = true;
    return c;
  }

  std::vector<std::string> argv;
  std::string command_line;  // used when argv is empty
  bool login = false;        // used when both are
  std::map<std::string, std::string> environment;
  std::string directory;                                // empty: the home directory
  std::optional<std::chrono::milliseconds> time_limit;  // then TERM, and KILL 5 s later
  std::optional<Pty> pty;                               // stdout and stderr come as one

  // The command is a session: it survives its connection. A Process of it reconnects by itself and
  // goes on with every byte exactly once, in both directions; see Process::on_contact(). Without
  // effect where the configuration says `resume = false` (but for login shells), or the server has
  // no sessions: then the command ends with its connection.
  bool resume = false;
  // A session that goes on without any client, and whose output and exit status are kept until
  // somebody attaches to it. Implies resume.
  bool keep = false;
  // By which Host::attach() finds it: 1 to 64 of A-Z a-z 0-9 _ . -; implies resume.
  std::string name;

  bool is_session() const { return resume || keep || !name.empty(); }
};

// How a command ended.
struct ExitStatus {
  int code = 0;        // meaningful when signal is empty
  std::string signal;  // "KILL", "TERM", … without SIG
  bool core_dumped = false;
  bool timed_out = false;  // Command::time_limit ended it

  bool ok() const { return signal.empty() && code == 0; }
  // As a shell would say it: the code; 128 + N for a signal N; 124 after the time limit.
  int shell_status() const;
};

struct RunResult {
  ExitStatus exit;
  std::string out;
  std::string err;
  std::chrono::microseconds elapsed{0};  // from the request to the exit
};

enum class Channel { out, err };

// ---- sessions ----------------------------------------------------------------------------------

// A session on a server, as it was when it was asked about.
struct SessionInfo {
  std::string id;
  std::string name;     // empty: it has none
  std::string command;  // as a person would type it
  std::chrono::system_clock::time_point created;
  bool terminal = false;
  bool keep = false;
  std::vector<std::string> clients;  // addresses of those that are attached
  WindowSize size;                   // of its terminal
  std::chrono::seconds idle{0};      // since the last input or output
  std::optional<ExitStatus> exit;    // nullopt: it runs
};

struct AttachOptions {
  // A terminal: so many lines of its history come before the screen.
  std::uint32_t scrollback = 10'000;
  // Watch: what one writes, signals and resizes goes nowhere.
  bool read_only = false;
  // Without a terminal: so many of the last lines of the output that was kept; nullopt: all of it.
  std::optional<std::uint64_t> tail;
  // Our terminal. The smallest of those that are attached rules.
  std::optional<Pty> pty;
};

// How the contact of a resumable session is doing. Called on the loop that the session runs on; a
// session that gets over a lost connection within a moment is told of as well: who shows it to a
// person waits for the first on_waiting().
struct ContactEvents {
  // Nothing is heard any more, or the connection broke. `why` is for a person.
  std::function<void(std::string why)> on_lost;
  // About once a second until contact is back.
  std::function<void(std::chrono::milliseconds since_lost)> on_waiting;
  std::function<void()> on_resumed;
  // What else is worth a line: another client came or left, output was lost.
  std::function<void(std::string text)> on_notice;
};

// A bearer token for plain HTTP clients: `Authorization: Bearer <text>`.
struct Token {
  std::string id;    // names it for revoke_token and in logs; not secret
  std::string text;  // secret
  std::chrono::system_clock::time_point expires;
};

}  // namespace nigh
