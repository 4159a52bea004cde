// Protects: what the commands that read manifests say and answer with. A plan shows each change with its sign
// and does nothing; apply does exactly that, once, and never unasked; mistakes come at their places, all at
// once; every end has the exit code that a pipeline tells apart.
#include "CommandFixture.h"
#include "DatabaseFixture.h"

#include "control/codec/JsonReader.h"

#include <poll.h>
#include <pty.h>
#include <sys/wait.h>

using namespace gatehouse;
using namespace gatehouse::test;

namespace {

constexpr std::string_view team =
    "roles:\n"
    "  - {name: helper, management: cluster_viewer}\n"
    "users:\n"
    "  - {name: eve, email: eve@example.com, auth_method: certificate,\n"
    "     certificate_subject_line: \"CN=eve, OU=dev, O=Example\", roles: [helper]}\n"
    "  - {name: mallory, auth_method: certificate,\n"
    "     certificate_subject_line: \"CN=mallory, OU=dev, O=Example\", roles: [helper]}\n";

Node parsed(const std::string& json) {
  auto node = control::readJson(json.ends_with('\n') ? json.substr(0, json.size() - 1) : json);
  CPPUNIT_ASSERT_MESSAGE((node ? std::string() : node.error().description) + '\n' + json, node.ok());
  return std::move(*node);
}

std::size_t itemsOf(const Node& node, std::string_view key) {
  const Node* list = node.find(key);
  CPPUNIT_ASSERT_MESSAGE(std::string(key), list && list->kind == Node::Kind::sequence);
  return list->items.size();
}

/// A command on a terminal that somebody types into.
class Typed {
public:
  explicit Typed(const std::vector<std::string>& words) {
    std::vector<char*> arguments;
    for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    pid_ = ::forkpty(&terminal_, nullptr, nullptr, nullptr);
    if (pid_ == 0) {
      ::execv(arguments[0], arguments.data());
      ::_exit(127);
    }
    CPPUNIT_ASSERT(pid_ > 0);
  }
  ~Typed() {
    if (pid_ > 0) {
      ::kill(pid_, SIGKILL);
      ::waitpid(pid_, nullptr, 0);
    }
    ::close(terminal_);
  }
  Typed(const Typed&) = delete;
  Typed& operator=(const Typed&) = delete;

  /// Waits until it has printed that.
  void waitFor(std::string_view text) {
    CPPUNIT_ASSERT_MESSAGE(said_, eventually([&] { return more(), said_.find(text) != std::string::npos; },
                                             std::chrono::minutes(1)));
  }
  void type(std::string_view text) {
    CPPUNIT_ASSERT_EQUAL(static_cast<ssize_t>(text.size()), ::write(terminal_, text.data(), text.size()));
  }
  int end() {
    int status = 0;
    CPPUNIT_ASSERT_MESSAGE(said_,
                           eventually([&] { return more(), ::waitpid(pid_, &status, WNOHANG) == pid_; },
                                      std::chrono::minutes(1)));
    pid_ = -1;
    more();
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }
  [[nodiscard]] const std::string& said() const noexcept { return said_; }

private:
  void more() {
    for (pollfd wish{terminal_, POLLIN, 0}; ::poll(&wish, 1, 0) > 0;) {
      char piece[4096];
      const ssize_t got = ::read(terminal_, piece, sizeof piece);
      if (got <= 0) return;
      said_.append(piece, static_cast<std::size_t>(got));
    }
  }

  int terminal_ = -1;
  pid_t pid_ = -1;
  std::string said_;
};

} // namespace

class ManifestCommandsTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(ManifestCommandsTest);
  CPPUNIT_TEST(testAPlanShowsEachObjectThatIsNewAndMakesNone);
  CPPUNIT_TEST(testWhatIsAppliedNeedsNothingMore);
  CPPUNIT_TEST(testEachChangeHasItsSign);
  CPPUNIT_TEST(testOnATerminalItAsksAndTakesNoForNo);
  CPPUNIT_TEST(testAStateThatMovedSinceThePlanIsLeftAlone);
  CPPUNIT_TEST(testJsonIsTheServersAnswerAndNothingElse);
  CPPUNIT_TEST(testMistakesComeTogetherAndAtTheirPlaces);
  CPPUNIT_TEST(testWhatOnlyTheServerKnowsComesAtItsPlaceToo);
  CPPUNIT_TEST(testOfflineFormAndReferencesAreProvenWithoutSecrets);
  CPPUNIT_TEST(testWrongUsageAndWrongConfigurationHaveTheirCodes);
  CPPUNIT_TEST(testAnAclFileBecomesAManifestThatIsGood);
  CPPUNIT_TEST(testSettingsThatKeepEverybodyOutAreUndone);
  CPPUNIT_TEST(testALockEndsAndAPasswordComesFromAFile);
  CPPUNIT_TEST_SUITE_END();

public:
  void setUp() override { house_ = std::make_unique<House>(); }
  void tearDown() override { house_.reset(); }

  void testAPlanShowsEachObjectThatIsNewAndMakesNone() {
    write(team);
    const CommandRun plan = run({"plan", file()});
    expectCode(2, plan);
    for (const char* part : {"+ roles/helper  (", "    management: cluster_viewer\n", "+ users/eve  (",
                             "    certificate_subject_line: CN=eve, OU=dev, O=Example\n",
                             "    roles: [helper]\n", "+ users/mallory  (", "\n3 to make, on revision "})
      expectPart(part, plan.out);
    CPPUNIT_ASSERT_MESSAGE("a role comes before its users",
                           plan.out.find("roles/helper") < plan.out.find("users/eve"));
    CPPUNIT_ASSERT_EQUAL(std::string(), plan.err);
    expectNoPart("eve", house_->must("GET", "/v1/users"));
    expectNoPart("helper", house_->must("GET", "/v1/roles"));
  }

  void testWhatIsAppliedNeedsNothingMore() {
    write(team);
    const CommandRun applied = run({"apply", file(), "--yes"});
    expectCode(0, applied);
    expectPart("+ users/eve", applied.out);
    expectPart("Applied.\n", applied.out);
    CPPUNIT_ASSERT_EQUAL(200, house_->status(house_->pki.client("eve")));

    const CommandRun plan = run({"plan", file()});
    expectCode(0, plan);
    expectPart("Nothing to do: everything is as the manifests say.\n", plan.out);
    const std::string before = revision();
    expectCode(0, run({"apply", file(), "--yes"}));
    expectCode(0, run({"apply", file()})); // nobody need be asked
    CPPUNIT_ASSERT_EQUAL(before, revision());
    // Without FILEs it is what the configuration provisions.
    const CommandRun provisioned = run({"plan"});
    expectCode(0, provisioned);
    expectPart("? users/eve: no manifest names it any more; it stays", provisioned.out);
  }

  void testEachChangeHasItsSign() {
    write(team);
    expectCode(0, run({"apply", file(), "--yes"}));
    const std::string provision = house_->server.folder() / "provision/10-test.yaml";
    house_->must("POST", "/v1/roles", R"({"name":"gardener","management":"none"})");
    write("roles:\n"
          "  - {name: assistant, renamed_from: helper, management: cluster_viewer}\n"
          "  - {name: gardener, management: none}\n"
          "  - {name: porter, management: none}\n"
          "users:\n"
          "  - {name: eve, email: evelyn@example.com, roles: [assistant]}\n");
    const CommandRun plan = run({"plan", provision, file(), "--prune", "--adopt", "gardener"});
    expectCode(2, plan);
    for (const char* part : {"+ roles/porter", "-> roles/helper -> assistant", "~ users/eve",
                             "    email: eve@example.com -> evelyn@example.com\n",
                             "- users/mallory  (no manifest names it any more)", "~ roles/gardener",
                             " to make", " to change", " to remove", "1 to rename", "1 to take over"})
      expectPart(part, plan.out);
    expectCode(0, run({"apply", provision, file(), "--prune", "--adopt", "gardener", "--yes"}));
    expectCode(0, run({"plan", provision, file(), "--prune"}));
    CPPUNIT_ASSERT_EQUAL(401, house_->status(house_->pki.client("mallory")));
    CPPUNIT_ASSERT_EQUAL(std::string("cluster_viewer"), house_->roleOf(house_->pki.client("eve")));
  }

  void testOnATerminalItAsksAndTakesNoForNo() {
    write(team);
    for (const auto& [answer, code] : {std::pair("\n", 1), std::pair("no\n", 1), std::pair("y\n", 0)}) {
      Typed typed(words({"apply", file()}));
      typed.waitFor("Apply this? (y/N)");
      expectPart("+ users/eve", typed.said());
      typed.type(answer);
      CPPUNIT_ASSERT_EQUAL_MESSAGE(typed.said(), code, typed.end());
      CPPUNIT_ASSERT_EQUAL(code == 0 ? 200 : 401, house_->status(house_->pki.client("eve")));
    }
  }

  void testAStateThatMovedSinceThePlanIsLeftAlone() { // R20: what is applied is what was shown
    write(team);
    Typed typed(words({"apply", file()}));
    typed.waitFor("Apply this? (y/N)");
    house_->must("POST", "/v1/roles", R"({"name":"meanwhile","management":"none"})");
    typed.type("y\n");
    CPPUNIT_ASSERT_EQUAL_MESSAGE(typed.said(), 1, typed.end());
    expectPart("plan again", typed.said());
    expectNoPart("helper", house_->must("GET", "/v1/roles"));

    const HttpAnswer late =
        house_->control("POST", "/v1/apply", R"({"manifest":{"roles":[{"name":"late"}]},"revision":1})");
    CPPUNIT_ASSERT_EQUAL(412, late.status);
    expectPart("precondition_failed", late.body);
  }

  void testJsonIsTheServersAnswerAndNothingElse() {
    write(team);
    const CommandRun plan = run({"plan", file(), "--json", "--impact"});
    expectCode(2, plan);
    const Node planned = parsed(plan.out);
    CPPUNIT_ASSERT_EQUAL(std::size_t{3}, itemsOf(planned, "changes"));
    CPPUNIT_ASSERT_EQUAL(std::string("create"), planned.find("changes")->items[0].find("action")->text);
    for (const char* key : {"held", "not_owned", "destroys", "drift"})
      CPPUNIT_ASSERT_EQUAL(std::size_t{0}, itemsOf(planned, key));
    CPPUNIT_ASSERT(planned.find("impact") != nullptr);

    const CommandRun applied = run({"apply", file(), "--json", "--yes"});
    expectCode(0, applied);
    const Node made = parsed(applied.out);
    CPPUNIT_ASSERT_EQUAL(std::size_t{3}, itemsOf(made, "changes"));
    CPPUNIT_ASSERT_EQUAL(revision(), made.find("revision")->text);

    const CommandRun settled = run({"plan", file(), "--json"});
    expectCode(0, settled);
    CPPUNIT_ASSERT_EQUAL(std::size_t{0}, itemsOf(parsed(settled.out), "changes"));
  }

  void testMistakesComeTogetherAndAtTheirPlaces() {
    write("roles:\n"
          "  - {name: helper, managment: admin}\n"
          "users:\n"
          "  - {name: eve, auth_method: certificat, roles: [nowhere]}\n"
          "  - {name: job, password: plain}\n");
    const std::string before = revision();
    for (const char* verb : {"plan", "apply"}) {
      const CommandRun wrong = run({verb, file()});
      expectCode(1, wrong);
      for (const char* part :
           {":2:20: roles[0].managment: ", "did you mean `management`?", ":4:30: users[0].auth_method: ",
            ":4:50: users[0].roles[0]: there is no role `nowhere`", ":5:27: users[1].password: "})
        expectPart(part, wrong.err);
      expectPart(file() + ":2:", wrong.err);
      CPPUNIT_ASSERT_EQUAL(std::string(), wrong.out);
    }
    write("roles: [\n");
    const CommandRun torn = run({"plan", file()});
    expectCode(1, torn);
    expectPart(file() + ":2:", torn.err);
    const CommandRun none = run({"plan", file() + ".not"});
    expectCode(1, none);
    expectPart("there is no such file", none.err);
    CPPUNIT_ASSERT_EQUAL(before, revision());
  }

  void testWhatOnlyTheServerKnowsComesAtItsPlaceToo() {
    write("roles:\n"
          "  - {name: helper, management: none}\n"
          "users:\n"
          "  - {name: eve, auth_method: certificate, certificate_subject_line: \"CN=x\", roles: [helper]}\n"
          "  - {name: bob, auth_method: certificate, certificate_subject_line: \"CN=x\", roles: [helper]}\n");
    const std::string before = revision();
    const CommandRun wrong = run({"apply", file(), "--yes"});
    expectCode(1, wrong);
    expectPart(file() + ":5:", wrong.err);
    CPPUNIT_ASSERT_EQUAL(before, revision()); // all or nothing
  }

  void testOfflineFormAndReferencesAreProvenWithoutSecrets() {
    write(std::string(team) + "  - {name: job, password: {file: nowhere/job.txt}, roles: [helper]}\n"
                              "  - {name: cron, password: {env: CRON_PASSWORD}, roles: [helper]}\n");
    const CommandRun good = command({"check", "--offline", file()}); // no configuration, no store
    expectCode(0, good);
    expectPart(":8:27: users[2].password: not opened: file nowhere/job.txt\n", good.out);
    expectPart(":9:28: users[3].password: not opened: env CRON_PASSWORD\n", good.out);
    expectPart("1 manifest: form and references are good\n", good.out);

    write("users:\n  - {name: eve, roles: [nowhere]}\nredis_acls:\n  - {name: broken, acl: \"+@read (\"}\n");
    const CommandRun bad = command({"check", "--offline", file()});
    expectCode(78, bad);
    expectPart(file() + ":2:", bad.err);
    expectPart("there is no role `nowhere`", bad.err);
    expectPart(file() + ":4:", bad.err);
  }

  void testWrongUsageAndWrongConfigurationHaveTheirCodes() {
    write(team);
    const std::string bare = house_->server.folder().write("bare.yaml", bareConfiguration());
    for (const std::vector<std::string>& wrong : std::vector<std::vector<std::string>>{
             {"plan", "--config", bare}, // neither FILEs nor provision.files
             {"plan", file(), "--yes", "--config", bare},
             {"plan", file(), "--server", "https://localhost:1", "--config", bare},
             {"apply", file(), "--purge", "--config", bare},
             {"export", file(), "--config", bare},
             {"cluster", "set", "smtp_prot=25", "--config", bare},
             {"cluster", "set", "smtp_port", "--config", bare},
             {"user", "forget", "eve", "--config", bare},
             {"import", "csv", file()},
             {"check", "--offline"}}) {
      const CommandRun run = command(wrong);
      expectCode(64, run);
      CPPUNIT_ASSERT_MESSAGE(wrong[0], !run.err.empty());
    }
    const std::string broken =
        house_->server.folder().write("broken.yaml", bareConfiguration() + "provison: {}\n");
    for (const char* verb : {"plan", "apply"}) {
      const CommandRun run = command({verb, file(), "--config", broken});
      expectCode(78, run);
      expectPart("provison", run.err);
    }
    expectCode(78, command({"export", "--config", broken + ".not"}));
    expectNoPart("helper", house_->must("GET", "/v1/roles"));
  }

  void testAnAclFileBecomesAManifestThatIsGood() {
    house_ = std::make_unique<DatabaseHouse>(); // Redis is asked about each command of an ACL
    const std::string acl =
        house_->server.folder().write("users.acl", "user default off\n"
                                                   "user alice on >secret ~cache:* +@read\n"
                                                   "user bob on nopass ~* +@all\n"
                                                   "user carl off ~* +@all\n");
    const CommandRun import = command({"import", "aclfile", acl});
    expectCode(0, import);
    expectPart("2 users carried over", import.err);
    for (const char* part : {"nopass", "carl", "SHA-256"}) expectPart(part, import.err);
    expectNoPart("secret", import.out);
    write(import.out);
    expectCode(0, command({"check", "--offline", file()}));
    const CommandRun applied = run({"apply", file(), "--yes"});
    expectCode(0, applied);
    expectPart("+ redis_acls/alice", applied.out);
    expectPart(R"("acl":"~cache:* +@read")", house_->must("GET", "/v1/redis_acls"));
    const std::string users = house_->must("GET", "/v1/users");
    expectPart("\"name\":\"bob\"", users);
    expectNoPart("carl", users);
    expectCode(1, command({"import", "aclfile", acl + ".not"}));
  }

  void testSettingsThatKeepEverybodyOutAreUndone() {
    CPPUNIT_ASSERT_EQUAL(200, house_->status(keeper()));
    expectCode(0, run({"cluster", "set", "control_plane_basic_authentication=false"}));
    CPPUNIT_ASSERT_EQUAL(401, house_->status(keeper()));
    const CommandRun undone =
        run({"cluster", "set", "control_plane_basic_authentication=true", "min_control_TLS_version=1.3"});
    expectCode(0, undone);
    CPPUNIT_ASSERT_EQUAL(200, house_->status(keeper()));
    expectPart(R"("min_control_TLS_version":"1.3")", house_->must("GET", "/v1/cluster"));
    const CommandRun refused = run({"cluster", "set", "smtp_port=many"});
    CPPUNIT_ASSERT_MESSAGE(refused.all(), refused.code == 1 || refused.code == 64);
    expectPart("smtp_port", refused.err);
  }

  void testALockEndsAndAPasswordComesFromAFile() {
    const std::string wrong = randomName("wrong-");
    for (int i = 0; i < 6; ++i) CPPUNIT_ASSERT_EQUAL(401, house_->status({basic(house_->keeper, wrong)}));
    CPPUNIT_ASSERT_EQUAL(401, house_->status(keeper())); // locked out
    const CommandRun unlocked = run({"user", "unlock", house_->keeper});
    expectCode(0, unlocked);
    CPPUNIT_ASSERT_EQUAL(std::string(), unlocked.out);
    CPPUNIT_ASSERT_EQUAL(200, house_->status(keeper()));

    const std::string next = randomName("Another-1n-");
    const std::string path = house_->server.folder().write("next.txt", next + '\n');
    const CommandRun reset = run({"user", "reset", house_->keeper, "--password-file", path});
    expectCode(0, reset);
    expectNoPart(next, reset.all());
    CPPUNIT_ASSERT_EQUAL(200, house_->status({basic(house_->keeper, next)}));
    CPPUNIT_ASSERT_EQUAL(401, house_->status(keeper()));
  }

private:
  void write(std::string_view text) { house_->server.folder().write("team.yaml", text); }
  [[nodiscard]] std::string file() const { return house_->server.folder() / "team.yaml"; }
  [[nodiscard]] CommandRun run(std::vector<std::string> words) const {
    return command(house_->server, std::move(words));
  }
  [[nodiscard]] std::vector<std::string> words(std::vector<std::string> of) const {
    of.insert(of.begin(), builtProgram());
    of.insert(of.end(), {"--config", house_->server.configFile()});
    return of;
  }
  [[nodiscard]] HttpFields keeper() const { return {basic(house_->keeper, house_->keeperPassword)}; }
  std::string revision() {
    return valueIn(house_->must("POST", "/v1/plan", R"({"manifest":{}})"), "revision");
  }
  /// The house's, but it provisions nothing.
  [[nodiscard]] std::string bareConfiguration() const {
    std::string text = readFile(house_->server.configFile());
    text.erase(text.find("provision: {"),
               text.find('\n', text.find("provision: {")) - text.find("provision: {"));
    return text;
  }

  std::unique_ptr<House> house_;
};

CPPUNIT_TEST_SUITE_REGISTRATION(ManifestCommandsTest);
