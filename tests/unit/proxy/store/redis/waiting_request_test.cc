#include "proxy/store/redis/waiting_request.h"

#include <gtest/gtest.h>

#include "tests/unit/proxy/store/redis/question.h"

namespace tollgate::store {
namespace {

class WaitingRequestTest : public testing::Test {
 protected:
  // Those that are made are numbered by the minutes for which they have waited.
  std::unique_ptr<WaitingRequest> Make(int number) {
    return std::make_unique<WaitingRequest>(question_.decide, SteadyTime(std::chrono::minutes(number)));
  }
  static int NumberOf(const WaitingRequest& waiting) {
    return static_cast<int>(
        std::chrono::duration_cast<std::chrono::minutes>(waiting.since.time_since_epoch()).count());
  }
  static std::unique_ptr<WaitingRequest> Answered(std::unique_ptr<WaitingRequest> waiting) {
    waiting->decide = nullptr;
    return waiting;
  }
  // Pops and answers all.
  static std::vector<int> Drain(WaitingQueue& queue) {
    std::vector<int> numbers;
    while (const auto waiting = queue.Pop()) {
      numbers.push_back(NumberOf(*waiting));
      waiting->decide = nullptr;
    }
    return numbers;
  }
  static std::vector<int> Drain(WaitingLine& line) {
    std::vector<int> numbers;
    while (WaitingRequest* const oldest = line.oldest()) {
      numbers.push_back(NumberOf(*oldest));
      line.Remove(*oldest);
    }
    return numbers;
  }

  const RequestBuilder builder_ = RequestBuilder().Limit({1, kSecond, 0}).Quota(100, 7);
  Question question_{builder_};
};

TEST_F(WaitingRequestTest, KnowsWhatItsAnswerIsReadBy) {
  const auto waiting = Answered(Make(1));
  EXPECT_EQ(waiting->shape.limit_count, 1u);
  EXPECT_EQ(waiting->shape.cost, 7u);
  EXPECT_EQ(waiting->shape.credits, 100u);
  EXPECT_EQ(waiting->window.start, question_.decide.request.quota.window.start);
}

TEST_F(WaitingRequestTest, AQueueGivesOutInOrder) {
  WaitingQueue queue;
  EXPECT_EQ(queue.Pop(), nullptr);
  for (int round = 0; round < 2; ++round) {
    for (int i = 1; i <= 3; ++i) queue.Push(Make(i));
    EXPECT_EQ(Drain(queue), (std::vector<int>{1, 2, 3}));
    EXPECT_TRUE(queue.empty());
  }
}

TEST_F(WaitingRequestTest, AQueueMovesAsAWhole) {
  WaitingQueue queue;
  for (int i = 1; i <= 2; ++i) queue.Push(Make(i));
  WaitingQueue taken(std::move(queue));
  EXPECT_TRUE(queue.empty());  // NOLINT(bugprone-use-after-move): it is empty then
  queue.Push(Make(3));
  EXPECT_EQ(Drain(taken), (std::vector<int>{1, 2}));
  EXPECT_EQ(Drain(queue), std::vector<int>{3});
}

TEST_F(WaitingRequestTest, AnsweredOnesAreSkipped) {
  WaitingQueue queue;
  queue.Push(Answered(Make(1)));
  queue.Push(Answered(Make(2)));
  queue.Push(Make(3));
  queue.Push(Answered(Make(4)));
  queue.SkipAnswered();
  EXPECT_EQ(NumberOf(queue.front()), 3);
  Answered(queue.Pop());
  queue.SkipAnswered();
  EXPECT_TRUE(queue.empty());
}

TEST_F(WaitingRequestTest, ALineIsLeftFromAnywhere) {
  std::vector<std::unique_ptr<WaitingRequest>> all;
  for (int i = 0; i < 5; ++i) all.push_back(Make(i));
  WaitingLine line;
  for (const auto& waiting : all) line.Add(*waiting);
  line.Remove(*all[2]);
  line.Remove(*all[4]);
  line.Remove(*all[0]);
  line.Add(*all[2]);
  EXPECT_EQ(Drain(line), (std::vector<int>{1, 3, 2}));
  line.Add(*all[0]);
  EXPECT_EQ(Drain(line), std::vector<int>{0});
  for (auto& waiting : all) waiting->decide = nullptr;
}

}  // namespace
}  // namespace tollgate::store
