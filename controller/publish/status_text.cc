#include "controller/publish/status_text.h"

#include <algorithm>
#include <tuple>

#include "controller/publish/status_bounds.h"

namespace tollgate::publish {
namespace {

const char* Word(bool status) { return status ? "True" : "False"; }

auto Meaning(const StatusCondition& condition) {
  return std::tie(condition.type, condition.status, condition.reason, condition.message,
                  condition.observed_generation);
}

bool SameConditions(const ObjectStatus& one, const ObjectStatus& other) {
  return one.conditions.size() == other.conditions.size() &&
         std::all_of(one.conditions.begin(), one.conditions.end(), [&](const StatusCondition& condition) {
           const StatusCondition* match = other.Find(condition.type);
           return match != nullptr && Meaning(condition) == Meaning(*match);
         });
}

}  // namespace

const StatusCondition* ObjectStatus::Find(const std::string& type) const {
  const auto found = std::find_if(conditions.begin(), conditions.end(),
                                  [&](const StatusCondition& condition) { return condition.type == type; });
  return found == conditions.end() ? nullptr : &*found;
}

StatusCondition MakeCondition(const compile::Condition& condition, int64_t generation) {
  return {.type = condition.type,
          .status = Word(condition.status),
          .reason = condition.reason,
          .message = Clip(condition.message, kMessageBytes),
          .observed_generation = generation};
}

ObjectStatus MakeStatus(const compile::ObjectVerdict& verdict, const std::string& installation) {
  ObjectStatus status{.installation = installation,
                      .hosts = verdict.hosts,
                      .rule_count = verdict.rule_count,
                      .problems = {},
                      .consumer_count = verdict.consumer_count,
                      .attached_routes = verdict.attached_routes,
                      .conditions = {}};
  const size_t problems = std::min(verdict.problems.size(), kProblems);
  for (size_t i = 0; i < problems; ++i) {
    const compile::RuleProblem& problem = verdict.problems[i];
    status.problems.push_back({Clip(problem.rule, kRuleBytes), Clip(problem.field, kFieldBytes),
                               Clip(problem.message, kProblemBytes)});
  }
  for (const compile::Condition& condition : verdict.conditions) {
    status.conditions.push_back(MakeCondition(condition, verdict.generation));
  }
  return status;
}

bool SayTheSame(const ObjectStatus& one, const ObjectStatus& other) {
  // A list of type set: the API server promises no order.
  return one.installation == other.installation && one.rule_count == other.rule_count &&
         one.problems == other.problems && one.consumer_count == other.consumer_count &&
         one.attached_routes == other.attached_routes && one.hosts.size() == other.hosts.size() &&
         std::is_permutation(one.hosts.begin(), one.hosts.end(), other.hosts.begin()) &&
         SameConditions(one, other);
}

void SetTransitionTimes(ObjectStatus& status, const ObjectStatus& had, WallMicros now) {
  for (StatusCondition& condition : status.conditions) {
    const StatusCondition* before = had.Find(condition.type);
    const bool stays = before != nullptr && before->status == condition.status && before->since != 0;
    condition.since = stays ? before->since : now;
  }
}

}  // namespace tollgate::publish
