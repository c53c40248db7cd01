#include "controller/publish/status_book.h"

#include <algorithm>

namespace tollgate::publish {

StatusBook::StatusBook(std::string installation, const StatusPatience& patience)
    : installation_(std::move(installation)), patience_(patience) {}

void StatusBook::Accept(const StatusInput& input, SteadyTime now) {
  rollout_.SetProxies(input.proxies);
  const bool is_new = input.verdicts != verdicts_;
  if (is_new) TakeVerdicts(input);
  NoteEnforcement(input.proxies, now);
  for (auto& [object, entry] : entries_) {
    NoteSettling(entry, now);
    Schedule(object, entry, now);
  }
}

void StatusBook::TakeVerdicts(const StatusInput& input) {
  const Rollout::Number publication = rollout_.Publish(input.version, input.publish_fault);
  Entries before = std::exchange(entries_, {});
  for (const compile::ObjectVerdict& verdict : *input.verdicts) {
    const ObjectKey object{verdict.kind, verdict.name};
    std::string uid;
    if (input.uids != nullptr && input.uids->contains(object)) uid = input.uids->at(object);
    auto known = before.extract(object);
    if (!known.empty() && known.mapped().uid == uid) {
      entries_.insert(std::move(known));
    } else if (!known.empty()) {
      Unschedule(object, known.mapped());
    }
    Entry& entry = entries_[object];
    entry.uid = std::move(uid);
    TakeVerdict(entry, verdict, publication);
  }
  for (auto& [object, entry] : before) Unschedule(object, entry);
  verdicts_ = input.verdicts;
}

void StatusBook::TakeVerdict(Entry& entry, const compile::ObjectVerdict& verdict,
                             Rollout::Number publication) {
  const bool is_as_before = entry.verdict != nullptr && entry.verdict->generation == verdict.generation &&
                            IsAccepted(*entry.verdict) == IsAccepted(verdict);
  if (!is_as_before) {
    entry.since = publication;
    entry.unsettled_since.reset();
  }
  // What was gone may be back: a different verdict is worth a look.
  if (entry.verdict == nullptr || *entry.verdict != verdict) entry.gone = false;
  entry.verdict = &verdict;
}

SteadyTime StatusBook::DueAt(const Entry& entry, SteadyTime now) const {
  if (entry.gone) return SteadyTime::max();
  if (!entry.has) return std::max(now, entry.not_before);
  const Judgement judgement = Judge(entry, now);
  if (judgement.may_write && !SayTheSame(judgement.status, *entry.has))
    return std::max(now, entry.not_before);
  return judgement.look_again;
}

void StatusBook::Schedule(const ObjectKey& object, Entry& entry, SteadyTime now) {
  const SteadyTime due = DueAt(entry, now);
  // What is waiting already keeps its turn: otherwise those at the end would never be served while news come
  // in.
  if (due <= now && entry.due <= now) return;
  Unschedule(object, entry);
  if (due == SteadyTime::max()) return;
  entry.due = due;
  agenda_.emplace(due, object);
}

void StatusBook::Unschedule(const ObjectKey& object, Entry& entry) {
  agenda_.erase({std::exchange(entry.due, SteadyTime::max()), object});
}

SteadyTime StatusBook::NextDue() const {
  return agenda_.empty() ? SteadyTime::max() : agenda_.begin()->first;
}

std::optional<StatusErrand> StatusBook::Next(SteadyTime now, WallMicros wall) {
  while (NextDue() <= now) {
    const ObjectKey object = agenda_.begin()->second;
    Entry& entry = entries_.at(object);
    Unschedule(object, entry);
    if (!entry.has) return StatusErrand{object, std::nullopt};
    Judgement judgement = Judge(entry, now);
    if (judgement.may_write && !SayTheSame(judgement.status, *entry.has)) {
      SetTransitionTimes(judgement.status, *entry.has, wall);
      return StatusErrand{object, std::move(judgement.status)};
    }
    Schedule(object, entry, now);  // settled meanwhile, or to be waited for
  }
  return std::nullopt;
}

void StatusBook::Found(const ObjectKey& object, ObjectStatus status, SteadyTime now) {
  Entry& entry = entries_.at(object);
  entry.has = std::move(status);
  Schedule(object, entry, now);
  if (entry.due > now) entry.retries.reset();  // there is nothing to write that could be refused again
}

void StatusBook::Written(const ObjectKey& object, ObjectStatus status, SteadyTime now) {
  Entry& entry = entries_.at(object);
  entry.written_at = now;
  Found(object, std::move(status), now);
}

void StatusBook::Gone(const ObjectKey& object) { entries_.at(object).gone = true; }

void StatusBook::Postpone(const ObjectKey& object, SteadyTime now) {
  Entry& entry = entries_.at(object);
  if (entry.retries == nullptr) {
    entry.retries = std::make_unique<Backoff>(patience_.first_retry, patience_.longest_retry);
  }
  entry.not_before = now + entry.retries->Next();
  entry.has.reset();
  Schedule(object, entry, now);
}

void StatusBook::Return(const ObjectKey& object, SteadyTime now) {
  Schedule(object, entries_.at(object), now);
}

ConditionCounts StatusBook::Counts(SteadyTime now) const {
  ConditionCounts counts;
  for (const auto& [object, entry] : entries_) {
    ++counts[{object.kind, kAllObjects}];
    for (const StatusCondition& condition : Judge(entry, now).status.conditions) {
      counts[{object.kind, condition.type}] += condition.status == "True" ? 1 : 0;
    }
  }
  return counts;
}

}  // namespace tollgate::publish
