#pragma once
#include "ManagementFixture.h"

#include <string>

namespace gatehouse::test {

/// A management that is asked to plan and apply manifests over REST.
class ManifestFixture : public ManagementFixture {
protected:
  /// `options`: members of the options, as `"prune":"owned"`.
  control::Answer plan(const std::string& manifest, const std::string& options = {}) {
    return root("POST", "/v1/plan", body(manifest, options) + '}');
  }
  control::Answer applyAt(model::Revision at, const std::string& manifest, const std::string& options = {}) {
    return root("POST", "/v1/apply", body(manifest, options) + ",\"revision\":" + std::to_string(at) + '}');
  }
  control::Answer apply(const std::string& manifest, const std::string& options = {}) {
    return applyAt(revision(), manifest, options);
  }
  /// A plan says that nothing would change.
  void expectSettled(const std::string& manifest, const std::string& options = {}) {
    expectOk(plan(manifest, options), R"("changes":[])");
  }
  /// The JSON text of a list of the answer: "held".
  [[nodiscard]] static std::string list(const control::Answer& answer, const std::string& name) {
    const std::size_t begin = answer.body.find('"' + name + "\":[");
    CPPUNIT_ASSERT_MESSAGE(answer.body, begin != std::string::npos);
    int depth = 0;
    for (std::size_t i = begin + name.size() + 3; i < answer.body.size(); ++i) {
      if (answer.body[i] == '[') ++depth;
      if (answer.body[i] == ']' && --depth == 0)
        return answer.body.substr(begin + name.size() + 3, i - begin - name.size() - 2);
    }
    CPPUNIT_FAIL(answer.body);
    return {};
  }
  static void expectIn(const control::Answer& answer, const std::string& name, const std::string& part) {
    expectOk(answer);
    const std::string text = list(answer, name);
    CPPUNIT_ASSERT_MESSAGE(answer.body + " has in " + name + " no " + part,
                           text.find(part) != std::string::npos);
  }
  [[nodiscard]] std::string exported() {
    control::Answer answer = root("GET", "/v1/manifest");
    expectOk(answer);
    CPPUNIT_ASSERT(answer.listing);
    std::string out;
    while (true) {
      auto more = answer.listing->next(*reader_, out);
      CPPUNIT_ASSERT_MESSAGE(more ? "" : more.error().description, more.ok());
      if (!*more) return out;
    }
  }
  [[nodiscard]] std::shared_ptr<const store::UserRecord> userNamed(const std::string& name) {
    return reader_->userByLogin(name).value().record;
  }
  /// Another management over the same store, as after a start.
  void restart(control::Provisioning::Mode mode, const std::vector<std::string>& files, bool prune = false) {
    management_ = std::make_unique<control::Management>(*store_, *writer_, *serving_, clock_, events_,
                                                        control::NodeFacts{"gw1.example.com", 9443});
    auto policy = management_->start({mode, files, prune});
    CPPUNIT_ASSERT_MESSAGE(policy ? "" : policy.error().description, policy.ok());
    serving_->inForce = *policy;
  }

private:
  static std::string body(const std::string& manifest, const std::string& options) {
    return R"({"manifest":)" + manifest + R"(,"options":{)" + options + '}';
  }
};

} // namespace gatehouse::test
