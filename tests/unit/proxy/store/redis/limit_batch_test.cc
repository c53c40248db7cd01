#include "proxy/store/redis/limit_batch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/proxy/store/store_under_test.h"

namespace tollgate::store {
namespace {

using ::testing::ElementsAre;

// Of a limit in the second argument, see script/decide.lua.
constexpr size_t kLimitBytes = 34;

class LimitBatchTest : public testing::Test {
 protected:
  std::vector<std::string_view> Command(bool with_text = false) {
    return batch_.Command(script_, with_text, kNoon);
  }
  size_t DifferentLimits() { return Command()[3 + batch_.keys().size() + 1].size() / kLimitBytes; }
  static std::string Number(uint64_t number) {
    std::string text;
    for (int shift = 56; shift >= 0; shift -= 8) text += static_cast<char>(number >> shift);
    return text;
  }

  const LimitScript script_;
  LimitBatch batch_{"tg:shop:"};
};

TEST_F(LimitBatchTest, KeysNameTheOwnerInBracesAndTheKindOfRecord) {
  const Key128 key{0x0123456789abcdef, 0xfedcba9876543210};
  batch_.Add(RequestBuilder()
                 .Key(KeyGroup::kConsumer, key)
                 .Key(KeyGroup::kPlan, {0, 1})
                 .Key(KeyGroup::kRoute, {0, 2})
                 .Key(KeyGroup::kAddress, {0, 3})
                 .Limit({5, kSecond, 0}, 0xabc)
                 .Limit({5, kSecond, 5}, 0xabc)
                 .Limit({5, kSecond, 0}, 7, KeyGroup::kPlan)
                 .Limit({5, kSecond, 0}, 7, KeyGroup::kRoute)
                 .Limit({5, kSecond, 0}, 7, KeyGroup::kAddress));
  batch_.Charge(key, 0xdef, {kNoon, kNoon + kHour, kNoon + 2 * kHour}, {});
  const std::string ann = "tg:shop:{c:0123456789abcdeffedcba9876543210}:";
  EXPECT_THAT(batch_.keys(), ElementsAre(ann + "0000000000000abc:w", ann + "0000000000000abc:b",
                                         "tg:shop:{p:00000000000000000000000000000001}:0000000000000007:w",
                                         "tg:shop:{r:00000000000000000000000000000002}:0000000000000007:w",
                                         "tg:shop:{a:00000000000000000000000000000003}:0000000000000007:w",
                                         ann + "0000000000000def:q:1795003200"));
}

TEST_F(LimitBatchTest, ACommandCallsTheScriptByItsNameOrWithItsText) {
  batch_.Add(RequestBuilder().Limit({5, kSecond, 0}));
  EXPECT_EQ(Command()[0], "EVALSHA");
  EXPECT_EQ(Command()[1], script_.sha());
  EXPECT_EQ(Command()[2], "1");
  EXPECT_EQ(Command().size(), 3 + 1 + 3);
  EXPECT_EQ(Command(true)[0], "EVAL");
  EXPECT_EQ(Command(true)[1], script_.text());
}

TEST_F(LimitBatchTest, LimitsThatItemsShareStandOnce) {
  for (int i = 0; i < 10; ++i) {
    batch_.Add(RequestBuilder().Limit({5, kSecond, 0}, 1).Limit({9, kSecond, 9}, 1).Quota(100, 1));
  }
  EXPECT_EQ(batch_.items(), 10u);
  EXPECT_EQ(batch_.keys().size(), 2u);
  EXPECT_EQ(DifferentLimits(), 2u);
}

// While a plan is edited, some requests know the one edition and some the other.
TEST_F(LimitBatchTest, OneRecordByTwoTermsIsOneKeyAndTwoLimits) {
  batch_.Add(RequestBuilder().Limit({5, kSecond, 0}));
  batch_.Add(RequestBuilder().Limit({6, kSecond, 0}));
  batch_.Add(RequestBuilder().Limit({5, kSecond, 0}));
  EXPECT_EQ(batch_.keys().size(), 1u);
  EXPECT_EQ(DifferentLimits(), 2u);
  const std::string_view items = Command().back();
  EXPECT_EQ(items[18 - 1], 1);  // how many limits the first has, then their places
  EXPECT_EQ(items[18], 1);
  EXPECT_EQ(items[19 + 18], 2);
  EXPECT_EQ(items[2 * 19 + 18], 1);
}

TEST_F(LimitBatchTest, ThereIsRoomForSixtyFourItems) {
  const RequestBuilder request = RequestBuilder().Limit({5, kSecond, 0});
  for (int i = 0; i < 64; ++i) {
    ASSERT_TRUE(batch_.HasRoomFor(request)) << i;
    batch_.Add(request);
  }
  EXPECT_FALSE(batch_.HasRoomFor(request));
  batch_.Clear();
  EXPECT_TRUE(batch_.HasRoomFor(request));
}

// A request of as many limits as there may be; `first` of them, which no other batch item has.
RequestBuilder SixteenLimits(uint64_t first, uint64_t requests = 5) {
  RequestBuilder request;
  for (uint64_t i = 0; i < kMaxLimits; ++i) request.Limit({requests, kSecond, 0}, first + i);
  return request;
}

TEST_F(LimitBatchTest, ThereIsRoomForTwoHundredKeys) {
  uint64_t items = 0;
  for (; batch_.HasRoomFor(SixteenLimits(items * 16)); ++items) batch_.Add(SixteenLimits(items * 16));
  EXPECT_EQ(items, 12u);
  EXPECT_EQ(batch_.keys().size(), 192u);
}

TEST_F(LimitBatchTest, PlacesOfLimitsStayBytes) {
  uint64_t items = 0;
  for (; batch_.HasRoomFor(SixteenLimits(0, items + 1)); ++items) batch_.Add(SixteenLimits(0, items + 1));
  EXPECT_EQ(items, 15u);
  EXPECT_EQ(batch_.keys().size(), 16u);
  EXPECT_EQ(DifferentLimits(), 240u);
}

TEST_F(LimitBatchTest, NothingOfTheLastBatchIsLeft) {
  batch_.Add(RequestBuilder().Limit({5, kSecond, 0}).Quota(100, 1));
  batch_.Charge({1, 1}, 1, {kNoon, kNoon + kHour, kNoon + 2 * kHour}, {7, 8, 9, 10});
  batch_.Clear();
  EXPECT_TRUE(batch_.keys().empty());
  batch_.Add(RequestBuilder().Limit({5, kSecond, 0}));
  LimitBatch fresh("tg:shop:");
  fresh.Add(RequestBuilder().Limit({5, kSecond, 0}));
  EXPECT_EQ(Command(), fresh.Command(script_, false, kNoon));
}

class BatchAnswerTest : public LimitBatchTest {
 protected:
  static std::string Item(char verdict, char refused_by) {
    return std::string() + verdict + refused_by + Number(77) + Number(130) + Number(4) + Number(5) +
           Number(6);
  }
  static constexpr ItemShape kShape{1, true, 100, 40};
  static constexpr WindowBounds kWindow{kNoon, kNoon + kHour, kNoon + 2 * kHour};
  LimitReply reply_;
};

TEST_F(BatchAnswerTest, AnItemIsRead) {
  const std::string bytes = '\0' + Number(kNoon) + Number(3) + Item(0, 0);
  BatchAnswer answer(bytes);
  EXPECT_EQ(answer.outcome(), BatchAnswer::Outcome::kDecided);
  EXPECT_EQ(answer.now(), kNoon);
  EXPECT_EQ(answer.generation(), 3u);
  ASSERT_TRUE(answer.Read(kShape, kWindow, reply_));
  EXPECT_EQ(reply_.verdict, LimitVerdict::kAdmitted);
  EXPECT_EQ(reply_.answerer, Answerer::kStore);
  EXPECT_EQ(reply_.store_time, kNoon);
  EXPECT_EQ(reply_.limits[0].remaining, 4u);
  EXPECT_EQ(reply_.limits[0].reset_us, 5);
  EXPECT_EQ(reply_.limits[0].retry_us, 6);
  EXPECT_EQ(reply_.quota.used, 100u);
  EXPECT_EQ(reply_.quota.overage, 30u);
  EXPECT_EQ(reply_.quota.added_over, 30u);
  EXPECT_EQ(reply_.quota.end, kWindow.end);
}

TEST_F(BatchAnswerTest, OfARefusalNothingWasAdded) {
  const std::string bytes = '\0' + Number(kNoon) + Number(3) + Item(2, 0);
  BatchAnswer answer(bytes);
  ASSERT_TRUE(answer.Read(kShape, kWindow, reply_));
  EXPECT_EQ(reply_.verdict, LimitVerdict::kCreditsExhausted);
  EXPECT_EQ(reply_.retry_after_us, 77);
  EXPECT_EQ(reply_.quota.overage, 30u);
  EXPECT_EQ(reply_.quota.added_over, 0u);
}

TEST_F(BatchAnswerTest, OtherOutcomesTellTheTime) {
  EXPECT_EQ(BatchAnswer('\1' + Number(kNoon) + Number(0)).outcome(), BatchAnswer::Outcome::kVoid);
  EXPECT_EQ(BatchAnswer('\2' + Number(kNoon) + Number(0)).outcome(), BatchAnswer::Outcome::kWindowOver);
  EXPECT_EQ(BatchAnswer('\2' + Number(kNoon) + Number(0)).now(), kNoon);
}

TEST_F(BatchAnswerTest, WhatIsNoAnswerIsUnreadableWhereverItEnds) {
  const std::string whole = '\0' + Number(kNoon) + Number(3) + Item(0, 0);
  for (size_t size = 0; size < whole.size(); ++size) {
    BatchAnswer answer(std::string_view(whole).substr(0, size));
    ASSERT_EQ(answer.outcome() == BatchAnswer::Outcome::kUnreadable, size < 17) << size;
    ASSERT_FALSE(answer.Read(kShape, kWindow, reply_)) << size;
  }
  EXPECT_EQ(BatchAnswer('\3' + Number(kNoon) + Number(3)).outcome(), BatchAnswer::Outcome::kUnreadable);
}

TEST_F(BatchAnswerTest, NoVerdictIsBelievedThatTheRequestDoesNotHave) {
  EXPECT_FALSE(BatchAnswer('\0' + Number(kNoon) + Number(3) + Item(3, 0)).Read(kShape, kWindow, reply_));
  EXPECT_FALSE(BatchAnswer('\0' + Number(kNoon) + Number(3) + Item(1, 1)).Read(kShape, kWindow, reply_));
  EXPECT_TRUE(BatchAnswer('\0' + Number(kNoon) + Number(3) + Item(1, 0)).Read(kShape, kWindow, reply_));
}

}  // namespace
}  // namespace tollgate::store
