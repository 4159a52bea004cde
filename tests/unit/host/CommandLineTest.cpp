// Protects: what people type. A word that is not understood must never become another command, and help must
// teach.
#include "host/CommandLine.h"
#include "host/Application.h"
#include "support/TempFolder.h"

#include <cppunit/extensions/HelperMacros.h>

#include <sstream>

using namespace gatehouse;
using namespace gatehouse::host;
using namespace std::string_literals;

class CommandLineTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(CommandLineTest);
  CPPUNIT_TEST(testEachCommandTakesItsOptionsAndNoOthers);
  CPPUNIT_TEST(testConfigMayBeWrittenEitherWay);
  CPPUNIT_TEST(testWhatPlanAndApplyAreTold);
  CPPUNIT_TEST(testAServerElsewhereIsProvenOnBothSides);
  CPPUNIT_TEST(testWordsBehindACommandMustFit);
  CPPUNIT_TEST(testMistypedWordsAreToldApart);
  CPPUNIT_TEST(testHelpTeachesEveryCommand);
  CPPUNIT_TEST(testExitCodesTellWhoIsToBlame);
  CPPUNIT_TEST_SUITE_END();

  static std::string refusal(const std::vector<std::string>& arguments) {
    const auto line = readCommandLine(arguments);
    CPPUNIT_ASSERT(!line);
    return line.error().description;
  }
  struct Ran {
    int code;
    std::string out, err;
  };
  static Ran ran(const std::vector<std::string>& arguments) {
    std::ostringstream out, err;
    const int code = run(arguments, {out, err});
    return {code, out.str(), err.str()};
  }

public:
  void testEachCommandTakesItsOptionsAndNoOthers() {
    CPPUNIT_ASSERT(readCommandLine({"serve", "--new-store"}).value().newStore);
    CPPUNIT_ASSERT(readCommandLine({"check", "--json"}).value().json);
    CPPUNIT_ASSERT(readCommandLine({"plugins", "--json", "--config=x"}).value().json);
    CPPUNIT_ASSERT_EQUAL("/etc/gatehouse/gatehouse.yaml"s, readCommandLine({"migrate"}).value().config);
    CPPUNIT_ASSERT_EQUAL("unknown option `--json`; `gatehouse serve --help` lists them"s,
                         refusal({"serve", "--json"}));
    CPPUNIT_ASSERT_EQUAL("unknown option `--new-store`; `gatehouse check --help` lists them"s,
                         refusal({"check", "--new-store"}));
    CPPUNIT_ASSERT_EQUAL("unknown option `--config`; `gatehouse version --help` lists them"s,
                         refusal({"version", "--config", "x"}));
  }
  void testConfigMayBeWrittenEitherWay() {
    for (const std::vector<std::string>& words :
         {std::vector<std::string>{"--config", "a b"}, {"--config=a b"}, {"-ca b"}, {"-c", "a b"}}) {
      std::vector<std::string> arguments = {"check"};
      arguments.insert(arguments.end(), words.begin(), words.end());
      CPPUNIT_ASSERT_EQUAL("a b"s, readCommandLine(arguments).value().config);
    }
    CPPUNIT_ASSERT_EQUAL("`--config` needs a value"s, refusal({"check", "--config"}));
  }
  void testWhatPlanAndApplyAreTold() {
    const CommandLine line =
        readCommandLine({"apply", "a.yaml", "--prune", "--adopt", "ada", "--adopt=job", "--destroy", "cache",
                         "--force", "--release", "x", "-y", "b.yaml"})
            .value();
    CPPUNIT_ASSERT(line.prune && line.yes && !line.impact);
    CPPUNIT_ASSERT((line.arguments == std::vector<std::string>{"a.yaml", "b.yaml"}));
    CPPUNIT_ASSERT((line.adopt == std::vector<std::string>{"ada", "job"}));
    CPPUNIT_ASSERT_EQUAL("cache"s, line.destroy.at(0));
    CPPUNIT_ASSERT(line.force && readCommandLine({"plan", "--force", "a.yaml"})->force);
    CPPUNIT_ASSERT_EQUAL("x"s, line.release.at(0));
    CPPUNIT_ASSERT_EQUAL("unknown option `--yes`; `gatehouse plan --help` lists them"s,
                         refusal({"plan", "--yes"}));
    CPPUNIT_ASSERT(refusal({"apply", "--json"}).find("--yes") !=
                   std::string::npos); // nobody is asked amid JSON
  }
  void testAServerElsewhereIsProvenOnBothSides() {
    const std::vector<std::string> all = {"plan",  "a.yaml", "--server", "https://gw:9443", "--cert",
                                          "c.pem", "--key",  "c.key",    "--cacert",        "ca.pem"};
    CPPUNIT_ASSERT_EQUAL("https://gw:9443"s, readCommandLine(all).value().server.url);
    for (const std::size_t left : {2U, 4U, 6U, 8U}) { // without any one of the four
      std::vector<std::string> some = all;
      some.erase(some.begin() + left, some.begin() + left + 2);
      CPPUNIT_ASSERT(refusal(some).find("--server") != std::string::npos);
    }
    CPPUNIT_ASSERT_EQUAL("unknown option `--insecure`; `gatehouse plan --help` lists them"s,
                         refusal({"plan", "--insecure"}));
    CPPUNIT_ASSERT(refusal({"plan", "--server", "a", "--server", "b"}).find("twice") != std::string::npos);
  }
  void testWordsBehindACommandMustFit() {
    CPPUNIT_ASSERT_EQUAL("`gatehouse user` wants: reset|unlock NAME"s, refusal({"user", "reset"}));
    CPPUNIT_ASSERT_EQUAL("`gatehouse user` knows no `delete`"s, refusal({"user", "delete", "ada"}));
    CPPUNIT_ASSERT_EQUAL("unexpected argument `eve`"s, refusal({"user", "reset", "ada", "eve"}));
    CPPUNIT_ASSERT_EQUAL("`gatehouse import` knows no `rdb`"s, refusal({"import", "rdb", "x"}));
    CPPUNIT_ASSERT(refusal({"check", "a.yaml"}).find("--offline") != std::string::npos);
    CPPUNIT_ASSERT(readCommandLine({"check", "--offline", "a.yaml"}).ok());
    CPPUNIT_ASSERT(readCommandLine({"user", "--help"}).value().help); // asked before it is judged
  }
  void testMistypedWordsAreToldApart() {
    CPPUNIT_ASSERT_EQUAL("unknown command `serv`; did you mean `serve`?"s, refusal({"serv"}));
    CPPUNIT_ASSERT_EQUAL("unknown command `dance`"s, refusal({"dance"}));
    CPPUNIT_ASSERT_EQUAL("a command is missing"s, refusal({}));
    CPPUNIT_ASSERT_EQUAL("unexpected argument `now`"s, refusal({"serve", "now"}));
    CPPUNIT_ASSERT_EQUAL("unexpected argument `check`"s, refusal({"serve", "--", "check"}));
    CPPUNIT_ASSERT_EQUAL("unknown option `--nope\\x0a`; `gatehouse serve --help` lists them"s,
                         refusal({"serve", "--nope\n"}));
    CPPUNIT_ASSERT_EQUAL("unknown option `--config`"s,
                         refusal({"--config", "x", "serve"})); // the command comes first
    CPPUNIT_ASSERT_EQUAL("`--json=yes` takes no value"s, refusal({"check", "--json=yes"}));
  }
  void testHelpTeachesEveryCommand() {
    const std::string all = ran({"--help"}).out;
    for (const std::string& command : {"serve"s, "check"s, "plan"s, "apply"s, "export"s, "import"s, "user"s,
                                       "cluster"s, "migrate"s, "plugins"s, "version"s}) {
      CPPUNIT_ASSERT(all.find("  " + command + ' ') != std::string::npos);
      const Ran one = ran({command, "--help"});
      CPPUNIT_ASSERT_EQUAL(0, one.code);
      CPPUNIT_ASSERT(one.out.find("Example") != std::string::npos &&
                     one.out.find("gatehouse " + command, one.out.find("Example")) != std::string::npos);
      CPPUNIT_ASSERT_EQUAL(one.out, ran({"help", command}).out);
    }
    CPPUNIT_ASSERT_EQUAL(all, ran({"help"}).out);
    CPPUNIT_ASSERT_EQUAL(all, ran({"-h"}).out);
  }
  void testExitCodesTellWhoIsToBlame() {
    const test::TempFolder folder;
    CPPUNIT_ASSERT_EQUAL(64, ran({}).code);
    CPPUNIT_ASSERT_EQUAL(64, ran({"serve", "--what"}).code);
    const Ran missing = ran({"check", "--config", folder / "none.yaml"});
    CPPUNIT_ASSERT_EQUAL(78, missing.code);
    CPPUNIT_ASSERT(missing.err.find("--config") != std::string::npos);
    const Ran wrong = ran({"serve", "--config", folder.write("g.yaml", "nod: {}\nworkers: many\n")});
    CPPUNIT_ASSERT_EQUAL(78, wrong.code);
    CPPUNIT_ASSERT(wrong.err.find("g.yaml:1:1: unknown key `nod`; did you mean `node`?\n") !=
                   std::string::npos);
    CPPUNIT_ASSERT(wrong.err.find("g.yaml:2:10: workers: must be a whole number from 0 to 256\n") !=
                   std::string::npos);
    const Ran version = ran({"version"});
    CPPUNIT_ASSERT(version.code == 0 && version.out.starts_with("gatehouse ") &&
                   version.out == ran({"--version"}).out);
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(CommandLineTest);
