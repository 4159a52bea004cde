#include "StoreSide.h"

#include "pki/Hash.h"
#include "store/Reader.h"
#include "store/Store.h"
#include "store/Writer.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <random>
#include <vector>

namespace gatehouse::bench {
namespace {

constexpr std::int64_t perCommit = 10'000; // users

int failed(const Error& error) {
  std::fprintf(stderr, "bench-generator: %s\n", error.description.c_str());
  return 1;
}

std::string nameOf(std::int64_t number) { return "bench-" + std::to_string(number); }

store::UserRecord userOf(std::int64_t number) {
  store::UserRecord record;
  model::User& user = record.judged.user;
  user.name = nameOf(number);
  user.email = user.name + "@example.com";
  user.auth_method = model::AuthMethod::certificate;
  user.certificate_subject_line = "CN=" + user.name + ", O=Example";
  user.role_uids = {1};
  record.judged.subjectKey = pki::sha256(user.certificate_subject_line); // unique is enough here
  return record;
}

Status insert(store::WriteConnection& connection, std::int64_t from, std::int64_t to) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  auto transaction = connection.begin("bench", std::chrono::duration_cast<std::chrono::seconds>(now).count());
  if (!transaction) return transaction.error();
  for (std::int64_t i = from; i <= to; ++i)
    if (auto made = transaction->insertUser(userOf(i)); !made) return made.error();
  store::Change change;
  return transaction->commit(change);
}

} // namespace

int fill(const std::string& path, std::int64_t users) {
  auto store = store::Store::open(path);
  if (!store) return failed(store.error());
  auto writer = (*store)->writer();
  if (!writer) return failed(writer.error());
  for (std::int64_t from = 1; from <= users; from += perCommit) {
    Status status;
    if (!(*writer)->run([&](store::WriteConnection& connection) {
          status = insert(connection, from, std::min(users, from + perCommit - 1));
        }))
      return failed({Code::unavailable, "the store's writer takes no work"});
    if (!status) return failed(status.error());
  }
  return 0;
}

int lookups(const std::string& path, std::int64_t users, int count) {
  store::StoreOptions options;
  options.readOnly = true;
  auto store = store::Store::open(path, options);
  if (!store) return failed(store.error());
  auto reader = (*store)->reader();
  if (!reader) return failed(reader.error());
  std::mt19937_64 random(1); // the same ones each time
  std::uniform_int_distribution<std::int64_t> any(1, users);
  std::vector<double> took;
  for (int i = 0; i < count; ++i) {
    const std::string login = nameOf(any(random));
    const auto begin = std::chrono::steady_clock::now();
    auto found = (*reader)->userByLogin(login);
    const std::chrono::duration<double, std::micro> time = std::chrono::steady_clock::now() - begin;
    if (!found) return failed(found.error());
    if (!found->record) return failed({Code::user_not_exist, login + " is not in the store"});
    took.push_back(time.count());
  }
  std::sort(took.begin(), took.end());
  std::printf("%.1f %.1f\n", took[took.size() / 2], took[took.size() * 99 / 100]);
  return 0;
}

} // namespace gatehouse::bench
