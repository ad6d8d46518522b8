// SPDX-License-Identifier: Apache-2.0
#include "client/file_channel.hpp"

#include "client/file_channel_stream.hpp"

namespace nigh::client {

std::shared_ptr<FileChannel> FileChannel::start(std::shared_ptr<Connection> connection,
                                                Request what) {
  auto stream = std::make_shared<FileStream>(std::move(connection), std::move(what));
  stream->start();
  return std::shared_ptr<FileChannel>(new FileChannel(std::move(stream)));
}

awaitable<std::shared_ptr<FileChannel>> FileChannel::open(std::shared_ptr<Connection> connection,
                                                          Request what) {
  auto channel = start(std::move(connection), std::move(what));
  co_await channel->opened();
  co_return channel;
}

FileChannel::~FileChannel() {
  auto executor = stream_->executor();
  asio::dispatch(executor, [stream = std::move(stream_)] { stream->close(); });
}

awaitable<void> FileChannel::opened() { return stream_->opened(); }
int FileChannel::status() const { return stream_->status(); }
const http2::Fields& FileChannel::headers() const { return stream_->headers(); }

std::size_t FileChannel::read(std::span<char> into) { return stream_->read_now_or_wait(into); }
void FileChannel::write(std::string_view bytes) { stream_->write(bytes); }
void FileChannel::finish() { stream_->finish(); }
void FileChannel::cancel() { stream_->cancel(); }

std::uint64_t FileChannel::sent() const { return stream_->sent(); }
std::uint64_t FileChannel::received() const { return stream_->received(); }

}  // namespace nigh::client
