#include "store/Backup.h"

#include "base/UniqueFd.h"
#include "store/Files.h"
#include "store/Sqlite.h"

#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <unistd.h>

namespace gatehouse::store {
namespace {

/// Fills the empty file `path`; SQLite's own exclusive use of it ends before this returns.
Status fill(Connection& source, const std::string& path) {
  sqlite3* target = nullptr;
  int code = sqlite3_open_v2(path.c_str(), &target,
                             SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nullptr);
  if (code == SQLITE_OK) {
    if (sqlite3_backup* backup = sqlite3_backup_init(target, "main", source.handle(), "main")) {
      code = sqlite3_backup_step(backup, -1);
      const int finished = sqlite3_backup_finish(backup);
      if (code == SQLITE_DONE) code = finished;
    } else {
      code = sqlite3_extended_errcode(target);
    }
  }
  Status done;
  if (code != SQLITE_OK)
    done = sqliteError(code, target ? sqlite3_errmsg(target) : sqlite3_errstr(code), path);
  sqlite3_close(target);
  return done;
}

} // namespace

Status copyStore(Connection& source, const std::string& destination) {
  const std::string partial = destination + ".partial";
  if (::unlink(partial.c_str()) != 0 && errno != ENOENT) return fileError("cannot replace", partial, errno);
  GH_TRY(createFile(partial));
  Status done = fill(source, partial);
  if (done.ok()) {
    const UniqueFd fd(::open(partial.c_str(), O_RDWR | O_CLOEXEC));
    if (!fd || ::fsync(fd.get()) != 0 || ::rename(partial.c_str(), destination.c_str()) != 0)
      done = fileError("cannot write", destination, errno);
  }
  if (!done.ok()) {
    ::unlink(partial.c_str());
    return done;
  }
  return syncDirectory(destination);
}

} // namespace gatehouse::store
