#include "store/WriteGroup.h"

#include "store/Sqlite.h"

#include <cerrno>

namespace gatehouse::store {

void WriteGroup::failed(const Connection& connection, const Error& error) {
  const int code = sqlite3_errcode(connection.handle()) & 0xff;
  const int system = sqlite3_system_errno(connection.handle());
  full = code == SQLITE_FULL || (code == SQLITE_IOERR && (system == ENOSPC || system == EDQUOT));
  if (broken(connection) && !failure) failure = error;
}

bool WriteGroup::broken(const Connection& connection) const noexcept {
  return begun && !connection.inTransaction();
}

} // namespace gatehouse::store
