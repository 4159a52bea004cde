#include "plugin/Library.h"

#include "base/Text.h"

#include <cstring>
#include <dlfcn.h>
#include <sys/stat.h>
#include <unistd.h>

namespace gatehouse::plugin {
namespace {

Error refused(const std::string& path, const std::string& what) {
  return {Code::not_acceptable, printable(path, 4096) + " " + what};
}

/// Owned by root or by us, and nobody else may write to it.
Status ours(const std::string& path, const struct stat& s) {
  if (s.st_uid != 0 && s.st_uid != ::geteuid())
    return refused(path, "must be owned by root or by the user who runs this, not by uid " +
                             std::to_string(s.st_uid));
  if ((s.st_mode & (S_IWGRP | S_IWOTH)) != 0)
    return refused(path, "may be written by others than its owner: chmod go-w");
  return {};
}

} // namespace

Status Library::examine(const std::string& path) {
  struct stat s {};
  if (::stat(path.c_str(), &s) != 0)
    return refused(path, std::string("can't be read: ") + std::strerror(errno));
  if (!S_ISREG(s.st_mode)) return refused(path, "is no regular file");
  GH_TRY(ours(path, s));
  const auto slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
  struct stat f {};
  if (::stat(folder.c_str(), &f) != 0)
    return refused(folder, std::string("can't be read: ") + std::strerror(errno));
  return ours(folder, f);
}

Result<Library> Library::open(const std::string& path) {
  GH_TRY(examine(path));
  // Without a slash dlopen would search the system's folders for another file of that name.
  const std::string exact = path.find('/') == std::string::npos ? "./" + path : path;
  void* handle = ::dlopen(exact.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (handle == nullptr) {
    const char* why = ::dlerror();
    return refused(path, "can't be loaded: " + printable(why != nullptr ? why : "no reason given", 500));
  }
  void* symbol = ::dlsym(handle, GH_PLUGIN_ENTRY);
  if (symbol == nullptr) return refused(path, "is no Gatehouse plugin: it has no symbol " GH_PLUGIN_ENTRY);
  return Library(reinterpret_cast<gh_plugin_entry_fn>(symbol));
}

} // namespace gatehouse::plugin
