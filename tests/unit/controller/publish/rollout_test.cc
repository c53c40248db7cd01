#include "controller/publish/rollout.h"

#include <gtest/gtest.h>

#include "tests/unit/controller/publish/verdicts.h"

namespace tollgate::publish {
namespace {

TEST(Rollout, WithoutProxiesNothingIsProgrammed) {
  Rollout rollout;
  const auto since = rollout.Publish(kFirst, "");
  rollout.SetProxies({Left("p1", kFirst)});
  EXPECT_FALSE(rollout.Programmed(since).status);
  EXPECT_EQ(rollout.Programmed(since).reason, "NoProxies");
}

TEST(Rollout, ProgrammedOnceEveryConnectedProxyServesIt) {
  Rollout rollout;
  const auto since = rollout.Publish(kFirst, "");
  rollout.SetProxies({Serving("p1", kFirst), Serving("p2", ""), Left("p3", "")});
  EXPECT_EQ(rollout.Programmed(since).reason, "Pending");
  EXPECT_NE(rollout.Programmed(since).message.find("1 of 2"), std::string::npos);
  rollout.SetProxies({Serving("p1", kFirst), Serving("p2", kFirst), Left("p3", "")});
  EXPECT_TRUE(rollout.Programmed(since).status);
  EXPECT_EQ(rollout.Programmed(since).reason, "Programmed");
}

TEST(Rollout, LaterPublicationHoldsTheGenerationToo) {
  Rollout rollout;
  const auto since = rollout.Publish(kFirst, "");
  rollout.Publish(kSecond, "");
  rollout.SetProxies({Serving("p1", kFirst), Serving("p2", kSecond)});
  EXPECT_TRUE(rollout.Programmed(since).status);
}

TEST(Rollout, EarlierPublicationDoesNot) {
  Rollout rollout;
  rollout.Publish(kFirst, "");
  const auto since = rollout.Publish(kSecond, "");
  rollout.SetProxies({Serving("p1", kFirst)});
  EXPECT_EQ(rollout.Programmed(since).reason, "Pending");
}

TEST(Rollout, VersionThatComesBackIsTheNewest) {
  Rollout rollout;
  rollout.Publish(kFirst, "");
  rollout.Publish(kSecond, "");
  const auto since = rollout.Publish(kFirst, "");
  rollout.SetProxies({Serving("p1", kFirst)});
  EXPECT_TRUE(rollout.Programmed(since).status);
  rollout.SetProxies({Serving("p1", kSecond)});
  EXPECT_FALSE(rollout.Programmed(since).status);
}

TEST(Rollout, RefusalNamesTheProxyAndItsReason) {
  Rollout rollout;
  const auto old = rollout.Publish(kFirst, "");
  const auto since = rollout.Publish(kSecond, "");
  rollout.SetProxies({Serving("p1", kSecond), Refusing("p2", kFirst, kSecond)});
  const compile::Condition refused = rollout.Programmed(since);
  EXPECT_EQ(refused.reason, "ProxyRefused");
  EXPECT_NE(refused.message.find("p2"), std::string::npos);
  EXPECT_NE(refused.message.find("rule quotes has no target"), std::string::npos);
  EXPECT_TRUE(rollout.Programmed(old).status) << "what it serves already is not refused";
}

TEST(Rollout, RefusalOfAnEarlierVersionSaysNothingOfALaterGeneration) {
  Rollout rollout;
  rollout.Publish(kFirst, "");
  rollout.Publish(kSecond, "");
  const auto since = rollout.Publish(kThird, "");
  rollout.SetProxies({Refusing("p1", kFirst, kSecond)});
  EXPECT_EQ(rollout.Programmed(since).reason, "Pending");
}

TEST(Rollout, WhatCouldNotBeSentIsNotProgrammed) {
  Rollout rollout;
  rollout.Publish(kFirst, "");
  const auto since = rollout.Publish(kFirst, "route market/quotes is larger than a message");
  rollout.SetProxies({Serving("p1", kFirst)});
  EXPECT_EQ(rollout.Programmed(since).reason, "Pending");
  EXPECT_NE(rollout.Programmed(since).message.find("larger than a message"), std::string::npos);
}

}  // namespace
}  // namespace tollgate::publish
