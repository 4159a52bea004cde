#pragma once
#include "base/Result.h"

#include <string>

/// The files of a store, as the file system shows them: whose they are, who else may write them, whether they
/// are there.
///
/// Errors: unavailable, with a sentence for the operator.
namespace gatehouse::store {

/// Beside a store: "a store was here" (R23). Its content is for people.
[[nodiscard]] std::string markerPath(const std::string& storePath);

enum class FileState { missing, empty, there };
/// Refuses what is no plain file of this process's user that others cannot read (private keys and verifiers
/// are in it).
Result<FileState> inspectFile(const std::string& path);
[[nodiscard]] bool exists(const std::string& path);

/// The directory of `path` is there (made with mode 0700 if not, its parent must exist), ours, and nobody
/// else may write in it.
Status ensureDirectory(const std::string& path);

/// Makes an empty file of mode 0600 that must not be there yet, and its name durable.
Status createFile(const std::string& path, const std::string& content = {});

/// Makes the names in the directory of `path` durable.
Status syncDirectory(const std::string& path);

/// "what path: reason", from errno.
[[nodiscard]] Error fileError(const std::string& what, const std::string& path, int error);

} // namespace gatehouse::store
