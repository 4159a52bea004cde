#pragma once
#include "store/Reader.h"
#include "store/Store.h"
#include "store/Writer.h"
#include "support/TempFolder.h"

#include <cppunit/TestAssert.h>

#include <functional>
#include <memory>
#include <string>

namespace gatehouse::test {

/// The value, or the end of the test with the error's sentence.
template <class T>
T must(Result<T> result) {
  CPPUNIT_ASSERT_MESSAGE(result.ok() ? "" : result.error().description, result.ok());
  return std::move(result).value();
}
inline void must(const Status& status) {
  CPPUNIT_ASSERT_MESSAGE(status.ok() ? "" : status.error().description, status.ok());
}

/// The error's code; the test ends if there was none.
template <class T>
Code codeOf(const Result<T>& result) {
  CPPUNIT_ASSERT(!result.ok());
  return result.error().code;
}
inline void assertCode(Code expected, Code found) {
  CPPUNIT_ASSERT_EQUAL(std::string(row(expected).word), std::string(row(found).word));
}
inline void assertSays(const std::string& sentence, const std::string& part) {
  CPPUNIT_ASSERT_MESSAGE(sentence, sentence.find(part) != std::string::npos);
}

/// A store in a folder of its own, with its writer and a reader.
struct OpenStore {
  static constexpr std::int64_t now = 2'000'000'000;

  TempFolder folder;
  std::unique_ptr<store::Store> store;
  std::unique_ptr<store::Writer> writer;
  std::unique_ptr<store::Reader> reader;

  OpenStore() { open(); }
  ~OpenStore() { close(); }

  [[nodiscard]] std::string path() const { return folder / "gatehouse.db"; }
  void open() {
    store = must(store::Store::open(path()));
    writer = must(store->writer());
    reader = must(store->reader());
  }
  void close() {
    reader.reset();
    writer.reset();
    store.reset();
  }

  /// Does something in a transaction that is rolled back unless it commits itself. Assertions inside reach
  /// the test.
  void in(const std::function<void(store::Transaction&)>& steps, std::int64_t at = now) {
    std::exception_ptr failure;
    CPPUNIT_ASSERT(writer->run([&](store::WriteConnection& connection) {
      try {
        store::Transaction transaction = must(connection.begin("tester", at));
        steps(transaction);
      } catch (...) {
        failure = std::current_exception();
      }
    }));
    if (failure) std::rethrow_exception(failure);
  }
  store::Change change(const std::function<void(store::Transaction&)>& steps, std::int64_t at = now) {
    store::Change change;
    in(
        [&](store::Transaction& transaction) {
          steps(transaction);
          must(transaction.commit(change));
        },
        at);
    return change;
  }
  std::int64_t addUser(const store::UserRecord& record) {
    std::int64_t uid = 0;
    change([&](store::Transaction& t) { uid = must(t.insertUser(record)); });
    return uid;
  }
};

inline store::UserRecord passwordUser(const std::string& name, const std::string& email = {}) {
  store::UserRecord record;
  record.judged.user.name = name;
  record.judged.user.email = email;
  record.verifier = "$scrypt$of$" + name;
  return record;
}

inline model::Digest digest(std::uint8_t first) {
  model::Digest out{};
  out[0] = first;
  out[31] = 1;
  return out;
}

inline store::UserRecord certificateUser(const std::string& name, std::uint8_t subject) {
  store::UserRecord record;
  record.judged.user.name = name;
  record.judged.user.auth_method = model::AuthMethod::certificate;
  record.judged.user.certificate_subject_line = "CN=" + name;
  record.judged.subjectKey = digest(subject);
  return record;
}

} // namespace gatehouse::test
