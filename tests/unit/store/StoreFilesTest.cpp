// Protects: one server for one store; a lost store is noticed; files that nobody else can read or replace.
#include "StoreFixture.h"
#include "store/StoreLock.h"

#include <cppunit/extensions/HelperMacros.h>

#include <filesystem>
#include <sys/stat.h>
#include <unistd.h>

using namespace gatehouse;
using namespace gatehouse::store;
using namespace gatehouse::test;
namespace fs = std::filesystem;

class StoreFilesTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(StoreFilesTest);
  CPPUNIT_TEST(testASecondServerIsRefusedAndNamesTheFirst);
  CPPUNIT_TEST(testTheLockGoesWithItsHolder);
  CPPUNIT_TEST(testAMissingStoreBesideItsMarkerIsAnError);
  CPPUNIT_TEST(testAStoreWithoutATableBesideItsMarkerIsAnError);
  CPPUNIT_TEST(testANewStoreIsMadeOnlyWhereNoneIs);
  CPPUNIT_TEST(testTheMarkerComesBack);
  CPPUNIT_TEST(testFilesAreTheOwnersAlone);
  CPPUNIT_TEST(testADirectoryThatOthersMayWriteIsRefused);
  CPPUNIT_TEST(testAStoreThatOthersMayReadIsRefused);
  CPPUNIT_TEST(testASymbolicLinkIsNoStore);
  CPPUNIT_TEST(testABackupIsAStore);
  CPPUNIT_TEST_SUITE_END();

public:
  // R19
  void testASecondServerIsRefusedAndNamesTheFirst() {
    OpenStore s;
    CPPUNIT_ASSERT(StoreLock::held(s.path()));
    const auto second = Store::open(s.path());
    assertCode(Code::unavailable, codeOf(second));
    assertSays(second.error().description, "process " + std::to_string(::getpid()));
    CPPUNIT_ASSERT(!s.store->writer().ok()); // nor a second writer
  }

  // R19
  void testTheLockGoesWithItsHolder() {
    OpenStore s;
    s.close();
    CPPUNIT_ASSERT(!StoreLock::held(s.path()));
    CPPUNIT_ASSERT(fs::exists(s.path() + ".lock")); // the file means nothing, its lock does
    s.open();
    CPPUNIT_ASSERT(!StoreLock::held(s.folder / "never.db"));
  }

  // R23
  void testAMissingStoreBesideItsMarkerIsAnError() {
    for (const bool zeroLength : {false, true}) {
      OpenStore s;
      s.addUser(passwordUser("job"));
      s.close();
      if (zeroLength)
        fs::resize_file(s.path(), 0);
      else
        fs::remove(s.path());
      StoreOptions look;
      look.readOnly = true;
      for (const StoreOptions& options : {StoreOptions(), look}) {
        const auto opened = Store::open(s.path(), options);
        CPPUNIT_ASSERT(!opened.ok());
        assertSays(opened.error().description, "serve --new-store");
      }
      StoreOptions afresh;
      afresh.newStore = true;
      (void)must(Store::open(s.path(), afresh));
      s.open();
      CPPUNIT_ASSERT(must(s.reader->empty()));
      CPPUNIT_ASSERT(!must(s.reader->userByLogin("job")).record);
    }
  }

  // R23: what a crash of the file system may leave
  void testAStoreWithoutATableBesideItsMarkerIsAnError() {
    OpenStore s;
    s.close();
    fs::remove(s.path());
    s.folder.write("gatehouse.db", "");
    CPPUNIT_ASSERT(!Store::open(s.path()).ok());
    fs::remove(s.path() + ".marker");
    s.open();
    CPPUNIT_ASSERT(must(s.reader->empty()));
  }

  // R23: a store is never thrown away by an option that somebody forgot to take out again
  void testANewStoreIsMadeOnlyWhereNoneIs() {
    OpenStore s;
    s.addUser(passwordUser("job"));
    s.close();
    StoreOptions afresh;
    afresh.newStore = true;
    const auto opened = Store::open(s.path(), afresh);
    CPPUNIT_ASSERT(!opened.ok());
    assertSays(opened.error().description, "move it away");
    s.open();
    CPPUNIT_ASSERT(must(s.reader->userByLogin("job")).record);
  }

  void testTheMarkerComesBack() {
    OpenStore s;
    s.close();
    fs::remove(s.path() + ".marker");
    s.open();
    CPPUNIT_ASSERT(fs::exists(s.path() + ".marker"));
  }

  void testFilesAreTheOwnersAlone() {
    const mode_t before = ::umask(0);
    const TempFolder folder;
    const std::string path = folder / "made/gatehouse.db";
    {
      auto store = must(Store::open(path));
      auto writer = must(store->writer());
      auto reader = must(store->reader());
      (void)must(reader->revision());
      must(store->backup(folder / "made/copy.db"));
      int files = 0;
      for (const auto& entry : fs::directory_iterator(folder / "made")) {
        struct stat info {};
        CPPUNIT_ASSERT(::stat(entry.path().c_str(), &info) == 0);
        CPPUNIT_ASSERT_EQUAL_MESSAGE(entry.path().string(), mode_t{0600},
                                     static_cast<mode_t>(info.st_mode & 0777));
        ++files;
      }
      CPPUNIT_ASSERT(files >= 6); // store, -wal, -shm, .lock, .marker, the copy
    }
    struct stat info {};
    CPPUNIT_ASSERT(::stat((folder / "made").c_str(), &info) == 0 && (info.st_mode & 0777) == 0700);
    ::umask(before);
  }

  void testADirectoryThatOthersMayWriteIsRefused() {
    const TempFolder folder;
    fs::permissions(folder.path(), fs::perms::group_write, fs::perm_options::add);
    const auto opened = Store::open(folder / "gatehouse.db");
    CPPUNIT_ASSERT(!opened.ok());
    assertSays(opened.error().description, "chmod 700");
    CPPUNIT_ASSERT(!Store::open(folder / "a/b/gatehouse.db").ok()); // only the last directory is made
    CPPUNIT_ASSERT(!fs::exists(folder / "gatehouse.db"));
  }

  void testAStoreThatOthersMayReadIsRefused() {
    OpenStore s;
    s.close();
    fs::permissions(s.path(), fs::perms::others_read, fs::perm_options::add);
    const auto opened = Store::open(s.path());
    CPPUNIT_ASSERT(!opened.ok());
    assertSays(opened.error().description, "chmod 600");
  }

  void testASymbolicLinkIsNoStore() {
    OpenStore s;
    s.close();
    fs::rename(s.path(), s.folder / "real.db");
    fs::create_symlink(s.folder / "real.db", s.path());
    CPPUNIT_ASSERT(!Store::open(s.path()).ok());
  }

  void testABackupIsAStore() {
    OpenStore s;
    s.addUser(passwordUser("job"));
    const std::string copy = s.folder / "copy.db";
    must(s.store->backup(copy));
    s.addUser(passwordUser("later"));
    must(s.store->backup(copy)); // over the earlier one
    s.addUser(passwordUser("latest"));
    auto store = must(Store::open(copy));
    auto reader = must(store->reader());
    CPPUNIT_ASSERT(must(reader->userByLogin("later")).record && !must(reader->userByLogin("latest")).record);
    const Status refused = s.store->backup(s.folder / "nowhere/copy.db");
    CPPUNIT_ASSERT(!refused.ok());
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(StoreFilesTest);
