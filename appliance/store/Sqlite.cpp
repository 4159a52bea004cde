#include "store/Sqlite.h"

#include "base/Text.h"

#include <unistd.h>

namespace gatehouse::store {
namespace {

constexpr int busyTimeoutMs = 5000;

/// A `file:` URI of a path: everything but plain characters is escaped.
std::string uri(const std::string& path, std::string_view parameters) {
  constexpr std::string_view plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-";
  std::string out = "file:";
  for (const char c : path) {
    if (plain.find(c) != plain.npos)
      out += c;
    else
      out += '%' + hex(std::string_view(&c, 1));
  }
  return out.append(parameters);
}

/// SQLite counts its memory by default, for which every allocation of every connection takes one lock. Nobody
/// here reads that count, and the workers would meet at the lock at each login.
void countNoMemory() noexcept {
  [[maybe_unused]] static const int once = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

} // namespace

// ---- Statement

Statement::~Statement() {
  if (!statement_) return;
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
}

void Statement::check(int code) {
  if (code == SQLITE_OK || !status_.ok()) return;
  sqlite3* handle = sqlite3_db_handle(statement_);
  status_ = sqliteError(sqlite3_extended_errcode(handle), sqlite3_errmsg(handle), path_);
}

Statement& Statement::bind(std::int64_t value) {
  if (status_.ok()) check(sqlite3_bind_int64(statement_, ++bound_, value));
  return *this;
}
Statement& Statement::bind(std::string_view value) {
  const char* bytes = value.data() ? value.data() : ""; // a null pointer would bind NULL
  if (status_.ok())
    check(sqlite3_bind_text64(statement_, ++bound_, bytes, value.size(), SQLITE_STATIC, SQLITE_UTF8));
  return *this;
}
Statement& Statement::bind(std::span<const std::uint8_t> blob) {
  if (status_.ok()) check(sqlite3_bind_blob64(statement_, ++bound_, blob.data(), blob.size(), SQLITE_STATIC));
  return *this;
}
Statement& Statement::bindNull() {
  if (status_.ok()) check(sqlite3_bind_null(statement_, ++bound_));
  return *this;
}

Result<bool> Statement::row() {
  if (!status_.ok()) return status_.error();
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  check(code);
  return status_.error();
}

Status Statement::run() {
  while (true) {
    const Result<bool> more = row();
    if (!more.ok()) return more.error();
    if (!more.value()) return {};
  }
}

bool Statement::null(int column) const { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }
std::int64_t Statement::integer(int column) const { return sqlite3_column_int64(statement_, column); }
std::string_view Statement::text(int column) const {
  const void* bytes =
      sqlite3_column_blob(statement_, column); // of a text: the same bytes, without conversion
  return {static_cast<const char*>(bytes),
          static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}
std::optional<std::size_t> Statement::word(int column, std::span<const std::string_view> words) const {
  const std::string_view given = text(column);
  for (std::size_t i = 0; i < words.size(); ++i)
    if (words[i] == given) return i;
  return std::nullopt;
}

// ---- Connection

Result<std::unique_ptr<Connection>> Connection::open(const std::string& path, Mode mode) {
  countNoMemory(); // counts before the first use of SQLite alone
  int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE | SQLITE_OPEN_EXRESCODE;
  flags |= mode == Mode::write || mode == Mode::migrate ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY;
  std::string name = path;
  // A reader of a WAL store makes its -wal and -shm files. Where there are none nobody has it open, and the
  // file alone is the store.
  if (mode == Mode::inspect && ::access((path + "-wal").c_str(), F_OK) != 0) {
    name = uri(path, "?immutable=1");
    flags |= SQLITE_OPEN_URI;
  }
  sqlite3* handle = nullptr;
  const int code = sqlite3_open_v2(name.c_str(), &handle, flags, nullptr);
  if (!handle) return Error{Code::unavailable, "the store could not be opened: no memory"};
  std::unique_ptr<Connection> connection(new Connection(handle, path));
  if (code != SQLITE_OK) return sqliteError(code, sqlite3_errmsg(handle), path);
  GH_TRY(connection->configure(mode));
  return connection;
}

Connection::~Connection() {
  for (const auto& [text, statement] : statements_) sqlite3_finalize(statement);
  sqlite3_close(handle_);
}

Status Connection::configure(Mode mode) {
  sqlite3_busy_timeout(handle_, busyTimeoutMs);
  // A file that somebody else wrote must not run code in here: no functions from its schema, no writing to
  // the schema itself.
  sqlite3_db_config(handle_, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(handle_, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_db_config(handle_, SQLITE_DBCONFIG_DQS_DML, 0, nullptr); // "x" is a name, never a text by mistake
  sqlite3_db_config(handle_, SQLITE_DBCONFIG_DQS_DDL, 0, nullptr);
  sqlite3_db_config(handle_, SQLITE_DBCONFIG_ENABLE_FKEY, mode == Mode::write ? 1 : 0, nullptr);
  sqlite3_limit(handle_, SQLITE_LIMIT_ATTACHED, 0);

  const Result<std::int64_t> id = number("PRAGMA application_id");
  if (!id.ok()) return id.error();
  const bool fresh = mode == Mode::migrate && id.value() == 0;
  if (id.value() != applicationId && !fresh)
    return Error{Code::unavailable,
                 "the file " + printable(path_) +
                     " is not a store of Gatehouse: nothing was changed; correct store.path"};
  if (mode == Mode::read || mode == Mode::inspect) return execute("PRAGMA query_only = ON");

  // What a savepoint may have to put back stays in memory: no temporary file holds rows, or fills a disk.
  GH_TRY(execute("PRAGMA synchronous = FULL; PRAGMA secure_delete = ON; PRAGMA temp_store = MEMORY"));
  Statement journal = prepare("PRAGMA journal_mode = WAL");
  const Result<bool> row = journal.row();
  if (!row.ok()) return row.error();
  if (journal.text(0) != "wal")
    return Error{Code::unavailable, "the store " + printable(path_) +
                                        " cannot keep a write-ahead log where it is: put it on a local disk"};
  return {};
}

Statement Connection::prepare(std::string_view sql) {
  const auto found = statements_.find(sql);
  if (found != statements_.end()) return Statement(found->second, {}, path_);
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v3(handle_, sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  if (code != SQLITE_OK) return Statement(nullptr, sqliteError(code, sqlite3_errmsg(handle_), path_), path_);
  statements_.emplace(sqlite3_sql(statement), statement);
  return Statement(statement, {}, path_);
}

Status Connection::execute(const std::string& script) {
  const int code = sqlite3_exec(handle_, script.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return sqliteError(code, sqlite3_errmsg(handle_), path_);
  return {};
}

Result<std::int64_t> Connection::number(std::string_view sql) {
  Statement statement = prepare(sql);
  const Result<bool> row = statement.row();
  if (!row.ok()) return row.error();
  if (!row.value())
    return Error{Code::corrupt, "the store " + printable(path_) +
                                    " lacks a row that it always has: put a backup in its place"};
  return statement.integer(0);
}

} // namespace gatehouse::store
