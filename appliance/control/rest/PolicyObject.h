#pragma once
#include "control/rest/Resource.h"
#include "store/Reader.h"

#include <cstdint>
#include <utility>
#include <vector>

/// What REST does with the objects that are rows of the policy and no more: roles and Redis ACLs. Each names
/// where its rows are, and its changes.
namespace gatehouse::control {

/// All of them. `rows` and `object`: members of PolicyRows, and of one of its rows.
template <class Row, class T>
Result<Answer> listOf(store::Reader& reader, std::vector<Row> store::PolicyRows::*rows, T Row::*object) {
  auto policy = reader.policy();
  if (!policy) return std::move(policy).error();
  std::vector<model::View> views;
  for (const Row& row : (*policy).*rows) views.emplace_back(row.*object);
  Answer answer;
  encodeList(views, answer.body);
  return answer;
}

/// The one of the path, with its ETag. `missing`: what to answer where there is none.
template <class Row, class T>
Result<Answer> oneOf(const Reading& reading, store::Reader& reader, std::vector<Row> store::PolicyRows::*rows,
                     T Row::*object, Code missing) {
  auto policy = reader.policy();
  if (!policy) return std::move(policy).error();
  for (const Row& row : (*policy).*rows) {
    if ((row.*object).uid != uidOf(reading.parameter)) continue;
    Answer answer;
    answer.body = encode(model::View(row.*object));
    answer.fields.emplace_back("ETag", entityTag(row.revision));
    return answer;
  }
  return Error{missing, "there is no " + std::string(model::table<T>().word) + ' ' + reading.parameter};
}

template <class T>
Result<Task> creationOf(Node& body, Result<Outcome<T>> (*change)(Draft&, const Merge<T>&)) {
  Merge<T> merge = mergeOf<T>(keepBody(std::move(body)), true);
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
