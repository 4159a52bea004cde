// The small decisions in an engine's life: when it is tried again, how it is ended, when silence is the end,
// how a running one is changed, and what its log may cost.
#include "ScriptedAdmin.h"

#include "engine/Backoff.h"
#include "engine/EngineLog.h"
#include "engine/LiveChange.h"
#include "engine/Silence.h"
#include "engine/StopLadder.h"
#include "support/ManualClock.h"

#include <cppunit/extensions/HelperMacros.h>

using namespace gatehouse;
using namespace gatehouse::engine;
using gatehouse::test::ManualClock;
using gatehouse::test::ScriptedAdmin;
using model::Persistence;
using Act = StopLadder::Act;

namespace {

class LinesKept final : public EventSink {
public:
  void record(const Event& event) noexcept override { lines.push_back(event.line()); }
  [[nodiscard]] bool wants(Level) const noexcept override { return true; }
  std::vector<std::string> lines;
};

std::string info(const char* saves, const char* saving, const char* rewriting, const char* enabled = "1",
                 const char* rewritten = "ok") {
  return std::string("# Persistence\r\nrdb_bgsave_in_progress:") + saving + "\r\nrdb_saves:" + saves +
         "\r\naof_enabled:" + enabled + "\r\naof_rewrite_in_progress:" + rewriting +
         "\r\naof_rewrite_scheduled:0\r\naof_last_bgrewrite_status:" + rewritten + "\r\n";
}

} // namespace

class EngineStepsTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(EngineStepsTest);
  CPPUNIT_TEST(triesAgainLaterAndLater);
  CPPUNIT_TEST(asksBeforeItEnds);
  CPPUNIT_TEST(waitsAsLongAsItSaves);
  CPPUNIT_TEST(anAppendOnlyFileOutlivesAStuckScript);
  CPPUNIT_TEST(aScriptIsKilledForASnapshot);
  CPPUNIT_TEST(wakesTheFrozen);
  CPPUNIT_TEST(withoutALinkASignalAsks);
  CPPUNIT_TEST(onlyTheFrozenAreGivenUp);
  CPPUNIT_TEST(theDataThatLieThereSayHowToStart);
  CPPUNIT_TEST(aChangeOfNumbersIsOneCommand);
  CPPUNIT_TEST(anAppendOnlyFileIsWholeBeforeItCounts);
  CPPUNIT_TEST(aSnapshotIsSavedBeforeTheAppendOnlyFileGoes);
  CPPUNIT_TEST(aSaveThatFailsIsTriedAgain);
  CPPUNIT_TEST(aChangeThatIsRefusedSaysSo);
  CPPUNIT_TEST(answersAfterAChangesEndAreHarmless);
  CPPUNIT_TEST(aLogIsBoundedAndPrintable);
  CPPUNIT_TEST_SUITE_END();

  void triesAgainLaterAndLater() {
    Backoff backoff;
    for (const std::uint64_t expected : {250, 500, 1'000, 2'000, 4'000, 8'000, 16'000, 30'000, 30'000})
      CPPUNIT_ASSERT_EQUAL(expected, backoff.next(59'999));
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{250}, backoff.next(60'000));
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{500}, backoff.next(0));
  }

  /// What a ladder does from second to second; a letter each, nothing a dot.
  static std::string climb(StopLadder& ladder, std::uint64_t& now, int seconds,
                           const StopLadder::Seen& seen) {
    std::string did;
    for (int i = 0; i < seconds * 10; ++i, now += 100) {
      const Act act = ladder.next(now, seen);
      if (act != Act::nothing) did += ".sncwtk"[static_cast<std::size_t>(act)];
    }
    return did;
  }

  void asksBeforeItEnds() {
    std::uint64_t now = 1'000;
    StopLadder ladder(Persistence::aof, now);
    StopLadder::Seen seen;
    seen.linked = true;
    CPPUNIT_ASSERT_EQUAL(std::string("s"), climb(ladder, now, 10, seen));
    CPPUNIT_ASSERT_EQUAL(std::string("t"), climb(ladder, now, 59, seen));
    CPPUNIT_ASSERT_EQUAL(std::string("k"), climb(ladder, now, 10, seen));
  }

  void waitsAsLongAsItSaves() {
    std::uint64_t now = 1'000;
    StopLadder ladder(Persistence::snapshot, now);
    StopLadder::Seen seen;
    seen.linked = seen.grows = true;
    CPPUNIT_ASSERT_EQUAL(std::string("s"), climb(ladder, now, 3'600, seen));
  }

  void anAppendOnlyFileOutlivesAStuckScript() {
    std::uint64_t now = 1'000;
    StopLadder ladder(Persistence::aof, now);
    StopLadder::Seen seen;
    seen.linked = true;
    CPPUNIT_ASSERT_EQUAL(std::string("s"), climb(ladder, now, 1, seen));
    seen.answer = StopLadder::Answer::busy;
    const std::string did = climb(ladder, now, 6, seen);
    CPPUNIT_ASSERT_EQUAL(std::string("sssn"), did.substr(0, 4));
  }

  void aScriptIsKilledForASnapshot() {
    std::uint64_t now = 1'000;
    StopLadder ladder(Persistence::snapshot, now);
    StopLadder::Seen seen;
    seen.linked = true;
    CPPUNIT_ASSERT_EQUAL(std::string("s"), climb(ladder, now, 1, seen));
    seen.answer = StopLadder::Answer::busy;
    const std::string did = climb(ladder, now, 6, seen);
    CPPUNIT_ASSERT_EQUAL(std::string("cs"), did.substr(0, 2));
    CPPUNIT_ASSERT(did.find('n') == std::string::npos); // never without its save
  }

  void wakesTheFrozen() {
    std::uint64_t now = 1'000;
    StopLadder ladder(Persistence::aof, now);
    StopLadder::Seen seen;
    seen.frozen = seen.linked = true;
    CPPUNIT_ASSERT_EQUAL(std::string("wsw"), climb(ladder, now, 2, seen));
  }

  void withoutALinkASignalAsks() {
    std::uint64_t now = 1'000;
    StopLadder ladder(Persistence::aof, now);
    CPPUNIT_ASSERT_EQUAL(std::string("t"), climb(ladder, now, 60, {}));
    CPPUNIT_ASSERT_EQUAL(std::string("k"), climb(ladder, now, 9, {}));
  }

  void onlyTheFrozenAreGivenUp() {
    Silence silence;
    CPPUNIT_ASSERT(!silence.hopeless('T', 1'000'000)); // nothing was asked
    silence.asked(1'000);
    silence.asked(5'000); // the oldest counts
    CPPUNIT_ASSERT(!silence.toBeShown(5'999));
    CPPUNIT_ASSERT(silence.toBeShown(6'000));
    CPPUNIT_ASSERT(!silence.hopeless('R', 10'000'000)); // busy, however long
    CPPUNIT_ASSERT(!silence.hopeless('T', 10'000'000));
    CPPUNIT_ASSERT(!silence.hopeless('T', 10'059'999));
    CPPUNIT_ASSERT(silence.hopeless('T', 10'060'000));
    CPPUNIT_ASSERT(!silence.hopeless('S', 10'060'000)); // awake again
    CPPUNIT_ASSERT(!silence.hopeless('T', 10'060'000));
    silence.answered();
    CPPUNIT_ASSERT(!silence.hopeless('T', 20'000'000));
    CPPUNIT_ASSERT_EQUAL(std::uint64_t{0}, silence.lastedMs(20'000'000));
  }

  void theDataThatLieThereSayHowToStart() {
    for (const Persistence wanted : {Persistence::aof, Persistence::snapshot, Persistence::disabled}) {
      CPPUNIT_ASSERT(startPersistence({true, true}, wanted) == Persistence::aof);
      CPPUNIT_ASSERT(startPersistence({true, false}, wanted) == Persistence::aof);
      CPPUNIT_ASSERT(startPersistence({false, true}, wanted) == Persistence::snapshot);
      CPPUNIT_ASSERT(startPersistence({false, false}, wanted) == wanted);
    }
    CPPUNIT_ASSERT(!outdatedBy(Persistence::aof).appendOnly && !outdatedBy(Persistence::aof).snapshot);
    CPPUNIT_ASSERT(!outdatedBy(Persistence::snapshot).snapshot);
  }

  // ---- changes

  ManualClock clock_;
  std::unique_ptr<transport::EventLoop> loop_ = transport::EventLoop::create(clock_).value();
  ScriptedAdmin admin_;
  std::string end_; // of the change: done, refused
  bool dropped_ = false;

  static EngineSpec keeping(Persistence persistence) {
    EngineSpec spec;
    spec.memorySize = 1'000'000;
    spec.persistence = persistence;
    return spec;
  }

  std::unique_ptr<LiveChange> change(const EngineSpec& from, const EngineSpec& to) {
    end_.clear();
    dropped_ = false;
    auto made = std::make_unique<LiveChange>(
        *loop_, admin_, from, to,
        [this]() -> Status {
          dropped_ = true;
          return {};
        },
        [this](LiveChange::Outcome outcome, const std::string& why) {
          end_ = outcome == LiveChange::Outcome::done ? "done" : "refused: " + why;
        });
    loop_->turn(0);
    made->start();
    return made;
  }

  void later() {
    clock_.advance(LiveChange::lookMs);
    loop_->turn(0);
  }

  void aChangeOfNumbersIsOneCommand() {
    EngineSpec to = keeping(Persistence::aof);
    to.memorySize = 2'000'000;
    const auto made = change(keeping(Persistence::aof), to);
    CPPUNIT_ASSERT(admin_.first().find("CONFIG SET maxmemory 2000000") == 0);
    admin_.error("BUSY Redis is busy");
    CPPUNIT_ASSERT(admin_.sent.empty());
    later();
    admin_.ok();
    CPPUNIT_ASSERT_EQUAL(std::string("done"), end_);
    CPPUNIT_ASSERT(admin_.sent.empty() && !dropped_);
  }

  void anAppendOnlyFileIsWholeBeforeItCounts() {
    const auto made = change(keeping(Persistence::snapshot), keeping(Persistence::aof));
    admin_.ok();
    for (const std::string& not_yet :
         {info("1", "0", "1"), info("1", "0", "0", "0"), info("1", "0", "0", "1", "err"), std::string()}) {
      CPPUNIT_ASSERT_EQUAL(std::string("INFO persistence"), admin_.first());
      admin_.bulk(not_yet);
      CPPUNIT_ASSERT(end_.empty());
      later();
    }
    admin_.bulk(info("1", "0", "0"));
    CPPUNIT_ASSERT_EQUAL(std::string("done"), end_);
    CPPUNIT_ASSERT(!dropped_);
  }

  void aSnapshotIsSavedBeforeTheAppendOnlyFileGoes() {
    const auto made = change(keeping(Persistence::aof), keeping(Persistence::snapshot));
    CPPUNIT_ASSERT_EQUAL(std::string("INFO persistence"), admin_.first());
    admin_.bulk(info("4", "0", "0"));
    CPPUNIT_ASSERT_EQUAL(std::string("BGSAVE SCHEDULE"), admin_.first());
    admin_.ok();
    later();
    admin_.bulk(info("4", "1", "0"));
    CPPUNIT_ASSERT(!dropped_);
    later();
    admin_.bulk(info("5", "0", "0"));
    later();
    CPPUNIT_ASSERT(admin_.first().find("CONFIG SET") == 0);
    CPPUNIT_ASSERT(admin_.first().find("appendonly no") != std::string::npos);
    CPPUNIT_ASSERT(!dropped_);
    admin_.ok();
    admin_.bulk(info("5", "0", "0", "0"));
    CPPUNIT_ASSERT(dropped_);
    CPPUNIT_ASSERT_EQUAL(std::string("done"), end_);
  }

  void aSaveThatFailsIsTriedAgain() {
    const auto made = change(keeping(Persistence::aof), keeping(Persistence::snapshot));
    admin_.bulk(info("4", "0", "0"));
    admin_.ok();
    later();
    admin_.bulk(info("4", "0", "0")); // neither saved nor saving: a full disk
    later();
    CPPUNIT_ASSERT_EQUAL(std::string("INFO persistence"), admin_.first());
    admin_.bulk(info("4", "0", "0"));
    CPPUNIT_ASSERT_EQUAL(std::string("BGSAVE SCHEDULE"), admin_.first());
    CPPUNIT_ASSERT(end_.empty() && !dropped_);
  }

  void aChangeThatIsRefusedSaysSo() {
    const auto made = change(keeping(Persistence::aof), keeping(Persistence::disabled));
    admin_.error("ERR CONFIG SET failed");
    CPPUNIT_ASSERT_EQUAL(std::string("refused: ERR CONFIG SET failed"), end_);
    CPPUNIT_ASSERT(!dropped_);
  }

  void answersAfterAChangesEndAreHarmless() {
    auto made = change(keeping(Persistence::aof), keeping(Persistence::snapshot));
    made.reset();
    admin_.bulk(info("4", "0", "0"));
    CPPUNIT_ASSERT(admin_.sent.empty() && end_.empty());
  }

  // ---- the log

  void aLogIsBoundedAndPrintable() {
    LinesKept kept;
    EngineLog log(kept, "cache");
    log.take("7:M 24 Nov 2026 10:00:00.000 # first\n7:M 24 Nov 2026 10:00:00.000 * sec", 1'000);
    log.take("ond\n\n\x1b[31mred\r\n", 1'000);
    CPPUNIT_ASSERT_EQUAL(std::size_t{3}, kept.lines.size());
    CPPUNIT_ASSERT(kept.lines[1].find("* second") != std::string::npos);
    for (const std::string& line : kept.lines) CPPUNIT_ASSERT(line.find('\x1b') == std::string::npos);
    CPPUNIT_ASSERT(log.last().find("# first | ") != std::string::npos);
    log.take(std::string(1'000'000, 'x'), 2'000); // a line without an end
    log.take("y\n", 2'000);
    CPPUNIT_ASSERT(kept.lines.back().size() < 700);
    CPPUNIT_ASSERT(kept.lines.back().find("xy") == std::string::npos);
    const std::size_t before = kept.lines.size();
    for (int i = 0; i < 100'000; ++i) log.take("again\n", 3'000);
    CPPUNIT_ASSERT_EQUAL(before + EngineLog::linesASecond, kept.lines.size());
    log.take("later\n", 4'000);
    CPPUNIT_ASSERT_EQUAL(before + EngineLog::linesASecond + 2, kept.lines.size()); // and how many were not
    log.begin();
    CPPUNIT_ASSERT(log.last().empty());
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(EngineStepsTest);
