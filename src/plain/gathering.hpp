// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "client/broadcast.hpp"
#include "io/tls_stream.hpp"
#include "plain/acceptor.hpp"
#include "plain/standard.hpp"

namespace nigh::plain {

// TLS if the options want it, within their time.
using MaybeTls = std::optional<io::TlsContext>;
std::shared_ptr<io::TlsStream> clothe(tcp::socket socket, const MaybeTls& tls);
awaitable<void> welcome(io::TlsStream& stream, io::Duration limit);

// All who come to a listening socket: what each sends goes to the output, and the input to each who
// is there. One who does not read holds the input up for all, as none may lose any of it. Who has
// sent all has left.
class Gathering : public std::enable_shared_from_this<Gathering> {
 public:
  Gathering(const asio::any_io_executor& executor, const Options& options, MaybeTls tls);

  // Ends only by failing: others may come at any time.
  awaitable<void> run(Acceptor& acceptor);

 private:
  using Stream = std::shared_ptr<io::TlsStream>;
  awaitable<void> accept(Acceptor& acceptor);
  // These may outlive run() by a moment.
  static awaitable<void> attend(std::shared_ptr<Gathering> self, tcp::socket socket);
  awaitable<void> stay(Stream stream, std::string name);
  awaitable<void> spread();
  awaitable<void> send(Stream stream, std::string_view piece);
  awaitable<void> until_failed();

  asio::any_io_executor executor_;
  Options options_;
  MaybeTls tls_;
  Output output_;
  Input input_;
  client::Broadcast changed_;
  std::vector<Stream> present_;
  bool input_ended_ = false;
  std::exception_ptr failure_;
};

}  // namespace nigh::plain
