#include "store/Store.h"

#include "base/Text.h"
#include "store/Backup.h"
#include "store/Files.h"
#include "store/Reader.h"
#include "store/Sqlite.h"
#include "store/Writer.h"

#include <unistd.h>
#include <utility>

namespace gatehouse::store {
namespace {

constexpr const char* markerText = "A Gatehouse store stands beside this file. If the store is missing, it "
                                   "is lost: put a backup in its place,\n"
                                   "or start afresh with `gatehouse serve --new-store`.\n";

Error lost(const std::string& path) {
  return {Code::unavailable, "the store " + printable(path) + " is missing or empty, and its marker " +
                                 printable(markerPath(path)) +
                                 " says that there was one: put a backup in its place, or start afresh with "
                                 "`gatehouse serve --new-store`"};
}

/// R23, before anything is opened: may a store be made where there is none?
Status mayBegin(const std::string& path, bool newStore, FileState state) {
  const bool there = state == FileState::there;
  if (newStore && there)
    return Error{Code::unavailable, "--new-store was given, but there is a store at " + printable(path) +
                                        ": move it away first, or start without --new-store"};
  if (!there && !newStore && exists(markerPath(path))) return lost(path);
  return {};
}

Status openForWriting(const std::string& path, bool newStore, const Migrator& migrator,
                      Migrations migrations) {
  const Result<FileState> state = inspectFile(path);
  if (!state.ok()) return state.error();
  GH_TRY(mayBegin(path, newStore, state.value()));
  if (state.value() != FileState::there) {
    for (const char* rest : {"-wal", "-shm"})
      ::unlink((path + rest).c_str()); // of a store that is gone: they must not flow into this one
  }
  if (state.value() == FileState::missing) GH_TRY(createFile(path));

  Result<std::unique_ptr<Connection>> connection = Connection::open(path, Connection::Mode::migrate);
  if (!connection.ok()) return connection.error();
  const Result<std::size_t> steps = migrator.pending(**connection);
  if (!steps.ok()) return steps.error();
  if (steps.value() == migrations.size() && !newStore && exists(markerPath(path)))
    return lost(path); // a file without a table
  GH_TRY(migrator.migrate(**connection));
  return exists(markerPath(path)) ? Status() : createFile(markerPath(path), markerText);
}

Status openForReading(const std::string& path, const Migrator& migrator) {
  const Result<FileState> state = inspectFile(path);
  if (!state.ok()) return state.error();
  if (state.value() != FileState::there) {
    if (exists(markerPath(path))) return lost(path);
    return Error{Code::not_found,
                 "there is no store at " + printable(path) + " yet: `gatehouse serve` makes it"};
  }
  Result<std::unique_ptr<Connection>> connection = Connection::open(path, Connection::Mode::inspect);
  if (!connection.ok()) return connection.error();
  const Result<std::size_t> steps = migrator.pending(**connection);
  if (!steps.ok()) return steps.error();
  if (steps.value() != 0)
    return Error{Code::unavailable,
                 "the store " + printable(path) + " is older than this program by " +
                     std::to_string(steps.value()) +
                     " migration(s): `gatehouse migrate` or `gatehouse serve` brings it forward"};
  return {};
}

} // namespace

Store::Store(std::string path, bool readOnly, std::optional<StoreLock> lock)
    : path_(std::move(path))
    , readOnly_(readOnly)
    , lock_(std::move(lock)) {}
Store::~Store() = default;

Result<std::unique_ptr<Store>> Store::open(const std::string& path, StoreOptions options,
                                           Migrations migrations) {
  const Migrator migrator(migrations);
  if (options.readOnly) {
    GH_TRY(openForReading(path, migrator));
    return std::unique_ptr<Store>(new Store(path, true, std::nullopt));
  }
  GH_TRY(ensureDirectory(path));
  Result<StoreLock> lock = StoreLock::take(path);
  if (!lock.ok()) return lock.error();
  GH_TRY(openForWriting(path, options.newStore, migrator, migrations));
  return std::unique_ptr<Store>(new Store(path, false, std::move(lock).value()));
}

Result<std::unique_ptr<Reader>> Store::reader() const {
  Result<std::unique_ptr<Connection>> connection =
      Connection::open(path_, readOnly_ ? Connection::Mode::inspect : Connection::Mode::read);
  if (!connection.ok()) return connection.error();
  return std::make_unique<Reader>(std::move(connection).value());
}

Result<std::unique_ptr<Writer>> Store::writer(std::size_t queueLimit) {
  if (readOnly_ || writerGiven_)
    return Error{Code::internal_error,
                 readOnly_ ? "the store was opened to be read" : "the store has its writer already"};
  Result<std::unique_ptr<Connection>> connection = Connection::open(path_, Connection::Mode::write);
  if (!connection.ok()) return connection.error();
  writerGiven_ = true;
  return std::make_unique<Writer>(std::move(connection).value(), queueLimit);
}

Status Store::backup(const std::string& destination) const {
  Result<std::unique_ptr<Connection>> connection =
      Connection::open(path_, readOnly_ ? Connection::Mode::inspect : Connection::Mode::read);
  if (!connection.ok()) return connection.error();
  return copyStore(**connection, destination);
}

} // namespace gatehouse::store
