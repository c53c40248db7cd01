#include "controller/publish/status_text.h"

#include <gtest/gtest.h>

#include "controller/publish/status_bounds.h"
#include "tests/unit/controller/publish/verdicts.h"

namespace tollgate::publish {
namespace {

constexpr WallMicros kNoon = 1'795'262'400'000'000;  // 2026-11-21T12:00:00Z

ObjectStatus At(ObjectStatus status, WallMicros time) {
  SetTransitionTimes(status, {}, time);
  return status;
}

TEST(StatusText, DocumentOfARouteHoldsItsStatusAndNoMore) {
  compile::ObjectVerdict verdict = Route("quotes", 7);
  verdict.conditions.pop_back();
  verdict.problems = {{"other", "spec.rules[1].upstream", "name a Service"}};
  EXPECT_EQ(
      ApplyDocument(KeyOf(verdict), At(MakeStatus(verdict, "shop"), kNoon)),
      R"({"apiVersion":"tollgate.dev/v1alpha1","kind":"GatewayRoute",)"
      R"("metadata":{"name":"quotes","namespace":"market"},"status":{"conditions":[)"
      R"({"lastTransitionTime":"2026-11-21T12:00:00Z","message":"The route is valid",)"
      R"("observedGeneration":7,"reason":"Accepted","status":"True","type":"Accepted"}],)"
      R"("hosts":["api.example.com"],"installation":"shop","problems":[)"
      R"({"field":"spec.rules[1].upstream","message":"name a Service","rule":"other"}],"ruleCount":2}})");
}

TEST(StatusText, DocumentOfAPlanHoldsItsStatusAndNoMore) {
  const compile::ObjectVerdict verdict = Plan("gold", 2);
  EXPECT_EQ(ApplyDocument(KeyOf(verdict), At(MakeStatus(verdict, "shop"), kNoon)),
            R"({"apiVersion":"tollgate.dev/v1alpha1","kind":"ApiPlan",)"
            R"("metadata":{"name":"gold","namespace":"market"},"status":{"attachedRoutes":1,"conditions":[)"
            R"({"lastTransitionTime":"2026-11-21T12:00:00Z","message":"The plan is valid",)"
            R"("observedGeneration":2,"reason":"Accepted","status":"True","type":"Accepted"}],)"
            R"("consumerCount":3,"installation":"shop"}})");
}

TEST(StatusText, WhatWasWrittenReadsTheSame) {
  compile::ObjectVerdict verdict = InvalidRoute("quotes", 7);
  verdict.problems = {{"other", "spec.rules[1].upstream", "name a Service"}};
  for (const compile::ObjectVerdict& each : {verdict, Plan("gold")}) {
    const ObjectStatus written = At(MakeStatus(each, "shop"), kNoon);
    const auto read = ReadStatus(ApplyDocument(KeyOf(each), written));
    ASSERT_TRUE(read);
    EXPECT_TRUE(SayTheSame(*read, written));
    EXPECT_EQ(read->conditions[0].since, kNoon);
  }
}

TEST(StatusText, ObjectWithoutStatusReadsAsEmpty) {
  const auto read = ReadStatus(R"({"kind":"ApiPlan","metadata":{"name":"gold"}})");
  ASSERT_TRUE(read);
  EXPECT_TRUE(read->conditions.empty());
  EXPECT_FALSE(SayTheSame(*read, MakeStatus(Plan("gold"), "shop")));
}

TEST(StatusText, ConditionsOfOthersAreNotOurs) {
  const auto read = ReadStatus(R"({"status":{"conditions":[{"type":"Audited","status":"True"},
                                   {"type":"Accepted","status":"True"}]}})");
  ASSERT_TRUE(read);
  ASSERT_EQ(read->conditions.size(), 1u);
  EXPECT_EQ(read->conditions[0].type, "Accepted");
}

TEST(StatusText, AnAnswerThatIsNoObjectIsAFault) {
  EXPECT_FALSE(ReadStatus("<html>"));
  EXPECT_FALSE(ReadStatus("[]"));
}

TEST(StatusText, OrderAndTimesMakeNoDifference) {
  compile::ObjectVerdict verdict = Route("quotes");
  verdict.hosts = {"a.example.com", "b.example.com"};
  const ObjectStatus one = At(MakeStatus(verdict, "shop"), kNoon);
  std::swap(verdict.hosts[0], verdict.hosts[1]);
  std::swap(verdict.conditions[0], verdict.conditions[1]);
  EXPECT_TRUE(SayTheSame(one, At(MakeStatus(verdict, "shop"), kNoon + 5'000'000)));
}

TEST(StatusText, EveryPartMakesADifference) {
  const compile::ObjectVerdict before = Route("quotes");
  const auto differs = [&](auto change) {
    compile::ObjectVerdict after = before;
    change(after);
    return !SayTheSame(MakeStatus(before, "shop"), MakeStatus(after, "shop"));
  };
  EXPECT_TRUE(differs([](auto& v) { v.generation = 2; }));
  EXPECT_TRUE(differs([](auto& v) { v.hosts = {"b.example.com"}; }));
  EXPECT_TRUE(differs([](auto& v) { v.hosts.clear(); }));
  EXPECT_TRUE(differs([](auto& v) { v.rule_count = 3; }));
  EXPECT_TRUE(differs([](auto& v) { v.problems = {{"other", "field", "sentence"}}; }));
  EXPECT_TRUE(differs([](auto& v) { v.consumer_count = 1; }));
  EXPECT_TRUE(differs([](auto& v) { v.attached_routes = 1; }));
  EXPECT_TRUE(differs([](auto& v) { v.conditions.pop_back(); }));
  EXPECT_TRUE(differs([](auto& v) { v.conditions[0].status = false; }));
  EXPECT_TRUE(differs([](auto& v) { v.conditions[0].reason = "Other"; }));
  EXPECT_TRUE(differs([](auto& v) { v.conditions[0].message = "other"; }));
  EXPECT_FALSE(SayTheSame(MakeStatus(before, "shop"), MakeStatus(before, "mall")));
}

TEST(StatusText, TransitionTimeMovesWithTheStatusAlone) {
  const ObjectStatus before = At(MakeStatus(Route("quotes", 1), "shop"), kNoon);
  compile::ObjectVerdict verdict = Route("quotes", 2);
  verdict.conditions[0].message = "another sentence";
  verdict.conditions[1].status = false;
  ObjectStatus after = MakeStatus(verdict, "shop");
  SetTransitionTimes(after, before, kNoon + 60'000'000);
  EXPECT_EQ(after.conditions[0].since, kNoon);
  EXPECT_EQ(after.conditions[1].since, kNoon + 60'000'000);
}

TEST(StatusText, AtMostSixteenProblemsAndTextsWithinTheCrdsBounds) {
  compile::ObjectVerdict verdict = InvalidRoute("quotes");
  for (int i = 0; i < 20; ++i) {
    verdict.problems.push_back({std::string(300, 'r'), std::string(2'000, 'f'), std::string(5'000, 'm')});
  }
  verdict.conditions[0].message = std::string(40'000, 'x');
  const ObjectStatus status = MakeStatus(verdict, "shop");
  ASSERT_EQ(status.problems.size(), 16u);
  EXPECT_EQ(status.problems[0].rule.size(), 253u);
  EXPECT_EQ(status.problems[0].field.size(), 1'024u);
  EXPECT_EQ(status.problems[0].message.size(), 4'096u);
  EXPECT_EQ(status.conditions[0].message.size(), kMessageBytes);
}

TEST(StatusText, TextIsCutBetweenCharacters) {
  EXPECT_EQ(Clip("äöü", 6), "äöü");
  EXPECT_EQ(Clip("äöüß", 7), "äö...");
  EXPECT_EQ(Clip("äöüß", 6), "ä...");
}

}  // namespace
}  // namespace tollgate::publish
