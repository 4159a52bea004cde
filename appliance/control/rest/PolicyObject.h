#pragma once
#include "control/rest/Resource.h"
#include "store/Reader.h"

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

/// What REST does with the objects that are rows of the policy and no more: roles and Redis ACLs. Each names
/// where its rows are, and its changes.
namespace gatehouse::control {

/// All of them. `read`: the Reader's; `object`: a member of one of its rows.
template <class Row, class T>
Result<Answer> listOf(const Reading& reading, store::Reader& reader,
                      Result<std::vector<Row>> (store::Reader::*read)(), T Row::*object) {
  auto rows = (reader.*read)();
  if (!rows) return std::move(rows).error();
  Answer answer;
  answer.body = "[";
  for (const Row& row : *rows) {
    if (&row != &rows->front()) answer.body += ',';
    encode(model::View(row.*object), answer.body, reading.fields);
  }
  answer.body += ']';
  return answer;
}

/// The one of the path, with its ETag. `missing`: what to answer where there is none.
template <class Row, class T>
Result<Answer> oneOf(const Reading& reading, store::Reader& reader,
                     Result<std::optional<Row>> (store::Reader::*read)(std::int64_t), T Row::*object,
                     Code missing) {
  auto row = (reader.*read)(uidOf(reading.parameter));
  if (!row) return std::move(row).error();
  if (!*row)
    return Error{missing, "there is no " + std::string(model::table<T>().word) + ' ' + reading.parameter};
  Answer answer;
  answer.body = encode(model::View((**row).*object), reading.fields);
  answer.fields.emplace_back("ETag", entityTag((*row)->revision));
  return answer;
}

template <class T>
Result<Task> creationOf(Node& body, Result<Outcome<T>> (*change)(Draft&, const Merge<T>&)) {
  auto uid = takeUid(body);
  if (!uid) return std::move(uid).error();
  Merge<T> merge = creatingMerge<T>(keepBody(std::move(body)), *uid);
  T tried; // what is wrong with the body is told before the writer is asked
  if (auto given = merge(tried); !given) return std::move(given).error();
  Task task;
  task.apply = [merge = std::move(merge), change](Draft& draft, const Enrolled&) -> Result<Written> {
    auto outcome = change(draft, merge);
    if (!outcome) return std::move(outcome).error();
    return answerOf(draft, std::move(*outcome), "create");
  };
  return task;
}

template <class T>
Result<Task> updateOf(const Reading& reading, Node& body,
                      Result<Outcome<T>> (*change)(Draft&, std::int64_t, const Merge<T>&)) {
  Task task;
  task.apply = [merge = mergeOf<T>(keepBody(std::move(body)), false), uid = uidOf(reading.parameter),
                change](Draft& draft, const Enrolled&) -> Result<Written> {
    auto outcome = change(draft, uid, merge);
    if (!outcome) return std::move(outcome).error();
    return answerOf(draft, std::move(*outcome), "update");
  };
  return task;
}

template <class T>
Result<Task> deletionOf(const Reading& reading, Status (*change)(Draft&, std::int64_t)) {
  Task task;
  task.apply = [uid = uidOf(reading.parameter), change](Draft& draft, const Enrolled&) -> Result<Written> {
    GH_TRY(change(draft, uid));
    return deletionAnswer(draft, model::table<T>(), uid);
  };
  return task;
}

} // namespace gatehouse::control
