// SPDX-License-Identifier: Apache-2.0
// What the server's processes say to each other (docs/architecture.md has the picture). Encoded by
// wire/message.hpp; a receiver treats what a front says as hostile.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <variant>
#include <vector>

#include "base/secret.hpp"
#include "ssh/agent_binding.hpp"

namespace nigh::server {

using ConnectionId = std::uint64_t;
using RequestId = std::uint64_t;

// A grant is what an authenticated connection may do, known by 16 random bytes: the worker makes
// it, and only the keeper hands it on, after it has verified the signature.
using GrantId = std::string;

// ---- keeper -> front ---------------------------------------------------------------------------

struct FrontSettings {  // first, and again when the leaf is renewed
  Secret leaf_key;
  std::string leaf;
  std::string host;
  ssh::AgentBinding agent_binding;
  std::uint32_t login_seconds = 10;
  std::uint32_t streams_per_connection = 16'384;
  static constexpr auto fields =
      std::tuple(&FrontSettings::leaf_key, &FrontSettings::leaf, &FrontSettings::host,
                 &FrontSettings::agent_binding, &FrontSettings::login_seconds,
                 &FrontSettings::streams_per_connection);
};

struct FrontWorker {  // + the socket to the worker
  std::uint8_t unused = 0;
  static constexpr auto fields = std::tuple(&FrontWorker::unused);
};

struct Accepted {  // + the TCP socket
  ConnectionId connection = 0;
  std::string source;  // "192.0.2.7"
  std::uint32_t source_port = 0;
  static constexpr auto fields =
      std::tuple(&Accepted::connection, &Accepted::source, &Accepted::source_port);
};

struct Verdict {
  ConnectionId connection = 0;
  RequestId request = 0;
  bool accepted = false;
  GrantId grant;
  std::string user;
  std::string fingerprint;
  std::optional<std::int64_t> expires;  // Unix time
  static constexpr auto fields =
      std::tuple(&Verdict::connection, &Verdict::request, &Verdict::accepted, &Verdict::grant,
                 &Verdict::user, &Verdict::fingerprint, &Verdict::expires);
};

struct Drain {
  std::uint32_t seconds = 0;  // after that, whatever still runs is ended
  static constexpr auto fields = std::tuple(&Drain::seconds);
};

using ToFront = std::variant<FrontSettings, FrontWorker, Accepted, Verdict, Drain>;

// ---- front -> keeper ---------------------------------------------------------------------------

// An SSHSIG, decoded by the front into its fields: the keeper encodes what was signed by itself.
struct Authenticate {
  ConnectionId connection = 0;
  RequestId request = 0;
  std::string user;
  std::string key;  // blob
  std::string hash;
  std::string signature;
  std::string exporter;
  static constexpr auto fields = std::tuple(
      &Authenticate::connection, &Authenticate::request, &Authenticate::user, &Authenticate::key,
      &Authenticate::hash, &Authenticate::signature, &Authenticate::exporter);
};

struct AuthenticateToken {
  ConnectionId connection = 0;
  RequestId request = 0;
  Secret token;
  static constexpr auto fields = std::tuple(&AuthenticateToken::connection,
                                            &AuthenticateToken::request, &AuthenticateToken::token);
};

struct Closed {
  ConnectionId connection = 0;
  bool login_timeout = false;
  static constexpr auto fields = std::tuple(&Closed::connection, &Closed::login_timeout);
};

using FromFront = std::variant<Authenticate, AuthenticateToken, Closed>;

// ---- keeper -> worker --------------------------------------------------------------------------

// What a session may take, and for how long it is kept. It goes on to the session's holder.
struct SessionSettings {
  std::uint32_t resume_seconds = 600;       // a client that was lost may come back
  std::uint32_t hangup_seconds = 10;        // the same of one that ended its connection itself
  std::uint32_t kept_seconds = 7 * 86'400;  // an exit status that nobody has fetched
  std::uint32_t idle_seconds = 0;           // then one without a client is hung up; 0: never
  std::uint32_t terminal_bytes = 4u << 20;  // of output that no client has acknowledged
  std::uint32_t pipe_bytes = 16u << 20;     // the same of a command without a terminal
  static constexpr auto fields =
      std::tuple(&SessionSettings::resume_seconds, &SessionSettings::hangup_seconds,
                 &SessionSettings::kept_seconds, &SessionSettings::idle_seconds,
                 &SessionSettings::terminal_bytes, &SessionSettings::pipe_bytes);
};

// What this server lets anybody reach through it.
struct ForwardingSettings {
  bool allowed = true;
  bool gateway_ports = false;  // listen on more than the loopback interface
  static constexpr auto fields =
      std::tuple(&ForwardingSettings::allowed, &ForwardingSettings::gateway_ports);
};

// What the account's mailboxes may take. It goes on to the process that has them.
struct ChannelsSettings {
  std::uint64_t bytes = 256u << 20;
  std::uint64_t messages = 1'000'000;
  std::uint64_t seconds = 30 * 86'400;  // then a message that nobody took is forgotten
  static constexpr auto fields =
      std::tuple(&ChannelsSettings::bytes, &ChannelsSettings::messages, &ChannelsSettings::seconds);
};

struct WorkerSettings {
  std::string authorized_keys;  // path
  std::string state_directory;  // for tokens and sessions
  std::uint32_t token_seconds = 0;
  std::uint32_t processes = 0;
  std::uint32_t sessions = 0;
  SessionSettings session;
  ForwardingSettings forwarding;
  ChannelsSettings channels;
  static constexpr auto fields = std::tuple(
      &WorkerSettings::authorized_keys, &WorkerSettings::state_directory,
      &WorkerSettings::token_seconds, &WorkerSettings::processes, &WorkerSettings::sessions,
      &WorkerSettings::session, &WorkerSettings::forwarding, &WorkerSettings::channels);
};

struct WorkerFront {  // + the socket to a front
  std::uint8_t unused = 0;
  static constexpr auto fields = std::tuple(&WorkerFront::unused);
};

struct LookUpKey {
  RequestId request = 0;
  std::string user;
  std::string key;     // blob
  std::string source;  // address
  static constexpr auto fields =
      std::tuple(&LookUpKey::request, &LookUpKey::user, &LookUpKey::key, &LookUpKey::source);
};

struct LookUpToken {
  RequestId request = 0;
  std::string hash;  // SHA-256 of the token
  std::string source;
  static constexpr auto fields =
      std::tuple(&LookUpToken::request, &LookUpToken::hash, &LookUpToken::source);
};

struct ReleaseGrant {
  GrantId grant;
  static constexpr auto fields = std::tuple(&ReleaseGrant::grant);
};

struct StopWorker {
  std::uint8_t unused = 0;
  static constexpr auto fields = std::tuple(&StopWorker::unused);
};

using ToWorker =
    std::variant<WorkerSettings, WorkerFront, LookUpKey, LookUpToken, ReleaseGrant, StopWorker>;

// ---- worker -> keeper --------------------------------------------------------------------------

struct LookedUp {
  RequestId request = 0;
  bool found = false;
  std::string reason;  // when not: for the log
  GrantId grant;
  std::string user;
  std::string fingerprint;
  bool touch_required = true;  // of a FIDO key's signature
  bool verify_required = false;
  std::optional<std::int64_t> expires;
  static constexpr auto fields =
      std::tuple(&LookedUp::request, &LookedUp::found, &LookedUp::reason, &LookedUp::grant,
                 &LookedUp::user, &LookedUp::fingerprint, &LookedUp::touch_required,
                 &LookedUp::verify_required, &LookedUp::expires);
};

using FromWorker = std::variant<LookedUp>;

// ---- front -> worker ---------------------------------------------------------------------------

struct Terminal {
  std::string term;
  std::uint32_t columns = 0;
  std::uint32_t rows = 0;
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  static constexpr auto fields = std::tuple(&Terminal::term, &Terminal::columns, &Terminal::rows,
                                            &Terminal::width, &Terminal::height);
};

struct Start {
  RequestId request = 0;  // names the process from now on
  GrantId grant;
  std::vector<std::string> argv;
  std::string command_line;  // used when argv is empty; both are: the login shell itself
  std::vector<std::string> environment;  // "NAME=value"
  std::string directory;
  std::optional<Terminal> terminal;
  std::string connection;  // "client-address client-port server-address server-port"
  static constexpr auto fields =
      std::tuple(&Start::request, &Start::grant, &Start::argv, &Start::command_line,
                 &Start::environment, &Start::directory, &Start::terminal, &Start::connection);
};

// A process that serves one request about files (server/files). Answered as Start is; the
// descriptors are the ends of its stdin and stdout.
struct StartFiles {
  RequestId request = 0;
  GrantId grant;
  std::string connection;  // as in Start
  static constexpr auto fields =
      std::tuple(&StartFiles::request, &StartFiles::grant, &StartFiles::connection);
};

struct SendSignal {
  RequestId process = 0;
  std::uint32_t number = 0;
  static constexpr auto fields = std::tuple(&SendSignal::process, &SendSignal::number);
};

struct Abandon {  // nobody waits for the process any more: SIGHUP
  RequestId process = 0;
  static constexpr auto fields = std::tuple(&Abandon::process);
};

struct IssueToken {
  RequestId request = 0;
  GrantId grant;
  std::uint32_t seconds = 0;
  static constexpr auto fields =
      std::tuple(&IssueToken::request, &IssueToken::grant, &IssueToken::seconds);
};

struct RevokeToken {
  RequestId request = 0;
  GrantId grant;
  std::string id;
  static constexpr auto fields =
      std::tuple(&RevokeToken::request, &RevokeToken::grant, &RevokeToken::id);
};

// A command whose session outlives this stream. Answered by Started with one socket, behind which a
// holder of its own speaks session frames.
struct StartSession {
  RequestId request = 0;
  Start command;
  std::string name;  // empty: none
  bool keep = false;
  std::optional<std::uint64_t> time_limit_ms;
  static constexpr auto fields =
      std::tuple(&StartSession::request, &StartSession::command, &StartSession::name,
                 &StartSession::keep, &StartSession::time_limit_ms);
};

// Answered as StartSession is.
struct AttachSession {
  RequestId request = 0;
  GrantId grant;
  std::string session;     // its id or name
  std::string connection;  // as in Start
  static constexpr auto fields = std::tuple(&AttachSession::request, &AttachSession::grant,
                                            &AttachSession::session, &AttachSession::connection);
};

// Answered by SessionList: all of them, or the one; that one perhaps only when its command has
// ended.
struct AskSessions {
  RequestId request = 0;
  GrantId grant;
  std::optional<std::string> session;
  bool wait = false;
  static constexpr auto fields = std::tuple(&AskSessions::request, &AskSessions::grant,
                                            &AskSessions::session, &AskSessions::wait);
};

// Answered by SessionSignalled. A HUP also says that nothing of the session need be kept.
struct SignalSession {
  RequestId request = 0;
  GrantId grant;
  std::string session;
  std::uint32_t number = 0;
  static constexpr auto fields = std::tuple(&SignalSession::request, &SignalSession::grant,
                                            &SignalSession::session, &SignalSession::number);
};

enum class Reach : std::uint32_t {
  tcp,
  udp,
  unix_socket,
  published,
  agent,  // a Unix socket in a folder of its own
  kLast = agent,
};

// Answered by Started with a connected socket, O_NONBLOCK.
struct Dial {
  RequestId request = 0;
  GrantId grant;
  Reach reach = Reach::tcp;  // not published: names are found by the worker; not agent
  std::string host;          // as the client typed it; of a Unix socket its path
  std::uint32_t port = 0;
  static constexpr auto fields =
      std::tuple(&Dial::request, &Dial::grant, &Dial::reach, &Dial::host, &Dial::port);
};

// Answered by Started with a listening socket, O_NONBLOCK; for a name that is published without
// one, and then by Visited for each who comes, and by Failed when the name is somebody else's.
// Abandon says that it is not used any more.
struct Listen {
  RequestId request = 0;
  GrantId grant;
  Reach reach = Reach::tcp;  // not udp
  // An address, "localhost" or "*"; of a Unix socket its path; a name; of an agent's socket what
  // its folder is called, empty: a new one.
  std::string host;
  std::uint32_t port = 0;  // 0: any
  static constexpr auto fields =
      std::tuple(&Listen::request, &Listen::grant, &Listen::reach, &Listen::host, &Listen::port);
};

// A request about channels. Answered by Started with a socket to the process that has them, as the
// stdin and the stdout of StartFiles.
struct OpenChannels {
  RequestId request = 0;
  GrantId grant;
  static constexpr auto fields = std::tuple(&OpenChannels::request, &OpenChannels::grant);
};

// For a tunnel that some front keeps. Answered by Started with a socket, over which that front says
// what it has (server/link/tunnel_messages.hpp), or nothing if none has it.
struct FetchTunnel {
  RequestId request = 0;
  GrantId grant;
  std::string id;
  static constexpr auto fields =
      std::tuple(&FetchTunnel::request, &FetchTunnel::grant, &FetchTunnel::id);
};

using FrontToWorker = std::variant<Start, SendSignal, Abandon, IssueToken, RevokeToken, StartFiles,
                                   StartSession, AttachSession, AskSessions, SignalSession, Dial,
                                   Listen, OpenChannels, FetchTunnel>;

// ---- worker -> front ---------------------------------------------------------------------------

// + stdin, stdout, stderr, or one terminal; for StartFiles stdin and stdout; for a session what
// stands in holder_messages.hpp; for Dial and Listen a socket, and no process.
struct Started {
  RequestId request = 0;
  std::uint32_t pid = 0;
  static constexpr auto fields = std::tuple(&Started::request, &Started::pid);
};

struct Visited {          // + a socket, O_NONBLOCK
  RequestId request = 0;  // a Listen of a name
  std::string peer;       // the address of who came
  static constexpr auto fields = std::tuple(&Visited::request, &Visited::peer);
};

enum class Trouble : std::uint32_t {
  not_permitted,  // the key's options forbid it
  not_found,      // the program or directory
  not_executable,
  bad_request,
  unauthorized,  // the grant is gone: expired or revoked
  busy,          // a limit is reached
  exists,        // a session of that name
  internal,
  no_sessions,  // nothing can outlive its connection here
  refused,      // nothing listens there
  unreachable,
  name_not_found,
  timed_out,
  in_use,  // somebody listens there already
  kLast = in_use,
};

struct Failed {
  RequestId request = 0;
  Trouble trouble = Trouble::internal;
  std::string message;
  static constexpr auto fields = std::tuple(&Failed::request, &Failed::trouble, &Failed::message);
};

struct Exited {
  RequestId process = 0;
  std::uint32_t code = 0;
  std::uint32_t signal = 0;
  bool core_dumped = false;
  static constexpr auto fields =
      std::tuple(&Exited::process, &Exited::code, &Exited::signal, &Exited::core_dumped);
};

struct TokenIssued {
  RequestId request = 0;
  std::string id;
  Secret token;
  std::int64_t expires = 0;
  static constexpr auto fields = std::tuple(&TokenIssued::request, &TokenIssued::id,
                                            &TokenIssued::token, &TokenIssued::expires);
};

struct TokenRevoked {
  RequestId request = 0;
  static constexpr auto fields = std::tuple(&TokenRevoked::request);
};

struct SessionFacts {
  std::string id;
  std::string name;
  std::string command;
  std::int64_t created = 0;  // Unix time
  bool terminal = false;
  bool keep = false;
  std::vector<std::string> clients;  // addresses
  std::uint32_t columns = 0;
  std::uint32_t rows = 0;
  std::uint64_t idle_seconds = 0;
  std::string exit;  // as the frame EXIT has it; empty: it runs
  static constexpr auto fields = std::tuple(
      &SessionFacts::id, &SessionFacts::name, &SessionFacts::command, &SessionFacts::created,
      &SessionFacts::terminal, &SessionFacts::keep, &SessionFacts::clients, &SessionFacts::columns,
      &SessionFacts::rows, &SessionFacts::idle_seconds, &SessionFacts::exit);
};

// It goes on without a client; one that does not is a command whose client may lose its connection.
inline bool lasts(const SessionFacts& facts) {
  return facts.keep || facts.terminal || !facts.name.empty();
}

struct SessionList {  // as many packets as it takes
  RequestId request = 0;
  std::vector<SessionFacts> sessions;
  bool last = true;
  static constexpr auto fields =
      std::tuple(&SessionList::request, &SessionList::sessions, &SessionList::last);
};

struct SessionSignalled {
  RequestId request = 0;
  static constexpr auto fields = std::tuple(&SessionSignalled::request);
};

// To all fronts but the one that asked. + the other end of its socket
struct SurrenderTunnel {
  std::string id;
  std::string fingerprint;  // of the key that asks
  static constexpr auto fields = std::tuple(&SurrenderTunnel::id, &SurrenderTunnel::fingerprint);
};

using WorkerToFront = std::variant<Started, Failed, Exited, TokenIssued, TokenRevoked, SessionList,
                                   SessionSignalled, Visited, SurrenderTunnel>;

}  // namespace nigh::server
