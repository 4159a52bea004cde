// Compares what a client hears through the gateway with what a redis-server says that is reached directly.
//   differential --replay FILE...           each transcript of these corpus files, in both modes
//   differential --runs N [--seed S]        N transcripts that are made and damaged by a seeded generator
//   differential --print N [--seed S]       writes such transcripts as lines of a corpus file, and runs
//   nothing
// What must not be is printed with its transcript, as a line of a corpus file; the exit code is then 1.
#include "Sides.h"

#include <cppunit/Exception.h>

#include <chrono>
#include <csignal>
#include <cstring>
#include <iostream>
#include <stdexcept>
#include <utility>

using namespace gatehouse::differential;

namespace {

struct Wish {
  std::size_t runs = 0, print = 0;
  std::uint64_t seed = 0;
  std::vector<std::string> files;
  bool good = false;
};

Wish wishOf(int argc, char** argv) {
  Wish wish;
  wish.seed = std::random_device{}();
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (word == "--replay") {
      while (i + 1 < argc && std::strncmp(argv[i + 1], "--", 2) != 0) wish.files.emplace_back(argv[++i]);
    } else if (i + 1 < argc && (word == "--runs" || word == "--seed" || word == "--print")) {
      const std::uint64_t number = std::strtoull(argv[++i], nullptr, 10);
      if (word == "--seed")
        wish.seed = number;
      else
        (word == "--runs" ? wish.runs : wish.print) = number;
    } else {
      return wish;
    }
  }
  wish.good = wish.runs > 0 || wish.print > 0 || !wish.files.empty();
  return wish;
}

class Judge {
public:
  void look(Mode mode, const std::string& transcript) {
    const std::string before = std::exchange(last_, transcript);
    const Outcome outcome = [&] {
      try {
        return sides_.run(mode, transcript);
      } catch (const std::exception& error) {
        throw std::runtime_error(std::string(error.what()) + "\n  sent    " + written(transcript) +
                                 "\n  before  " + written(before));
      }
    }();
    const Form form = formOf(transcript);
    ++done;
    exact += form.exact() ? 1 : 0;
    const auto why = complaint(mode, transcript, outcome);
    if (!why) return;
    ++wrong;
    std::cout << "\nWRONG, " << (mode == Mode::password ? "password" : "certificate") << ": " << *why
              << "\n  sent    " << written(transcript);
    for (const auto& [name, said] :
         {std::pair("redis  ", &outcome.direct), std::pair("whole  ", &outcome.whole),
          std::pair("bytes  ", &outcome.bytes), std::pair("data   ", &outcome.directData),
          std::pair("       ", &outcome.wholeData), std::pair("       ", &outcome.bytesData)})
      std::cout << "\n  " << name << ' ' << written(std::string_view(*said).substr(0, 2'000));
    std::cout << std::endl;
  }
  [[nodiscard]] bool sound() { return sides_.sound(); }

  std::size_t done = 0, wrong = 0, exact = 0;

private:
  Sides sides_;
  std::string last_;
};

int run(const Wish& wish) {
  const auto begin = std::chrono::steady_clock::now();
  Judge judge;
  for (const std::string& file : wish.files)
    for (const std::string& transcript : readCorpus(file))
      for (const Mode mode : {Mode::password, Mode::certificate}) judge.look(mode, transcript);
  Maker maker(wish.seed);
  for (std::size_t i = 0; i < wish.runs && judge.wrong < 20; ++i) {
    const Mode mode = maker.coin() ? Mode::password : Mode::certificate;
    judge.look(mode, maker.next());
  }
  const bool sound = judge.sound();
  if (!sound) std::cout << "the gateway or an engine is not the one of the beginning\n";
  const auto ms =
      std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begin).count();
  std::cout << "differential: " << judge.done << " transcripts, " << judge.exact
            << " of them to be the same to the last byte, " << judge.wrong << " wrong, " << ms << " ms";
  if (wish.runs > 0) std::cout << ", --seed " << wish.seed;
  std::cout << std::endl;
  return sound && judge.wrong == 0 ? 0 : 1;
}

} // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  const Wish wish = wishOf(argc, argv);
  if (!wish.good) {
    std::cerr << "usage: differential --replay FILE... | --runs N [--seed S] | --print N [--seed S]\n";
    return 64;
  }
  if (wish.print > 0) {
    Maker maker(wish.seed);
    for (std::size_t i = 0; i < wish.print; ++i) std::cout << written(maker.next()) << '\n';
    return 0;
  }
  try {
    return run(wish);
  } catch (const CppUnit::Exception& error) {
    std::cout << error.what() << '\n' << error.message().details();
  } catch (const std::exception& error) {
    std::cout << error.what() << '\n';
  }
  std::cout << "differential: could not go on, --seed " << wish.seed << std::endl;
  return 1;
}
