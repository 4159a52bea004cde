#pragma once
#include "base/Result.h"

#include <sqlite3.h>

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

/// The room's own wrapping of SQLite: no other room includes this file, nor sqlite3.h.
namespace gatehouse::store {

/// "Gate": says in the file's header whose file this is.
inline constexpr std::int64_t applicationId = 0x47617465;

/// A cached statement while it is in use: reset and unbound when it goes. Errors stick: the first one comes
/// out of row() or run().
///
/// Threads: its connection's. One use of a text at a time: a statement must not be prepared again while it is
/// being read.
class Statement {
public:
  Statement(sqlite3_stmt* statement, Status prepared, const std::string& path)
      : statement_(statement)
      , status_(std::move(prepared))
      , path_(path) {}
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;
  ~Statement();

  /// Binds the next parameter. Text and blobs are not copied: they must live until the statement goes.
  Statement& bind(std::int64_t);
  Statement& bind(std::string_view);
  Statement& bind(std::span<const std::uint8_t> blob);
  Statement& bindNull();
  Statement& bind(std::nullptr_t) = delete;
  Statement& bind(const char* text) { return bind(std::string_view(text)); }
  Statement& bind(const std::string& text) { return bind(std::string_view(text)); }
  Statement& bind(bool) = delete;

  /// Steps: true while there is a row.
  Result<bool> row();
  /// Steps to the end.
  Status run();

  [[nodiscard]] bool null(int column) const;
  [[nodiscard]] std::int64_t integer(int column) const;
  /// Valid until the next step. Bytes of a text or a blob.
  [[nodiscard]] std::string_view text(int column) const;
  /// The place of a text among `words`; nothing where it is none of them (the row is of another program).
  [[nodiscard]] std::optional<std::size_t> word(int column, std::span<const std::string_view> words) const;

private:
  void check(int code);

  sqlite3_stmt* statement_; // the connection owns it
  Status status_;
  const std::string& path_;
  int bound_ = 0;
};

/// An open database with the settings of this house.
///
/// Threads: one at a time. Owns: the handle and its cached statements. Errors: in sentences that say what the
/// operator can do; unavailable where the disk is full, busy or failing, corrupt where the file is not what
/// it was.
class Connection {
public:
  enum class Mode : std::uint8_t {
    write,   // the writer
    migrate, // ... with foreign keys off
    read,    // beside a writer
    inspect, // leaves no trace: the file as it is, where nobody has it open
  };
  static Result<std::unique_ptr<Connection>> open(const std::string& path, Mode);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// `sql` is one statement, prepared at its first use and kept.
  [[nodiscard]] Statement prepare(std::string_view sql);
  /// Runs a script; results are dropped.
  Status execute(const std::string& script);
  /// The one number that a query gives.
  Result<std::int64_t> number(std::string_view sql);

  [[nodiscard]] bool inTransaction() const noexcept { return sqlite3_get_autocommit(handle_) == 0; }
  [[nodiscard]] std::int64_t lastInsertRowid() const noexcept { return sqlite3_last_insert_rowid(handle_); }
  /// Rows that the last INSERT, UPDATE or DELETE touched.
  [[nodiscard]] std::int64_t changes() const noexcept { return sqlite3_changes64(handle_); }
  [[nodiscard]] sqlite3* handle() const noexcept { return handle_; }
  [[nodiscard]] const std::string& path() const noexcept { return path_; }

private:
  Connection(sqlite3* handle, std::string path)
      : handle_(handle)
      , path_(std::move(path)) {}
  Status configure(Mode);

  sqlite3* handle_;
  std::string path_;
  std::map<std::string_view, sqlite3_stmt*> statements_; // by the text that the statement itself keeps
};

/// A read transaction, from its first read to the end of the block. Errors of its end mean nothing: it wrote
/// nothing.
class ReadScope {
public:
  explicit ReadScope(Connection& connection)
      : connection_(connection)
      , begun_(connection.prepare("BEGIN").run()) {}
  ReadScope(const ReadScope&) = delete;
  ReadScope& operator=(const ReadScope&) = delete;
  ~ReadScope() { rollBack(connection_); }
  [[nodiscard]] const Status& begun() const noexcept { return begun_; }

  static void rollBack(Connection& connection) noexcept {
    if (connection.inTransaction()) (void)connection.prepare("ROLLBACK").run();
  }

private:
  Connection& connection_;
  Status begun_;
};

/// The Error for what SQLite answered; `extended` is its extended result code.
[[nodiscard]] Error sqliteError(int extended, std::string_view message, const std::string& path);

} // namespace gatehouse::store
