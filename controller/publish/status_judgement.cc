// The part of StatusBook that says what a status should be.
#include <algorithm>

#include "controller/compile/conditions.h"
#include "controller/publish/status_book.h"

namespace tollgate::publish {
namespace {

// Proxies are not at work on it: nothing to wait for.
bool IsSettled(const compile::Condition& programmed) {
  return programmed.status ||
         (programmed.reason != reason::kPending && programmed.reason != reason::kNoProxies);
}

bool SaysTheSame(const StatusCondition& one, const StatusCondition& other) {
  return one.status == other.status && one.reason == other.reason && one.message == other.message;
}

}  // namespace

bool StatusBook::IsAccepted(const compile::ObjectVerdict& verdict) {
  return std::any_of(verdict.conditions.begin(), verdict.conditions.end(), [](const compile::Condition& c) {
    return c.type == compile::condition::kAccepted && c.status;
  });
}

compile::Condition StatusBook::Programmed(const Entry& entry) const {
  if (IsAccepted(*entry.verdict)) return rollout_.Programmed(entry.since);
  // As in Gateway API: what is not accepted is not programmed.
  return {condition::kProgrammed, false, compile::reason::kInvalid,
          "This generation is not accepted, so no proxy serves it: see Accepted"};
}

void StatusBook::NoteSettling(Entry& entry, SteadyTime now) const {
  if (IsSettled(Programmed(entry))) {
    entry.unsettled_since.reset();
  } else if (!entry.unsettled_since) {
    entry.unsettled_since = now;
  }
}

void StatusBook::NoteEnforcement(const std::vector<ProxyState>& proxies, SteadyTime now) {
  std::optional<Enforcement> present = JudgeEnforcement(proxies);
  // Nobody to judge by: it stays as it was.
  if (!present || present == enforcement_) return;
  if (!enforcement_ || enforcement_->finding != present->finding) found_at_ = now;
  told_at_ = now;
  enforcement_ = std::move(present);
}

StatusBook::Judgement StatusBook::Judge(const Entry& entry, SteadyTime now) const {
  Judgement judgement{.status = MakeStatus(*entry.verdict, installation_)};
  JudgeProgrammed(entry, now, judgement);
  if (entry.verdict->kind == "ApiPlan") JudgeEnforced(entry, now, judgement);
  return judgement;
}

void StatusBook::JudgeProgrammed(const Entry& entry, SteadyTime now, Judgement& judgement) const {
  const compile::Condition present = Programmed(entry);
  StatusCondition fresh = MakeCondition(present, entry.verdict->generation);
  const StatusCondition* had = entry.has ? entry.has->Find(condition::kProgrammed) : nullptr;
  const bool of_this_generation = had != nullptr && had->observed_generation == fresh.observed_generation;
  // A True is not taken back at once, and the counts in a Pending are not kept up to date with every proxy.
  const bool keeps = of_this_generation && (had->status == "True" || had->reason == fresh.reason);
  const SteadyTime began = entry.unsettled_since.value_or(now);
  const SteadyTime until =
      keeps ? std::max(began, entry.written_at) + patience_.quiet : began + patience_.settle;
  if (IsSettled(present) || now >= until) {
    judgement.status.conditions.push_back(std::move(fresh));
    return;
  }
  if (!keeps || !SaysTheSame(*had, fresh)) judgement.look_again = std::min(judgement.look_again, until);
  judgement.may_write = keeps;
  judgement.status.conditions.push_back(keeps ? *had : std::move(fresh));
}

void StatusBook::JudgeEnforced(const Entry& entry, SteadyTime now, Judgement& judgement) const {
  const StatusCondition* had = entry.has ? entry.has->Find(condition::kEnforced) : nullptr;
  const int64_t generation = entry.verdict->generation;
  std::optional<StatusCondition> said = had == nullptr ? std::nullopt : std::optional(*had);
  if (enforcement_) {
    StatusCondition fresh = EnforcedCondition(*enforcement_, entry.verdict->when_store_is_down, generation);
    const SteadyTime from = EnforcedFrom(had, fresh);
    if (now >= from) {
      said = std::move(fresh);
    } else {
      judgement.look_again = std::min(judgement.look_again, from);
    }
  }
  if (!said) return;
  // What the proxies reach depends on no generation.
  said->observed_generation = generation;
  judgement.status.conditions.push_back(std::move(*said));
}

// When what the proxies report now may be said in the place of what a plan's status says.
SteadyTime StatusBook::EnforcedFrom(const StatusCondition* had, const StatusCondition& fresh) const {
  const SteadyTime at_once = SteadyTime::min();
  // A proxy reports as soon as it is connected.
  if (had == nullptr) return fresh.status == "Unknown" ? found_at_ + patience_.settle : at_once;
  if (had->status == "Unknown" || SaysTheSame(*had, fresh)) return at_once;
  if (had->status != fresh.status || had->reason != fresh.reason) return found_at_ + patience_.quiet;
  // The author's edit is to be seen; who is concerned by a trouble, and its details, may still change.
  const bool is_edited = had->observed_generation != fresh.observed_generation;
  return is_edited ? at_once : told_at_ + patience_.quiet;
}

}  // namespace tollgate::publish
