#include "proxy/store/redis/credit_writer.h"

#include <gtest/gtest.h>

namespace tollgate::store {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr SteadyTime kStart{seconds(1000)};

class CreditWriterTest : public testing::Test {
 protected:
  // A batch that is decided and answered: all that it admits is served.
  void Serve(uint64_t cost, SteadyTime now) {
    const ChargeTerms terms = Next(now);
    writer_.Acknowledge(terms, 1, cost, cost, now);
  }
  ChargeTerms Next(SteadyTime now) { return writer_.NextBatch(now, ++names_); }

  CreditWriter writer_{kStart};
  uint64_t names_ = 700;
};

TEST_F(CreditWriterTest, TheFirstBatchBeginsAnEpochAndKnowsNoGeneration) {
  const ChargeTerms terms = Next(kStart);
  EXPECT_EQ(terms.writer, 701u);
  EXPECT_EQ(terms.seq, 1u);
  EXPECT_EQ(terms.base, 0u);
  EXPECT_EQ(terms.generation, 0u);
  EXPECT_FALSE(writer_.owes());
}

TEST_F(CreditWriterTest, BatchesOfAnEpochAreNumberedAndSayWhatWasServed) {
  Serve(30, kStart);
  Serve(12, kStart + seconds(1));
  const ChargeTerms terms = Next(kStart + seconds(2));
  EXPECT_EQ(terms.writer, 701u);
  EXPECT_EQ(terms.seq, 3u);
  EXPECT_EQ(terms.base, 42u);
  EXPECT_EQ(terms.generation, 1u);
  EXPECT_FALSE(writer_.owes());
}

TEST_F(CreditWriterTest, WhatWasAdmittedForNobodyIsGivenBack) {
  writer_.Acknowledge(Next(kStart), 1, 5, 3, kStart);
  EXPECT_TRUE(writer_.owes());
  const ChargeTerms correction = Next(kStart);
  EXPECT_EQ(correction.base, 3u);
  writer_.Acknowledge(correction, 1, 0, 0, kStart);
  EXPECT_FALSE(writer_.owes());
}

TEST_F(CreditWriterTest, WhatWasAdmittedWithoutTheStoreIsEntered) {
  Serve(10, kStart);
  writer_.AddUnasked(7);
  EXPECT_TRUE(writer_.owes());
  const ChargeTerms correction = Next(kStart);
  EXPECT_EQ(correction.base, 17u);
  writer_.Acknowledge(correction, 1, 0, 0, kStart);
  EXPECT_FALSE(writer_.owes());
}

// A request that gave up waiting was admitted by its plan, and then by the store as well: it is one.
TEST_F(CreditWriterTest, ARequestThatBothHaveAdmittedCountsOnce) {
  const ChargeTerms terms = Next(kStart);
  writer_.AddUnasked(4);
  writer_.Acknowledge(terms, 1, 4, 0, kStart);
  EXPECT_FALSE(writer_.owes());
  EXPECT_EQ(Next(kStart).base, 4u);
}

// Nobody was served by it; whether the store has charged it, only an answer tells.
TEST_F(CreditWriterTest, AfterALostAnswerACorrectionIsOwed) {
  Serve(10, kStart);
  Next(kStart);
  writer_.Lose();
  EXPECT_TRUE(writer_.owes());
  const ChargeTerms correction = Next(kStart);
  EXPECT_EQ(correction.base, 10u);
  EXPECT_EQ(correction.seq, 3u);
  writer_.Acknowledge(correction, 1, 0, 0, kStart);
  EXPECT_FALSE(writer_.owes());
}

TEST_F(CreditWriterTest, AnEpochEndsThirtySecondsAfterItsLastAnswer) {
  Serve(10, kStart);
  EXPECT_EQ(Next(kStart + CreditWriter::kEpoch).writer, 701u);
  const ChargeTerms fresh = Next(kStart + CreditWriter::kEpoch + milliseconds(1));
  EXPECT_NE(fresh.writer, 701u);
  EXPECT_EQ(fresh.seq, 1u);
  EXPECT_EQ(fresh.base, 0u);
}

TEST_F(CreditWriterTest, AnswersKeepAnEpochGoing) {
  SteadyTime now = kStart;
  for (int i = 0; i < 10; ++i) Serve(1, now += seconds(20));
  const ChargeTerms terms = Next(now);
  EXPECT_EQ(terms.writer, 701u);
  EXPECT_EQ(terms.base, 10u);
}

TEST_F(CreditWriterTest, BatchesWithoutAnAnswerDoNot) {
  Serve(1, kStart);
  for (int i = 1; i <= 3; ++i) Next(kStart + i * seconds(10));
  EXPECT_NE(Next(kStart + seconds(31)).writer, 701u);
}

TEST_F(CreditWriterTest, TheNextEpochEntersOnlyWhatWasAdmittedAndNeverAcknowledged) {
  Serve(100, kStart);
  Next(kStart);
  writer_.Lose();
  writer_.AddUnasked(7);
  const ChargeTerms fresh = Next(kStart + seconds(31));
  EXPECT_EQ(fresh.base, 7u);
  writer_.Acknowledge(fresh, 1, 3, 3, kStart + seconds(31));
  EXPECT_FALSE(writer_.owes());
  EXPECT_EQ(Next(kStart + seconds(32)).base, 10u);
}

TEST_F(CreditWriterTest, WhatTheStoreHasTooMuchOfStaysWithAnEpochThatIsOver) {
  writer_.Acknowledge(Next(kStart), 1, 9, 2, kStart);
  EXPECT_TRUE(writer_.owes());
  EXPECT_EQ(Next(kStart + seconds(31)).base, 0u);
}

// A correction that got no answer may have been made: what the store had too much pays for nothing.
TEST_F(CreditWriterTest, TheNextEpochDoesNotCountOnWhatTheStoreHadTooMuch) {
  writer_.Acknowledge(Next(kStart), 1, 10, 6, kStart);
  Next(kStart);
  writer_.Lose();
  writer_.AddUnasked(8);
  EXPECT_EQ(Next(kStart + seconds(31)).base, 8u);
}

TEST_F(CreditWriterTest, AResetForgivesWhatWasServedBefore) {
  Serve(100, kStart);
  const ChargeTerms terms = Next(kStart);
  writer_.AddUnasked(5);
  writer_.Acknowledge(terms, 2, 8, 6, kStart);
  const ChargeTerms next = Next(kStart);
  EXPECT_EQ(next.base, 11u);
  EXPECT_EQ(next.generation, 2u);
  writer_.Acknowledge(next, 2, 0, 0, kStart);
  EXPECT_FALSE(writer_.owes());
}

// A window that was reset before this writer came is no reset to it: what it has admitted counts.
TEST_F(CreditWriterTest, TheFirstAnswerTellsTheGenerationAndForgivesNothing) {
  writer_.AddUnasked(20);
  const ChargeTerms terms = Next(kStart);
  EXPECT_EQ(terms.base, 20u);
  writer_.Acknowledge(terms, 7, 1, 1, kStart);
  const ChargeTerms next = Next(kStart);
  EXPECT_EQ(next.base, 21u);
  EXPECT_EQ(next.generation, 7u);
}

TEST_F(CreditWriterTest, IsIdleOnceItsEpochIsOverAndNothingIsMissingInTheStore) {
  Serve(10, kStart);
  EXPECT_FALSE(writer_.idle(kStart + seconds(30)));
  EXPECT_TRUE(writer_.idle(kStart + seconds(31)));
  Next(kStart);
  writer_.Lose();
  EXPECT_TRUE(writer_.idle(kStart + seconds(31)));
  writer_.AddUnasked(1);
  EXPECT_FALSE(writer_.idle(kStart + seconds(31)));
}

}  // namespace
}  // namespace tollgate::store
