#include "plugin/contract/ProcessState.h"

#include "plugin/contract/Findings.h"

#include <clocale>
#include <csignal>
#include <filesystem>
#include <iterator>
#include <system_error>
#include <unistd.h>

namespace gatehouse::plugin::contract {
namespace {

std::size_t entries(const char* folder) {
  std::error_code failed;
  return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(folder, failed),
                                                std::filesystem::directory_iterator()));
}

} // namespace

bool ProcessState::moreThreads() const { return entries("/proc/self/task") > threads_; }

ProcessState ProcessState::now() {
  ProcessState state;
  state.threads_ = entries("/proc/self/task");
  state.descriptors_ = entries("/proc/self/fd");
  std::error_code failed;
  state.folder_ = std::filesystem::current_path(failed).string();
  const char* locale = std::setlocale(LC_ALL, nullptr);
  state.locale_ = locale != nullptr ? locale : "";
  for (char** one = ::environ; one != nullptr && *one != nullptr; ++one)
    state.environment_.emplace_back(*one);
  for (int signal = 1; signal < 32; ++signal) {
    struct sigaction action {};
    ::sigaction(signal, nullptr, &action);
    state.handlers_.push_back(reinterpret_cast<void*>(action.sa_handler));
  }
  return state;
}

void ProcessState::compare(std::string_view what) const {
  const ProcessState after = now();
  const auto changed = [&](bool is, const char* rule, const char* which) {
    if (is) findings::add(rule, std::string(what) + " has a side effect: it " + which);
  };
  changed(after.threads_ > threads_, "threads", "made a thread");
  changed(after.descriptors_ > descriptors_, "side-effects", "left a file or socket open");
  changed(after.folder_ != folder_, "side-effects", "changed the working directory");
  changed(after.locale_ != locale_, "side-effects", "changed the locale");
  changed(after.environment_ != environment_, "side-effects", "changed the environment");
  changed(after.handlers_ != handlers_, "side-effects", "changed how a signal is handled");
}

} // namespace gatehouse::plugin::contract
