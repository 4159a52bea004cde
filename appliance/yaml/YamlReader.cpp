#include "yaml/YamlReader.h"

#include "base/Text.h"
#include "base/UniqueFd.h"
#include "yaml/SourceText.h"
#include "yaml/TreeBuilder.h"

#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sstream>
#include <sys/stat.h>

namespace gatehouse::yaml {

namespace {

Document refused(const std::string& file, std::string text) {
  Document document;
  document.root.kind = Node::Kind::mapping;
  document.mistakes.push_back({file, {}, {}, std::move(text)});
  return document;
}

std::string tooLarge(std::size_t limit) { return "larger than " + std::to_string(limit) + " bytes"; }

} // namespace

Document readYaml(const std::string& file, std::string_view text, const Limits& limits) {
  if (text.size() > limits.bytes) return refused(file, tooLarge(limits.bytes));
  const SourceText source(text);
  if (auto unfit = source.unfit(file, limits.mistakes); !unfit.empty()) {
    Document document = refused(file, {});
    document.mistakes = std::move(unfit);
    return document;
  }

  TreeBuilder builder(file, source, limits);
  try {
    std::istringstream stream{std::string(source.text())};
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) {
    }
  } catch (const ReadingEnds&) {
    // noted
  } catch (const YAML::Exception& e) {
    try {
      builder.wrong(builder.at(e.mark), {}, "not YAML: " + printable(e.msg));
    } catch (const ReadingEnds&) {
    }
  }
  return builder.take();
}

Document readYamlFile(const std::string& path, const Limits& limits) {
  // O_NONBLOCK: a fifo in the file's place must not hang the start.
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
  if (!fd) return refused(path, std::string("cannot be read: ") + std::strerror(errno));
  struct stat status {};
  if (::fstat(fd.get(), &status) != 0 || !S_ISREG(status.st_mode))
    return refused(path, "cannot be read: not a regular file");

  std::string text;
  while (text.size() <= limits.bytes) {
    char buffer[16384];
    const ssize_t got = ::read(fd.get(), buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return refused(path, std::string("cannot be read: ") + std::strerror(errno));
    if (got == 0) return readYaml(path, text, limits);
    text.append(buffer, static_cast<std::size_t>(got));
  }
  return refused(path, tooLarge(limits.bytes));
}

} // namespace gatehouse::yaml
