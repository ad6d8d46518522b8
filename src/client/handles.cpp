// SPDX-License-Identifier: Apache-2.0
#include "client/handles.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "client/answers.hpp"
#include "client/connect.hpp"
#include "client/forward.hpp"
#include "client/request.hpp"
#include "client/run_stream.hpp"
#include "client/session_stream.hpp"
#include "client/sessions.hpp"

namespace nigh::async::detail {
namespace {

// Keeps all output, up to a limit.
class Collector : public client::OutputTaker {
 public:
  Collector(client::ProcessStream& stream, std::size_t limit) : stream_(stream), limit_(limit) {
    stream.set_taker(this);
  }
  ~Collector() override { stream_.set_taker(nullptr); }

  void take(Channel channel, std::string_view bytes) override {
    stream_.consume(bytes.size());
    auto& into = channel == Channel::out ? out : err;
    if (bytes.size() > limit_ - into.size())
      stream_.end({Errc::too_large, fmt::format("the command wrote more than the {} bytes that its "
                                                "caller takes",
                                                limit_)});
    else
      into += bytes;
  }

  std::string out;
  std::string err;

 private:
  client::ProcessStream& stream_;
  std::size_t limit_;
};

class Discarder : public client::OutputTaker {
 public:
  explicit Discarder(client::ProcessStream& stream) : stream_(stream) { stream.set_taker(this); }
  ~Discarder() override { stream_.set_taker(nullptr); }
  void take(Channel, std::string_view bytes) override { stream_.consume(bytes.size()); }

 private:
  client::ProcessStream& stream_;
};

awaitable<void> write_input(client::ProcessStream& stream, std::string_view input) {
  try {
    co_await stream.write(input, client::ProcessStream::Last::yes);
  } catch (const Failure& failure) {
    // That the command did not want all of it is no failure of run(); others show in its end.
    if (failure.code() != Errc::closed) throw;
  }
}

bool is_token_id(std::string_view id) {
  return !id.empty() && id.size() <= 64 && std::ranges::all_of(id, [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '-' || c == '_';
  });
}

StreamHandle begin(ConnectionHandle connection, Command command) {
  std::shared_ptr<client::ProcessStream> stream;
  const bool may_resume = connection->get()->endpoint().resume;
  command.resume = command.resume && (may_resume || command.login);
  if (command.is_session())
    stream = std::make_shared<client::SessionStream>(connection->get(), connection, command);
  else
    stream = std::make_shared<client::RunStream>(connection->get(), std::move(command));
  return std::make_shared<RunStream>(std::move(connection), std::move(stream));
}

}  // namespace

awaitable<ConnectionHandle> connect(std::string target, ConnectOptions options) {
  auto connection = co_await client::connect(std::move(target), std::move(options));
  co_return std::make_shared<Connection>(std::move(connection));
}

awaitable<StreamHandle> start(ConnectionHandle connection, Command command) {
  co_return begin(std::move(connection), std::move(command));
}

awaitable<RunResult> run(ConnectionHandle connection, Command command, std::string_view input,
                         std::size_t output_limit) {
  auto before = std::chrono::steady_clock::now();
  auto handle = begin(std::move(connection), std::move(command));
  auto& stream = *handle->get();
  Collector collector(stream, output_limit);
  co_await write_input(stream, input);
  RunResult result;
  result.exit = co_await stream.wait_exit();
  result.out = std::move(collector.out);
  result.err = std::move(collector.err);
  result.elapsed = std::chrono::duration_cast<std::chrono::microseconds>(
      std::chrono::steady_clock::now() - before);
  co_return result;
}

awaitable<std::vector<SessionInfo>> sessions(ConnectionHandle connection) {
  co_return co_await client::list_sessions(*connection->get());
}

awaitable<StreamHandle> attach(ConnectionHandle connection, std::string id_or_name,
                               AttachOptions options) {
  auto session = co_await client::look_up_session(*connection->get(), std::move(id_or_name));
  auto stream =
      std::make_shared<client::SessionStream>(connection->get(), connection, session.id, options);
  co_return std::make_shared<RunStream>(std::move(connection), std::move(stream));
}

awaitable<void> end_session(ConnectionHandle connection, std::string id_or_name,
                            std::string signal) {
  co_await client::end_session(*connection->get(), std::move(id_or_name), std::move(signal));
}

awaitable<ExitStatus> wait_session(ConnectionHandle connection, std::string id_or_name) {
  co_return co_await client::wait_session(*connection->get(), std::move(id_or_name));
}

std::optional<char> escape_key(const ConnectionHandle& connection) {
  return connection->get()->endpoint().escape;
}

bool forwards_agent(const ConnectionHandle& connection) {
  return connection->get()->endpoint().forward_agent;
}

awaitable<ServerInfo> info(ConnectionHandle connection) {
  auto body = co_await client::fetch(*connection->get(), "GET", "/v1/");
  auto said = unwrap(client::parse_server_info(body));
  auto info = connection->get()->describe();
  info.version = std::move(said.version);
  info.features = std::move(said.features);
  if (!said.user.empty()) info.user = std::move(said.user);
  co_return info;
}

awaitable<Token> token(ConnectionHandle connection, std::chrono::seconds lifetime) {
  if (lifetime <= std::chrono::seconds(0))
    throw Failure(Errc::usage, "a token must live for a second at least");
  auto body = co_await client::fetch(*connection->get(), "POST", "/v1/tokens",
                                     client::token_request(lifetime));
  co_return unwrap(client::parse_token(body));
}

awaitable<void> revoke_token(ConnectionHandle connection, std::string id) {
  if (!is_token_id(id))
    throw Failure(Errc::usage, fmt::format("'{}' is not the id of a token", printable(id)));
  co_await client::fetch(*connection->get(), "DELETE", "/v1/tokens/" + id);
}

awaitable<void> write(StreamHandle stream, std::string_view bytes) {
  co_await stream->get()->write(bytes);
}

awaitable<std::size_t> read(StreamHandle stream, Channel channel, std::span<char> into) {
  co_return co_await stream->get()->read(channel, into);
}

awaitable<client::ProcessStream::Piece> read_any(StreamHandle stream, std::span<char> into) {
  co_return co_await stream->get()->read_any(into);
}

awaitable<ExitStatus> wait(StreamHandle stream) {
  Discarder discarder(*stream->get());
  co_return co_await stream->get()->wait_exit();
}

awaitable<void> started(StreamHandle stream) { co_await stream->get()->wait_started(); }

awaitable<ExitStatus> forward(StreamHandle stream, Process::Descriptors descriptors) {
  co_return co_await client::forward(stream->get(), descriptors.in, descriptors.out,
                                     descriptors.err);
}

}  // namespace nigh::async::detail
