#include "support/TempFolder.h"

#include <cppunit/extensions/HelperMacros.h>

#include <cstdlib>
#include <fstream>
#include <iterator>

namespace gatehouse::test {

TempFolder::TempFolder() {
  std::string pattern = (std::filesystem::temp_directory_path() / "gatehouse-test-XXXXXX").string();
  CPPUNIT_ASSERT_MESSAGE("no temporary folder can be made", ::mkdtemp(pattern.data()) != nullptr);
  path_ = pattern;
}

TempFolder::~TempFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string TempFolder::write(std::string_view name, std::string_view content) const {
  const std::string file = *this / name;
  std::ofstream out(file, std::ios::binary);
  out << content;
  out.close();
  CPPUNIT_ASSERT_MESSAGE("cannot write " + file, out.good());
  std::filesystem::permissions(file,
                               std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  return file;
}

std::string readFile(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  CPPUNIT_ASSERT_MESSAGE("cannot read " + path, in.good());
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

} // namespace gatehouse::test
