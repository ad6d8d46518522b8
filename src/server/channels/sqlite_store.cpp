// SPDX-License-Identifier: Apache-2.0
#include "server/channels/sqlite_store.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

namespace nigh::server {
namespace {

constexpr std::size_t kOverhead = 100;            // of a message, beside its bytes
constexpr std::size_t kRememberedSenders = 1000;  // in memory

// One writer and one process: no shared memory, and no lock that is taken again and again.
constexpr char kSchema[] =
    "PRAGMA locking_mode=EXCLUSIVE;"
    "PRAGMA journal_mode=WAL;"
    "PRAGMA synchronous=FULL;"
    "CREATE TABLE IF NOT EXISTS message("
    " id INTEGER PRIMARY KEY AUTOINCREMENT, channel TEXT NOT NULL, sender BLOB NOT NULL,"
    " sequence INTEGER NOT NULL, created INTEGER NOT NULL, bytes BLOB NOT NULL);"
    "CREATE INDEX IF NOT EXISTS message_of_channel ON message(channel, id);"
    "CREATE TABLE IF NOT EXISTS sender("
    " channel TEXT NOT NULL, id BLOB NOT NULL, last INTEGER NOT NULL, used INTEGER NOT NULL,"
    " PRIMARY KEY(channel, id)) WITHOUT ROWID;";

std::string_view column_bytes(sqlite3_stmt* row, int column) {
  const auto* bytes = static_cast<const char*>(sqlite3_column_blob(row, column));
  auto size = static_cast<std::size_t>(sqlite3_column_bytes(row, column));
  return bytes == nullptr ? std::string_view() : std::string_view(bytes, size);
}

std::uint64_t column_number(sqlite3_stmt* row, int column) {
  return static_cast<std::uint64_t>(sqlite3_column_int64(row, column));
}

}  // namespace

// One use of a statement that is compiled once.
class SqliteStore::Statement {
 public:
  Statement(SqliteStore& store, const char* sql) : store_(store) {
    auto& compiled = store.statements_[sql];
    if (compiled == nullptr)
      sqlite3_prepare_v3(store.database_, sql, -1, SQLITE_PREPARE_PERSISTENT, &compiled, nullptr);
    statement_ = compiled;
  }
  ~Statement() {
    if (statement_ == nullptr) return;
    sqlite3_reset(statement_);
    sqlite3_clear_bindings(statement_);
  }
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  // What is bound must stay until the statement has run.
  Statement& text(std::string_view value) {
    sqlite3_bind_text64(statement_, ++bound_, value.data(), value.size(), SQLITE_STATIC,
                        SQLITE_UTF8);
    return *this;
  }
  Statement& blob(std::string_view value) {
    // A null pointer would bind NULL.
    sqlite3_bind_blob64(statement_, ++bound_, value.empty() ? "" : value.data(), value.size(),
                        SQLITE_STATIC);
    return *this;
  }
  Statement& number(std::uint64_t value) {
    sqlite3_bind_int64(statement_, ++bound_, static_cast<sqlite3_int64>(value));
    return *this;
  }
  // True: there is a row.
  Result<bool> step() {
    auto code = statement_ == nullptr ? SQLITE_ERROR : sqlite3_step(statement_);
    if (code == SQLITE_ROW) return true;
    if (code == SQLITE_DONE) return false;
    return std::unexpected(store_.error("cannot use the store of messages"));
  }
  Result<void> run() {
    auto done = step();
    if (!done) return std::unexpected(done.error());
    return {};
  }
  sqlite3_stmt* row() const { return statement_; }

 private:
  SqliteStore& store_;
  sqlite3_stmt* statement_ = nullptr;
  int bound_ = 0;
};

Error SqliteStore::error(std::string_view what) const {
  return {Errc::system, fmt::format("{}: {}", what, sqlite3_errmsg(database_))};
}

Result<void> SqliteStore::run(const char* sql) {
  if (sqlite3_exec(database_, sql, nullptr, nullptr, nullptr) == SQLITE_OK) return {};
  return std::unexpected(error("cannot use the store of messages"));
}

// ---- open and close ----------------------------------------------------------------------------

Result<std::unique_ptr<SqliteStore>> SqliteStore::open(const std::string& file, const Quota& quota,
                                                       Clock clock) {
  sqlite3* database = nullptr;
  auto code =
      sqlite3_open_v2(file.c_str(), &database,
                      SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nullptr);
  std::unique_ptr<SqliteStore> store(new SqliteStore(database, quota, std::move(clock)));
  if (code != SQLITE_OK) return std::unexpected(store->error("cannot open " + file));
  if (auto ready = store->prepare(); !ready)
    return fail(Errc::system, fmt::format("{}: {}", file, ready.error().message));
  return store;
}

SqliteStore::~SqliteStore() {
  for (auto& [sql, statement] : statements_) sqlite3_finalize(statement);
  sqlite3_close(database_);
}

Result<void> SqliteStore::prepare() {
  if (auto made = run(kSchema); !made) return made;
  return sweep();
}

Result<void> SqliteStore::measure() {
  Statement all(*this, "SELECT count(*), coalesce(sum(length(bytes)), 0) FROM message");
  auto row = all.step();
  if (!row) return std::unexpected(row.error());
  size_.messages = column_number(all.row(), 0);
  size_.bytes = column_number(all.row(), 1) + size_.messages * kOverhead;
  committed_ = size_;
  return {};
}

Result<void> SqliteStore::sweep() {
  senders_.clear();
  auto oldest = static_cast<std::uint64_t>(clock_()) - quota_.seconds;
  auto gone = Statement(*this, "DELETE FROM message WHERE created < ?").number(oldest).run();
  if (gone) gone = Statement(*this, "DELETE FROM sender WHERE used < ?").number(oldest).run();
  return gone ? measure() : gone;
}

// ---- changes -----------------------------------------------------------------------------------

Result<void> SqliteStore::begin() {
  if (open_transaction_) return {};
  auto begun = run("BEGIN IMMEDIATE");
  open_transaction_ = begun.has_value();
  return begun;
}

Result<SqliteStore::Sender*> SqliteStore::sender(std::string_view channel, std::string_view id) {
  if (!open_transaction_ && senders_.size() > kRememberedSenders) senders_.clear();
  SenderKey key(channel, id);
  auto found = senders_.find(key);
  if (found != senders_.end()) return &found->second;
  Statement select(*this, "SELECT last FROM sender WHERE channel = ? AND id = ?");
  auto row = select.text(channel).blob(id).step();
  if (!row) return std::unexpected(row.error());
  auto& known = senders_[std::move(key)];
  if (*row) known.last = column_number(select.row(), 0);
  return &known;
}

Result<void> SqliteStore::append(std::string_view channel, std::string_view id,
                                 std::uint64_t sequence, std::string_view bytes) {
  auto who = sender(channel, id);
  if (!who) return std::unexpected(who.error());
  if (sequence <= (*who)->last) return {};
  if (size_.messages >= quota_.messages)
    return fail(Errc::too_large,
                fmt::format("{} messages are kept, and more are not allowed", size_.messages));
  if (size_.bytes + bytes.size() + kOverhead > quota_.bytes)
    return fail(Errc::too_large,
                fmt::format("{} bytes of messages are kept, and not more than {} are allowed",
                            size_.bytes, quota_.bytes));
  if (auto begun = begin(); !begun) return begun;
  auto added = Statement(*this,
                         "INSERT INTO message(channel, sender, sequence, created, bytes)"
                         " VALUES(?, ?, ?, ?, ?)")
                   .text(channel)
                   .blob(id)
                   .number(sequence)
                   .number(static_cast<std::uint64_t>(clock_()))
                   .blob(bytes)
                   .run();
  if (!added) return added;
  **who = {sequence, true};
  ++size_.messages;
  size_.bytes += bytes.size() + kOverhead;
  return {};
}

Result<void> SqliteStore::remove(std::string_view channel, std::uint64_t id) {
  if (auto begun = begin(); !begun) return begun;
  Statement gone(*this, "DELETE FROM message WHERE id = ? AND channel = ? RETURNING length(bytes)");
  auto row = gone.number(id).text(channel).step();
  if (!row) return std::unexpected(row.error());
  if (!*row) return {};  // too old meanwhile
  --size_.messages;
  size_.bytes -= column_number(gone.row(), 0) + kOverhead;
  return {};
}

Result<void> SqliteStore::write_senders() {
  auto now = static_cast<std::uint64_t>(clock_());
  for (auto& [key, who] : senders_) {
    if (!who.changed) continue;
    auto written =
        Statement(*this,
                  "INSERT INTO sender(channel, id, last, used) VALUES(?, ?, ?, ?)"
                  " ON CONFLICT DO UPDATE SET last = excluded.last, used = excluded.used")
            .text(key.first)
            .blob(key.second)
            .number(who.last)
            .number(now)
            .run();
    if (!written) return written;
    who.changed = false;
  }
  return {};
}

Result<void> SqliteStore::commit() {
  if (!open_transaction_) return {};
  auto done = write_senders();
  if (done) done = run("COMMIT");
  open_transaction_ = false;
  if (!done) {
    (void)run("ROLLBACK");  // which the failure may have done already
    size_ = committed_;
    senders_.clear();
    return done;
  }
  committed_ = size_;
  return {};
}

// ---- questions ---------------------------------------------------------------------------------

Result<std::vector<channel::Kept>> SqliteStore::next(std::string_view channel, std::uint64_t after,
                                                     std::size_t most, std::size_t bytes) {
  Statement select(*this,
                   "SELECT id, sender, sequence, bytes FROM message"
                   " WHERE channel = ? AND id > ? ORDER BY id LIMIT ?");
  select.text(channel).number(after).number(most);
  std::vector<channel::Kept> page;
  for (std::size_t size = 0; size < bytes;) {
    auto row = select.step();
    if (!row) return std::unexpected(row.error());
    if (!*row) break;
    page.push_back({column_number(select.row(), 0), std::string(column_bytes(select.row(), 1)),
                    column_number(select.row(), 2), std::string(column_bytes(select.row(), 3))});
    size += page.back().bytes.size();
  }
  return page;
}

Result<std::uint64_t> SqliteStore::last(std::string_view channel, std::string_view id) {
  auto who = sender(channel, id);
  if (!who) return std::unexpected(who.error());
  return (*who)->last;
}

Result<std::vector<channel::KeptFacts>> SqliteStore::facts() {
  Statement select(*this,
                   "SELECT channel, count(*), sum(length(bytes)) FROM message"
                   " GROUP BY channel ORDER BY channel");
  std::vector<channel::KeptFacts> all;
  for (;;) {
    auto row = select.step();
    if (!row) return std::unexpected(row.error());
    if (!*row) return all;
    all.push_back({std::string(column_bytes(select.row(), 0)), column_number(select.row(), 1),
                   column_number(select.row(), 2)});
  }
}

}  // namespace nigh::server
