// What one call of the script does, told case by case. That it decides as the in-process store does is shown
// by the rules of all stores (redis_limit_store_test.cc).
#include <gmock/gmock.h>

#include "tests/unit/proxy/store/redis/script_fixture.h"

namespace tollgate::store {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::Ge;
using ::testing::Le;

constexpr WindowBounds kWindow{kNoon - kHour, kNoon + kHour, kNoon + 2 * kHour};
constexpr Key128 kAnn{1, 1};
constexpr uint64_t kRecord = 1;

class LimitScriptTest : public ScriptFixture {
 protected:
  // The script's word about a batch of credits: one letter for each item (a: admitted, l: limit, c: credits),
  // or "void", "over".
  std::string Charge(const std::vector<LimitRequest>& requests, ChargeTerms terms, WallMicros now = kNoon,
                     WallMicros not_after = kNever) {
    LimitBatch batch("tg:test:");
    for (const LimitRequest& request : requests) batch.Add(request);
    batch.Charge(kAnn, kRecord, kWindow, terms);
    return Words(RunBatch(now, batch, not_after), requests);
  }
  std::string Decide(const std::vector<LimitRequest>& requests, WallMicros now = kNoon) {
    LimitBatch batch("tg:test:");
    for (const LimitRequest& request : requests) batch.Add(request);
    return Words(RunBatch(now, batch), requests);
  }
  std::string Words(const std::string& bytes, const std::vector<LimitRequest>& requests) {
    BatchAnswer answer(bytes);
    generation_ = answer.generation();
    if (answer.outcome() == BatchAnswer::Outcome::kVoid) return "void";
    if (answer.outcome() == BatchAnswer::Outcome::kWindowOver) return "over";
    std::string words;
    for (const LimitRequest& request : requests) {
      if (!answer.Read(ItemShape::Of(request), kWindow, reply_)) return "unreadable: " + bytes;
      const bool admitted = reply_.verdict == LimitVerdict::kAdmitted;
      words += admitted ? 'a' : reply_.verdict == LimitVerdict::kRateLimited ? 'l' : 'c';
    }
    return words;
  }

  static std::string CreditsKey() {
    LimitBatch batch("tg:test:");
    batch.Charge(kAnn, kRecord, kWindow, {});
    return batch.keys().front();
  }
  std::string Used() { return Ask({"HGET", CreditsKey(), "used"}); }
  // Of the hash's fields, those that stand for writers.
  int Writers() { return std::stoi(Ask({"HLEN", CreditsKey()})) - 3; }
  void Reset() {
    Ask({"HSET", CreditsKey(), "used", "0"});
    Ask({"HINCRBY", CreditsKey(), "generation", "1"});
  }

  LimitReply reply_;         // of the last item
  uint64_t generation_ = 0;  // of the last answer
};

std::vector<LimitRequest> Costs(std::initializer_list<uint64_t> costs, uint64_t credits = 100) {
  std::vector<LimitRequest> requests;
  for (const uint64_t cost : costs) requests.push_back(RequestBuilder().Quota(credits, cost));
  return requests;
}

TEST_F(LimitScriptTest, ItemsOfABatchAreDecidedInTheirOrder) {
  EXPECT_EQ(Charge(Costs({60, 60, 40, 1, 0}), {7, 1, 0, 0}), "acaca");
  EXPECT_EQ(reply_.quota.used, 100u);
  EXPECT_EQ(Used(), "100");
}

TEST_F(LimitScriptTest, TermsOfTwoEditionsInOneBatchReadOneRecord) {
  struct Edit {
    RateTerms before;
    RateTerms after;
    std::string_view then;  // what both are answered behind the batch
  };
  // A window in a ring, one that becomes slots in the middle of the batch, and a bucket, which the smaller
  // terms cut to their size.
  const std::vector<Edit> edits = {{{2, kSecond, 0}, {4, kSecond, 0}, "ll"},
                                   {{2, kSecond, 0}, {200, kSecond, 0}, "la"},
                                   {{1, kSecond, 2}, {1, kSecond, 4}, "la"}};
  uint64_t record = 0;
  for (const Edit& edit : edits) {
    const RequestBuilder before = RequestBuilder().Limit(edit.before, ++record);
    const RequestBuilder after = RequestBuilder().Limit(edit.after, record);
    EXPECT_EQ(Decide({before, before, before, after, before, after}), "aalala") << record;
    EXPECT_EQ(Decide({before, after}), edit.then) << record;
  }
}

TEST_F(LimitScriptTest, ABatchAsLargeAsTheyComeIsDecidedItemByItem) {
  std::vector<RequestBuilder> builders(11);
  for (uint64_t i = 0; i < builders.size(); ++i) {
    for (uint64_t limit = 0; limit < 16; ++limit) builders[i].Limit({1, kSecond, limit % 2}, i * 16 + limit);
  }
  std::vector<LimitRequest> requests;
  for (int round = 0; round < 2; ++round) requests.insert(requests.end(), builders.begin(), builders.end());
  EXPECT_EQ(Decide(requests), std::string(11, 'a') + std::string(11, 'l'));
}

TEST_F(LimitScriptTest, ACommandThatComesTooLateChangesNothing) {
  const RequestBuilder request =
      RequestBuilder().Limit({1, kSecond, 0}).Limit({1, kSecond, 1}, 2).Quota(100, 1);
  EXPECT_EQ(Charge({request}, {7, 1, 0, 0}, kNoon, kNoon), "a");
  const std::string before = Digest(kNoon);
  EXPECT_EQ(Charge({request}, {7, 2, 50, 0}, kNoon + 2 * kSecond, kNoon + 2 * kSecond - 1), "void");
  EXPECT_EQ(Digest(kNoon), before);
}

TEST_F(LimitScriptTest, ACommandThatWasOvertakenChangesNothing) {
  EXPECT_EQ(Charge(Costs({5}), {7, 2, 0, 0}), "a");
  const std::string before = Digest(kNoon);
  EXPECT_EQ(Charge(Costs({5}), {7, 1, 0, 0}), "void");
  EXPECT_EQ(Charge(Costs({5}), {7, 2, 0, 0}), "void");
  EXPECT_EQ(Digest(kNoon), before);
}

TEST_F(LimitScriptTest, AWindowThatIsOverIsNotChargedButCorrected) {
  EXPECT_EQ(Charge(Costs({5}), {7, 1, 0, 0}, kWindow.end - 1), "a");
  EXPECT_EQ(Charge(Costs({5}), {7, 2, 5, 1}, kWindow.end), "over");
  EXPECT_EQ(Charge({}, {7, 3, 3, 1}, kWindow.end + kHour), "");
  EXPECT_EQ(Used(), "3");
}

TEST_F(LimitScriptTest, WhatNobodyWasServedIsUndoneByTheNextBatch) {
  Charge(Costs({60}), {7, 1, 0, 0});
  EXPECT_EQ(Charge(Costs({60, 60}), {7, 2, 0, 0}), "ac");
  EXPECT_EQ(Used(), "60");
}

TEST_F(LimitScriptTest, WhatWasServedElsewhereIsEnteredAboveTheCreditsToo) {
  EXPECT_EQ(Charge(Costs({1}), {7, 1, 130, 0}), "c");
  EXPECT_EQ(Used(), "130");
}

TEST_F(LimitScriptTest, ARecordThatWasLostIsMadeAgainByItsWriters) {
  Charge(Costs({30}), {7, 1, 0, 0});
  Charge(Costs({40}), {8, 1, 0, 0});
  Ask({"DEL", CreditsKey()});
  Charge({}, {7, 2, 30, 1});
  EXPECT_EQ(Charge(Costs({20, 20}), {8, 2, 40, 1}), "ac");
  EXPECT_EQ(Used(), "90");
}

TEST_F(LimitScriptTest, AResetGivesAllCreditsAnewAndTakesNoneBack) {
  Charge(Costs({60}), {7, 1, 0, 0});
  Charge(Costs({30}), {8, 1, 0, 0});
  Reset();
  EXPECT_EQ(Charge(Costs({50}), {7, 2, 60, 1}), "a");
  EXPECT_EQ(generation_, 2u);
  // By now the writer knows the generation, and that it has served 50 in it.
  EXPECT_EQ(Charge(Costs({20}), {7, 3, 50, 2}), "a");
  EXPECT_EQ(Charge(Costs({30, 1}), {8, 2, 30, 1}), "ac");
  EXPECT_EQ(Used(), "100");
}

TEST_F(LimitScriptTest, AWriterThatComesAfterAResetEntersWhatItHasServed) {
  Charge(Costs({60}), {7, 1, 0, 0});
  Reset();
  Charge({}, {9, 1, 25, 0});
  EXPECT_EQ(generation_, 2u);
  EXPECT_EQ(Used(), "25");
}

TEST_F(LimitScriptTest, AGenerationThatWasLostIsRaisedAgain) {
  Charge(Costs({10}), {7, 4, 30, 5});
  EXPECT_EQ(generation_, 5u);
  Charge(Costs({10}), {8, 4, 30, 4});
  EXPECT_EQ(generation_, 5u);
  EXPECT_EQ(Used(), "50");  // 30 of the second writer were served before the reset
}

TEST_F(LimitScriptTest, WritersThatAreSilentForMinutesAreDroppedAndTheirCreditsStay) {
  // A request each 40 seconds, each by a new epoch.
  constexpr int kRequests = 80;
  int most = 0;
  for (int i = 0; i < kRequests; ++i) {
    EXPECT_EQ(Charge(Costs({1}, 1'000'000), {1000u + i, 1, 0, 0}, kNoon + i * 40 * kSecond), "a");
    most = std::max(most, Writers());
  }
  EXPECT_LE(most, 7);
  EXPECT_EQ(Used(), std::to_string(kRequests));
}

TEST_F(LimitScriptTest, AWriterThatIsBusyIsKeptHoweverManyOthersCome) {
  uint64_t base = 0;
  for (uint64_t i = 1; i <= 100; ++i) {
    const WallMicros now = kNoon + static_cast<int64_t>(i) * 20 * kSecond;
    Charge(Costs({1}, 1'000'000), {1000 + i, 1, 0, 0}, now);
    EXPECT_EQ(Charge(Costs({1}, 1'000'000), {7, i, base, i > 1}, now), "a");
    ++base;
  }
  EXPECT_EQ(Used(), "200");
}

// As at a failover to a server whose clock is ahead: else the credits of each writer would count twice.
TEST_F(LimitScriptTest, AClockThatLeapsDropsNoWriterThatIsBusy) {
  WallMicros now = kNoon;
  uint64_t seq = 0;
  for (int i = 0; i < 12; ++i) {
    Charge(Costs({1}, 1'000'000), {7, ++seq, seq - 1, seq > 1}, now += 25 * kSecond);
    Charge(Costs({1}, 1'000'000), {1000 + seq, 1, 0, 0}, now += kSecond);
  }
  Charge(Costs({1}, 1'000'000), {2000, 1, 0, 0}, now += kHour / 2);
  EXPECT_EQ(Charge(Costs({1}, 1'000'000), {7, ++seq, seq - 1, 1}, now), "a");
  EXPECT_EQ(Used(), "26");
}

TEST_F(LimitScriptTest, AClockThatIsSetBackDropsNobodyEither) {
  Charge(Costs({10}), {7, 1, 0, 0}, kNoon + kHour / 2);
  Charge(Costs({10}), {8, 1, 0, 0}, kNoon);
  Charge(Costs({10}), {7, 2, 10, 1}, kNoon + kSecond);
  Charge(Costs({10}), {8, 2, 10, 1}, kNoon + kSecond);
  EXPECT_EQ(Used(), "40");
}

TEST_F(LimitScriptTest, NumbersAreExactAsFarAsCreditsGo) {
  constexpr uint64_t kMostCredits = 1'000'000'000'000;
  constexpr uint64_t kDearest = 1'000'000'000;
  EXPECT_EQ(Charge(Costs({kDearest - 1, 1, 1}, kMostCredits), {7, 1, kMostCredits - kDearest, 0}), "aac");
  EXPECT_EQ(reply_.quota.used, kMostCredits);
  // With overage, up to the last whole number of a double.
  constexpr uint64_t kLast = (uint64_t{1} << 53) - 1;
  EXPECT_EQ(Charge({RequestBuilder().Quota(100, 1, true)}, {7, 2, kLast - 1, 1}), "a");
  EXPECT_EQ(reply_.quota.overage, kLast - 100);
}

TEST_F(LimitScriptTest, EveryRecordExpiresSoonAfterItIsOver) {
  const LimitScript real;
  for (uint64_t i = 0; i < 3; ++i) {
    LimitBatch batch("tg:test:");
    batch.Add(RequestBuilder()
                  .Limit({5, kSecond, 0}, 1)
                  .Limit({500, kSecond, 0}, 2)
                  .Limit({5, kSecond, 5}, 3)
                  .Quota(100, 1));
    const WallMicros now = SystemWallClock().Now();
    batch.Charge(kAnn, kRecord, {now - kHour, now + kHour, now + 2 * kHour}, {7, i + 1, i, 0});
    const std::string answer = Ask(batch.Command(real, true, kNever));
    ASSERT_EQ(BatchAnswer(answer).outcome(), BatchAnswer::Outcome::kDecided) << answer;
    std::vector<int64_t> lives;
    for (const std::string& key : batch.keys()) lives.push_back(std::stoll(Ask({"PTTL", key})));
    // A window of a second: a second more for good measure, and as much again so that not each write moves
    // the expiry; a bucket as long as it takes to fill; credits 48 hours longer, for corrections.
    constexpr int64_t kTwoDays = 48 * 3'600'000;
    EXPECT_THAT(lives,
                ElementsAre(AllOf(Ge(1000), Le(3100)), AllOf(Ge(1000), Le(3100)), AllOf(Ge(1000), Le(2100)),
                            AllOf(Ge(kTwoDays + 3'500'000), Le(kTwoDays + 3'601'000))));
  }
}

}  // namespace
}  // namespace tollgate::store
