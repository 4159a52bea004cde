#include "engine/AofRepair.h"

#include "base/Text.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace gatehouse::engine {
namespace {

constexpr std::string_view asProgram = "redis-check-aof", aofFolder = "appendonlydir/";
constexpr const char* manifestName = "appendonly.aof.manifest";
constexpr const char* unfinishedCopy = "cut-off.aof.part";
constexpr std::size_t manifestBytes = 64 * 1024, saidBytes = 16 * 1024;
constexpr std::size_t chunkBytes = 256 * 1024, chunksAStep = 64;

Error failed(std::string_view what) {
  return {Code::unavailable, std::string(what) + ": " + std::strerror(errno)};
}

/// The number behind the last `name=` in what the program says.
std::optional<std::uint64_t> numberIn(std::string_view text, std::string_view name) {
  const std::size_t at = text.rfind(name);
  if (at == std::string_view::npos) return {};
  text.remove_prefix(at + name.size());
  const auto value = toInteger(text.substr(0, text.find_first_not_of("0123456789")));
  return value && *value >= 0 ? std::optional(static_cast<std::uint64_t>(*value)) : std::nullopt;
}

} // namespace

std::string lastIncrement(std::string_view manifest) {
  std::string last;
  std::int64_t highest = 0;
  while (!manifest.empty()) {
    const std::size_t end = manifest.find('\n');
    if (end == std::string_view::npos) return {}; // torn itself
    std::string_view line = manifest.substr(0, end);
    manifest.remove_prefix(end + 1);
    if (line.empty() || line.front() == '#') continue;
    constexpr std::string_view file = "file ", seq = " seq ", type = " type i";
    if (line.substr(0, file.size()) != file) return {};
    line.remove_prefix(file.size());
    const std::size_t blank = line.find(' ');
    const std::string_view name = line.substr(0, blank);
    if (blank == std::string_view::npos || name.empty() ||
        name.find_first_of("/\"") != std::string_view::npos || name.front() == '.')
      return {};
    line.remove_prefix(blank);
    if (line.size() <= type.size() || line.substr(line.size() - type.size()) != type) continue;
    if (line.substr(0, seq.size()) != seq) return {};
    const auto number = toInteger(line.substr(seq.size(), line.size() - seq.size() - type.size()));
    if (!number || *number <= highest) return {};
    highest = *number;
    last = name;
  }
  return last;
}

AofRepair::AofRepair(EngineFolders& folders, Launch launch, std::uint64_t nowMs)
    : folders_(folders)
    , launch_(std::move(launch))
    , sinceMs_(nowMs) {
  if (const Status found = find(); !found)
    refuse(found.error().description);
  else
    run({std::string(asProgram), name_}, {});
}

Status AofRepair::find() {
  auto folder = folders_.open(launch_.engineId);
  if (!folder) return std::move(folder).error();
  folder_ = std::move(folder).value();
  // Through the directory: a symbolic link that an engine has left there leads nowhere.
  const UniqueFd inner(
      ::openat(folder_.get(), "appendonlydir", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!inner) return failed("appendonlydir cannot be opened");
  const UniqueFd list(::openat(inner.get(), manifestName, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK));
  if (!list) return failed("its manifest cannot be opened");
  std::string manifest(manifestBytes, '\0');
  const ssize_t got = ::read(list.get(), manifest.data(), manifest.size());
  if (got < 0) return failed("its manifest cannot be read");
  manifest.resize(static_cast<std::size_t>(got));
  const std::string name =
      got < static_cast<ssize_t>(manifestBytes) ? lastIncrement(manifest) : std::string();
  if (name.empty()) return Error{Code::unavailable, "its manifest names no increment"};
  file_.reset(::openat(inner.get(), name.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK));
  struct stat about {};
  if (!file_ || ::fstat(file_.get(), &about) != 0) return failed(printable(name) + " cannot be opened");
  if (!S_ISREG(about.st_mode)) return Error{Code::unavailable, printable(name) + " is no plain file"};
  name_ = std::string(aofFolder) + name;
  size_ = static_cast<std::uint64_t>(about.st_size);
  return {};
}

void AofRepair::run(std::vector<std::string> arguments, std::string input) {
  folder_.reset(); // and with it the lock, which is the program's now
  said_.clear();
  launch_.arguments = std::move(arguments);
  launch_.input = std::move(input);
  auto process = EngineProcess::start(launch_, folders_);
  if (!process) return refuse(process.error().description);
  process_ = std::move(process).value();
}

AofRepair::Outcome AofRepair::step(std::uint64_t nowMs) {
  switch (step_) {
  case Step::checking:
    if (ended(nowMs)) afterCheck();
    break;
  case Step::copying: copy(); break;
  case Step::cutting:
    if (ended(nowMs)) afterCut();
    break;
  case Step::mended: return Outcome::mended;
  case Step::refused: return Outcome::refused;
  }
  return Outcome::working;
}

bool AofRepair::ended(std::uint64_t nowMs) {
  const bool over = process_->ended().has_value(); // before the last of what it says is read
  char chunk[4096];
  for (ssize_t got = 0; (got = ::read(process_->log(), chunk, sizeof chunk)) > 0;) {
    said_.append(chunk, static_cast<std::size_t>(got));
    if (said_.size() > saidBytes) said_.erase(0, said_.size() - saidBytes);
  }
  if (over) {
    process_.reset();
    return true;
  }
  if (nowMs - sinceMs_ >= ceilingMs) {
    process_.reset();
    refuse(std::string(asProgram) + " does not come to an end");
  }
  return false;
}

void AofRepair::afterCheck() {
  const auto size = numberIn(said_, " size="), keep = numberIn(said_, " ok_up_to=");
  if (!size || !keep || *size != size_ || *keep > size_)
    return refuse(std::string(asProgram) + " says: " + printable(said_, 300));
  if (*keep == size_) return refuse(printable(name_) + " is whole");
  keep_ = copied_ = *keep;
  if (const Status started = startCopy(); !started) return refuse(started.error().description);
  step_ = Step::copying;
}

Status AofRepair::startCopy() {
  auto folder = folders_.open(launch_.engineId);
  if (!folder) return std::move(folder).error();
  folder_ = std::move(folder).value();
  if (::flock(folder_.get(), LOCK_EX | LOCK_NB) != 0) return failed("another engine runs there");
  (void)::unlinkat(folder_.get(), unfinishedCopy, 0);
  copy_.reset(
      ::openat(folder_.get(), unfinishedCopy, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!copy_) return failed("no copy can be made of what is to be cut off");
  const EngineUser& user = folders_.user();
  if (user.other && ::fchown(copy_.get(), user.uid, user.gid) != 0)
    return failed("the copy cannot be given away");
  return {};
}

void AofRepair::copy() {
  std::string chunk(chunkBytes, '\0');
  for (std::size_t chunks = 0; chunks < chunksAStep && copied_ < size_; ++chunks) {
    const std::size_t most = std::min<std::uint64_t>(chunk.size(), size_ - copied_);
    const ssize_t got = ::pread(file_.get(), chunk.data(), most, static_cast<off_t>(copied_));
    if (got <= 0)
      return refuse(printable(name_) + " cannot be read: " + std::strerror(got < 0 ? errno : EIO));
    const std::string_view bytes(chunk.data(), static_cast<std::size_t>(got));
    tail_.take(bytes);
    if (::write(copy_.get(), bytes.data(), bytes.size()) != got)
      return refuse(std::string("no copy can be made of what is to be cut off: ") + std::strerror(errno));
    copied_ += bytes.size();
  }
  if (copied_ < size_) return;
  if (!tail_.torn())
    return refuse(printable(name_) + " is damaged from byte " + std::to_string(keep_) + " of " +
                  std::to_string(size_) +
                  " on, not only torn at its end: nothing is cut off, since commands may "
                  "stand behind it. Copy the folder, then see redis-check-aof");
  if (const Status kept = finishCopy(); !kept) return refuse(kept.error().description);
  step_ = Step::cutting;
  run({std::string(asProgram), "--fix", name_}, "y\n");
}

Status AofRepair::finishCopy() {
  const std::string name(copyName);
  if (::fsync(copy_.get()) != 0 ||
      ::renameat(folder_.get(), unfinishedCopy, folder_.get(), name.c_str()) != 0 ||
      ::fsync(folder_.get()) != 0)
    return failed("the copy of what is to be cut off is not kept");
  copy_.reset();
  return {};
}

void AofRepair::afterCut() {
  if (const std::uint64_t now = size(); now != keep_)
    return refuse(printable(name_) + " was to be cut to " + std::to_string(keep_) + " bytes and has " +
                  std::to_string(now) + "; " + std::string(asProgram) + " says: " + printable(said_, 300));
  account_ = "the end of " + printable(name_) + ", " + std::to_string(size_ - keep_) + " of " +
             std::to_string(size_) + " bytes, was an unfinished " +
             (tail_.transaction() ? "transaction" : "command") + " and is cut off; it is kept in " +
             printable(folders_.path(launch_.engineId)) + '/' + std::string(copyName);
  step_ = Step::mended;
}

std::uint64_t AofRepair::size() const {
  struct stat about {};
  return ::fstat(file_.get(), &about) == 0 ? static_cast<std::uint64_t>(about.st_size) : 0;
}

void AofRepair::refuse(std::string why) {
  if (copy_ && folder_) (void)::unlinkat(folder_.get(), unfinishedCopy, 0);
  copy_.reset();
  folder_.reset();
  account_ = std::move(why);
  step_ = Step::refused;
}

} // namespace gatehouse::engine
