// Knows of each object what its status is and what it should be, and names what to do next. Decides when a
// difference is worth a write: what is about to settle by itself, as while proxies take a snapshot over or
// find the controller again after its restart, is waited for. No I/O; time is passed in. Not thread-safe:
// owned by the status writer.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "api/base/backoff.h"
#include "api/base/clock.h"
#include "controller/publish/enforcement.h"
#include "controller/publish/rollout.h"
#include "controller/publish/status_input.h"
#include "controller/publish/status_text.h"

namespace tollgate::publish {

struct StatusPatience {
  // How long proxies have for a new generation before its status says that they are at it: an edit then costs
  // one write, not two.
  std::chrono::milliseconds settle{1'000};
  // How long something has to last before it takes back what a status says of an unchanged object: a proxy
  // that restarts must not cost two writes an object.
  std::chrono::milliseconds quiet{30'000};
  // Between tries for one object that is refused.
  std::chrono::milliseconds first_retry{500};
  std::chrono::milliseconds longest_retry{300'000};
};

// One call to make for one object.
struct StatusErrand {
  ObjectKey object;
  std::optional<ObjectStatus> status;  // to write; nothing: read what the object has
};

class StatusBook {
 public:
  StatusBook(std::string installation, const StatusPatience& patience);

  void Accept(const StatusInput& input, SteadyTime now);

  // The next errand that is due. Its object has no other until one of the calls below says how it went.
  std::optional<StatusErrand> Next(SteadyTime now, WallMicros wall);
  // When the next one will be due; SteadyTime::max(): nothing to do.
  SteadyTime NextDue() const;

  void Found(const ObjectKey& object, ObjectStatus status, SteadyTime now);
  void Written(const ObjectKey& object, ObjectStatus status, SteadyTime now);
  // It is no longer there: nothing to do before it is another one.
  void Gone(const ObjectKey& object);
  // Not now, and with a look at what it has by then.
  void Postpone(const ObjectKey& object, SteadyTime now);
  // It could not be tried at all: it stays due.
  void Return(const ObjectKey& object, SteadyTime now);

  ConditionCounts Counts(SteadyTime now) const;

 private:
  struct Entry {
    const compile::ObjectVerdict* verdict = nullptr;  // in verdicts_
    std::string uid;
    Rollout::Number since = 0;  // the first publication of its generation, or of its being accepted
    std::optional<SteadyTime> unsettled_since;  // proxies are not through with it
    std::optional<ObjectStatus> has;            // nothing: not read yet
    SteadyTime written_at{};
    bool gone = false;
    SteadyTime not_before{};
    std::unique_ptr<Backoff> retries;    // while it is refused
    SteadyTime due = SteadyTime::max();  // its place in agenda_
  };
  // What an object's status should be.
  struct Judgement {
    ObjectStatus status;
    bool may_write = true;
    SteadyTime look_again = SteadyTime::max();  // time alone may change the judgement then
  };
  using Entries = std::map<ObjectKey, Entry>;

  void TakeVerdicts(const StatusInput& input);
  void TakeVerdict(Entry& entry, const compile::ObjectVerdict& verdict, Rollout::Number publication);
  void NoteEnforcement(const std::vector<ProxyState>& proxies, SteadyTime now);
  void NoteSettling(Entry& entry, SteadyTime now) const;
  static bool IsAccepted(const compile::ObjectVerdict& verdict);
  compile::Condition Programmed(const Entry& entry) const;
  Judgement Judge(const Entry& entry, SteadyTime now) const;
  void JudgeProgrammed(const Entry& entry, SteadyTime now, Judgement& judgement) const;
  void JudgeEnforced(const Entry& entry, SteadyTime now, Judgement& judgement) const;
  SteadyTime EnforcedFrom(const StatusCondition* had, const StatusCondition& fresh) const;
  SteadyTime DueAt(const Entry& entry, SteadyTime now) const;
  void Schedule(const ObjectKey& object, Entry& entry, SteadyTime now);
  void Unschedule(const ObjectKey& object, Entry& entry);

  const std::string installation_;
  const StatusPatience patience_;
  Rollout rollout_;
  std::shared_ptr<const std::vector<compile::ObjectVerdict>> verdicts_;
  Entries entries_;
  std::set<std::pair<SteadyTime, ObjectKey>> agenda_;
  std::optional<Enforcement> enforcement_;  // by the proxies that were connected last; nothing: none yet
  SteadyTime found_at_{};                   // when its finding became what it is
  SteadyTime told_at_{};                    // when anything in it did
};

}  // namespace tollgate::publish
