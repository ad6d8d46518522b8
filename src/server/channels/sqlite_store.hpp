// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "service/channel/store.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace nigh::server {

struct Quota {
  std::uint64_t bytes = 256u << 20;  // each message counts some more than it has
  std::uint64_t messages = 1'000'000;
  std::uint64_t seconds = 30 * 86'400;  // then one that nobody took is forgotten
};

// Mailboxes in one SQLite database: WAL, and on disk when commit() has returned. One process at a
// time has it open.
class SqliteStore final : public channel::Store {
 public:
  using Clock = std::function<std::int64_t()>;  // Unix time
  static Result<std::unique_ptr<SqliteStore>> open(const std::string& file, const Quota& quota,
                                                   Clock clock);
  ~SqliteStore() override;
  SqliteStore(const SqliteStore&) = delete;
  SqliteStore& operator=(const SqliteStore&) = delete;

  Result<void> append(std::string_view channel, std::string_view sender, std::uint64_t sequence,
                      std::string_view bytes) override;
  Result<void> remove(std::string_view channel, std::uint64_t id) override;
  Result<void> commit() override;
  Result<std::vector<channel::Kept>> next(std::string_view channel, std::uint64_t after,
                                          std::size_t most, std::size_t bytes) override;
  Result<std::uint64_t> last(std::string_view channel, std::string_view sender) override;
  Result<std::vector<channel::KeptFacts>> facts() override;

  // Forgets what is too old. Nothing may be uncommitted.
  Result<void> sweep();

 private:
  struct Size {
    std::uint64_t messages = 0;
    std::uint64_t bytes = 0;
  };
  struct Sender {
    std::uint64_t last = 0;
    bool changed = false;
  };
  class Statement;
  using SenderKey = std::pair<std::string, std::string>;  // channel, id

  SqliteStore(sqlite3* database, const Quota& quota, Clock clock)
      : database_(database), quota_(quota), clock_(std::move(clock)) {}
  Result<void> prepare();
  Result<void> measure();
  Result<void> run(const char* sql);
  Result<void> begin();
  Result<void> write_senders();
  Result<Sender*> sender(std::string_view channel, std::string_view id);
  Error error(std::string_view what) const;

  sqlite3* database_;
  Quota quota_;
  Clock clock_;
  bool open_transaction_ = false;
  Size size_;       // of all that is there
  Size committed_;  // the same, at the last commit
  std::map<SenderKey, Sender> senders_;
  std::map<std::string, sqlite3_stmt*, std::less<>> statements_;
};

}  // namespace nigh::server
