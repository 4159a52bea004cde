// An authenticator that does what a test's settings say: accepts anybody, abstains, answers what no contract
// knows, throws, or holds a login until a file appears. It serves every method and reads all evidence, so
// that what it may not do is the host's decision alone (R1, R2).
#include "sdk/Plugin.h"

#include <chrono>
#include <stdexcept>
#include <string>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

#include <fcntl.h>

namespace {

using gatehouse::Answer;

bool exists(const std::string& path) {
  struct stat ignored {};
  return ::stat(path.c_str(), &ignored) == 0;
}

class Scripted final : public gatehouse::Authenticator {
public:
  static constexpr std::uint32_t runsOn = GH_RUNS_ON_CPU;
  static constexpr std::uint32_t evidence[] = {GH_EVIDENCE_PASSWORD, GH_EVIDENCE_CERTIFICATE};
  static constexpr const char* methods[] = {"regular", "certificate"};
  static constexpr gh_need needs[] = {gatehouse::require(GH_DIRECTORY)};
  static constexpr gh_setting settings[] = {
      gatehouse::integerSetting("verdict", "2", nullptr, -1, 1000, "The value to answer; -1: throws."),
      gatehouse::textSetting("accepts", "", 255,
                             "Accepts this user, whoever asks; `*`: whom the evidence names."),
      gatehouse::textSetting("hold", "", 255,
                             "Looks the user up, makes PATH.held, and waits until PATH appears."),
  };

  explicit Scripted(const gatehouse::Values& values)
      : verdict_(values.integer("verdict"))
      , accepts_(values.text("accepts"))
      , hold_(values.text("hold")) {}

  [[nodiscard]] Answer verify(const gh_evidence& presented,
                              const gatehouse::Directory& directory) const override {
    gatehouse::User user;
    bool found = false;
    if (!accepts_.empty()) {
      if (accepts_ != "*")
        found = directory.lookup(GH_KEY_LOGIN, accepts_, user) == GH_OK;
      else if (presented.kind == GH_EVIDENCE_PASSWORD)
        found = directory.lookup(GH_KEY_LOGIN, gatehouse::bytes(presented.login), user) == GH_OK;
      else
        found = directory.lookup(GH_KEY_SUBJECT, gatehouse::bytes(presented.subject_key), user) == GH_OK;
    }
    if (!hold_.empty()) waitForFile();
    if (found) return Answer::accept(user);
    if (verdict_ < 0) throw std::runtime_error("as the test asked");
    return {static_cast<std::uint32_t>(verdict_)};
  }

private:
  void waitForFile() const {
    if (exists(hold_)) return; // released for good
    const int fd = ::open((hold_ + ".held").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (fd >= 0) ::close(fd);
    const auto until =
        std::chrono::steady_clock::now() + std::chrono::seconds(9); // below a verdict's ceiling
    while (!exists(hold_) && std::chrono::steady_clock::now() < until)
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }

  std::int64_t verdict_;
  std::string accepts_, hold_;
};

} // namespace

GATEHOUSE_AUTHENTICATOR("scripted", "1.0", "Does what a test says.", Scripted)
