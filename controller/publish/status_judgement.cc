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

void StatusBook::NoteEnforcement(SteadyTime now) {
  if (rollout_.connected() == 0) return;  // nobody to judge by: it stays as it was
  const bool enforced = EnforcedBy(rollout_.connected()).status;
  if (enforced_ == enforced) return;
  enforced_ = enforced;
  enforced_since_ = now;
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
  std::optional<StatusCondition> fresh;
  if (enforced_) fresh = MakeCondition(EnforcedBy(*enforced_ ? 1 : 2), entry.verdict->generation);
  const bool keeps =
      had != nullptr && (!fresh || (had->status != fresh->status && now < enforced_since_ + patience_.quiet));
  if (keeps && fresh)
    judgement.look_again = std::min(judgement.look_again, enforced_since_ + patience_.quiet);
  if (keeps) fresh = *had;
  if (!fresh) return;
  // How many proxies there are depends on no generation.
  fresh->observed_generation = entry.verdict->generation;
  judgement.status.conditions.push_back(std::move(*fresh));
}

}  // namespace tollgate::publish
