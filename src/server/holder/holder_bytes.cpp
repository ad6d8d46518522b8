// SPDX-License-Identifier: Apache-2.0
// Bytes between the command, the session and its clients.
#include <array>
#include <utility>

#include "server/holder/holder.hpp"

namespace nigh::server {
namespace {

using std::chrono::steady_clock;

constexpr std::size_t kStep = 256 * 1024;  // that one output, or one client, gets at a time
constexpr std::size_t kPieces = 6;         // written to a client at once
constexpr int kInputSteps = 4;

}  // namespace

void Holder::receive(session::ConnectionId id) {
  for (int i = 0; i < kInputSteps; ++i) {
    auto client = clients_.find(id);
    if (client == clients_.end()) return;
    auto* piece = buffer();
    auto got = client->second->in.read({piece, kStep});
    if (got.size > 0) session_->receive(id, {piece, got.size}, steady_clock::now());
    if (got.ended) drop_client(id);
    if (got.size == 0) return pump();
  }
  asio::post(context_, [this, id] { receive(id); });
  pump();
}

char* Holder::buffer() {
  if (!buffer_) buffer_ = std::make_unique_for_overwrite<char[]>(kStep);
  return buffer_.get();
}

// What is `copied` will be overwritten by what comes next.
void Holder::Client::send(std::span<const std::string_view> pieces, std::string_view copied) {
  if (!borrows) return out.write(pieces);
  for (auto piece : pieces) {
    if (piece.data() >= copied.data() && piece.data() < copied.data() + copied.size())
      out.write(piece);
    else
      out.lend(piece);
  }
}

void Holder::pump_soon() {
  if (std::exchange(pump_due_, true)) return;
  asio::post(context_, [this] {
    pump_due_ = false;
    pump();
  });
}

void Holder::pump() {
  if (!session_) return;
  read_output(Channel::out);
  if (!command_.is_terminal()) read_output(Channel::err);
  write_input();
  send_to_clients();
  busy_ = true;
  set_timer();
  const bool over = session_->finished() || (ending_ && exit_);
  if (over && clients_.empty()) end();
}

void Holder::read_output(Channel output) {
  std::size_t total = 0;
  while (command_.may_read(output) && session_->wants_output(output)) {
    if (total >= kStep) return pump_soon();  // clients want their turn
    auto room = session_->output_room(output);
    if (room.empty()) return;
    auto got = command_.read(output, room);
    // A command that has ended said all that it had to say; who else holds the terminal open is not
    // waited for.
    const bool drained = got.size == 0 && exit_ && command_.is_terminal();
    if (got.size > 0) {
      if (screen_) screen_->feed({room.data(), got.size});
      session_->output(output, got.size, steady_clock::now());
    }
    if (drained) command_.close_output(output);
    if (got.ended || drained) session_->output_ended(output);
    total += got.size;
  }
}

// Straight into the pipe: most of it is never kept here.
std::size_t Holder::take_input(std::string_view bytes) {
  std::size_t taken = 0;
  while (taken < bytes.size()) {
    auto written = command_.write(bytes.substr(taken));
    if (written == 0) break;
    taken += written;
  }
  return taken;
}

void Holder::write_input() {
  for (auto bytes = session_->input(); !bytes.empty(); bytes = session_->input()) {
    auto written = command_.write(bytes);
    if (written == 0) break;
    session_->input_written(written);
  }
  if (session_->input_ended() && command_.end_input()) session_->input_end_done();
  if (!command_.input_open()) session_->input_closed();
}

void Holder::send_to_clients() {
  std::vector<session::ConnectionId> over;
  for (auto& [id, client] : clients_) {
    while (client->out.open() && client->out.queued() == 0 && session_->has_output(id)) {
      std::array<std::string_view, kPieces> pieces;
      auto count = session_->gather(id, {buffer(), kStep}, pieces);
      if (count == 0) break;
      client->send(std::span<const std::string_view>(pieces).first(count), {buffer(), kStep});
    }
    const bool done =
        session_->is_over(id) && !session_->has_output(id) && client->out.queued() == 0;
    if (client->broken || done) over.push_back(id);
  }
  for (auto id : over) drop_client(id);
}

}  // namespace nigh::server
