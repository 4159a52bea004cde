// The main() of every CppUnit executable: runs the registered suites, or those whose name contains the
// argument.
#include <cppunit/BriefTestProgressListener.h>
#include <cppunit/CompilerOutputter.h>
#include <cppunit/TestResult.h>
#include <cppunit/TestResultCollector.h>
#include <cppunit/TestRunner.h>
#include <cppunit/extensions/TestFactoryRegistry.h>

#include <csignal>
#include <cstring>
#include <iostream>
#include <string>

namespace {

bool addMatching(CppUnit::TestRunner& runner, CppUnit::Test* test, const std::string& wanted) {
  if (test->getChildTestCount() == 0) {
    if (test->getName().find(wanted) == std::string::npos) return false;
    runner.addTest(test);
    return true;
  }
  bool any = false;
  for (int i = 0; i < test->getChildTestCount(); ++i)
    any |= addMatching(runner, test->getChildTestAt(i), wanted);
  return any;
}

} // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  CppUnit::TestResult events;
  CppUnit::TestResultCollector results;
  CppUnit::BriefTestProgressListener progress;
  events.addListener(&results);
  if (argc > 1) events.addListener(&progress);

  CppUnit::TestRunner runner;
  CppUnit::Test* all = CppUnit::TestFactoryRegistry::getRegistry().makeTest();
  if (argc > 1) {
    if (!addMatching(runner, all, argv[1])) {
      std::cerr << "no test's name contains '" << argv[1] << "'\n";
      return 2;
    }
    runner.run(events);
    CppUnit::CompilerOutputter(&results, std::cout).write();
    std::cout.flush();
    std::_Exit(results.wasSuccessful() ? 0 : 1); // the runner owns tests that the registry's suite owns too
  }
  runner.addTest(all);
  runner.run(events);
  CppUnit::CompilerOutputter(&results, std::cout).write();
  return results.wasSuccessful() && results.runTests() > 0 ? 0 : 1;
}
