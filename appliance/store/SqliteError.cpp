#include "base/Text.h"
#include "store/Sqlite.h"

namespace gatehouse::store {

Error sqliteError(int extended, std::string_view message, const std::string& path) {
  const std::string store = "the store " + printable(path);
  const std::string said = " (SQLite: " + printable(message) + ", " + std::to_string(extended) + ")";
  switch (extended & 0xff) {
  case SQLITE_FULL:
    return {
        Code::unavailable,
        store +
            " cannot grow: its disk or quota is full. Nothing was written, reads go on; free space there" +
            said};
  case SQLITE_BUSY:
  case SQLITE_LOCKED:
    return {Code::unavailable,
            store + " is held by another program: nothing was written; end that program or try again" + said};
  case SQLITE_IOERR:
    return {Code::unavailable,
            store +
                " could not be read or written: its disk failed. Nothing was written; see the kernel's log" +
                said};
  case SQLITE_READONLY:
  case SQLITE_CANTOPEN:
  case SQLITE_PERM:
  case SQLITE_AUTH:
    return {Code::unavailable,
            store + " cannot be opened or written: check the owner and mode of it and of its directory" +
                said};
  case SQLITE_NOMEM: return {Code::unavailable, store + " could not be used: no memory" + said};
  case SQLITE_CORRUPT:
  case SQLITE_NOTADB:
    return {Code::corrupt, store + " is damaged or is not a database: put a backup in its place" + said};
  default: return {Code::internal_error, store + " refused a statement" + said};
  }
}

} // namespace gatehouse::store
