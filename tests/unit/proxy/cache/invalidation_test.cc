#include <gtest/gtest.h>

#include "tests/unit/proxy/cache/cache_kit.h"

namespace tollgate::cache {
namespace {

using Kind = Lookup::Kind;

class InvalidationTest : public testing::Test {
 protected:
  void Changed(std::string_view method = "PUT", int status = 204, std::string_view path = "/v1/quotes") {
    gateway_.cache.AnswerSeen(method, "api.example.com", path, status);
  }
  bool Store(const Headers& headers = {}, const Reply& reply = {}) {
    Request request(rule_, headers);
    return gateway_.AskAndAnswer(request, reply);
  }
  bool Hits(const Headers& headers = {}) {
    Request request(rule_, headers);
    return gateway_.Ask(request).kind == Kind::kHit;
  }
  Rule rule_;
  Gateway gateway_;
};

TEST_F(InvalidationTest, UnsafeMethodsDropWhatIsStored) {
  for (const char* method : {"PUT", "POST", "DELETE", "PATCH", "MKCOL"}) {
    ASSERT_TRUE(Store()) << method;
    Changed(method);
    EXPECT_FALSE(Hits()) << method;
    EXPECT_EQ(gateway_.cache.entries(), 0u);
  }
}

TEST_F(InvalidationTest, SafeMethodsDropNothing) {
  ASSERT_TRUE(Store());
  for (const char* method : {"GET", "HEAD", "OPTIONS", "TRACE"}) Changed(method, 200);
  EXPECT_TRUE(Hits());
}

TEST_F(InvalidationTest, ErrorsDropNothing) {
  ASSERT_TRUE(Store());
  for (const int status : {100, 400, 409, 500, 503}) Changed("PUT", status);
  EXPECT_TRUE(Hits());
  Changed("PUT", 303);
  EXPECT_FALSE(Hits());
}

TEST_F(InvalidationTest, OtherTargetsStay) {
  ASSERT_TRUE(Store());
  Changed("PUT", 204, "/v1/quotes/x");
  gateway_.cache.AnswerSeen("PUT", "other.example.com", "/v1/quotes", 204);
  EXPECT_TRUE(Hits());
}

TEST_F(InvalidationTest, ReachesEveryQueryVariantScopeAndRule) {
  const Reply varied{.headers = {{"Vary", "X-N"}}};
  ASSERT_TRUE(Store({{"X-N", "1"}}, varied));
  ASSERT_TRUE(Store({{"X-N", "2"}}, varied));
  Request page(rule_);
  page.query = "page=2";
  page.has_query = true;
  ASSERT_TRUE(gateway_.AskAndAnswer(page, {}));
  Rule other;
  other.spec.set_name("another");
  other.Scope(api::Cache::CONSUMER);
  Request consumers(other);
  ASSERT_TRUE(gateway_.AskAndAnswer(consumers, {}));
  Changed();
  EXPECT_FALSE(Hits({{"X-N", "1"}}));
  EXPECT_FALSE(Hits({{"X-N", "2"}}));
  EXPECT_EQ(gateway_.Ask(page).kind, Kind::kMiss);
  EXPECT_EQ(gateway_.Ask(consumers).kind, Kind::kMiss);
}

// The GET may have read what was there before the PUT: its answer must not outlive the change.
TEST_F(InvalidationTest, AnswerAskedForBeforeTheChangeIsNotStored) {
  Request request(rule_);
  const Lookup lookup = gateway_.Ask(request);
  Changed();
  EXPECT_FALSE(gateway_.Answer(request, lookup, {}));
  EXPECT_FALSE(Hits());
  EXPECT_TRUE(Store());
  EXPECT_TRUE(Hits());
}

TEST_F(InvalidationTest, BookForgetsTargetsThatNobodyHolds) {
  TargetBook book;
  {
    const TargetPin a = book.Pin("h", "/a");
    const TargetPin again = book.Pin("h", "/a");
    const TargetPin b = book.Pin("h", "/b");
    EXPECT_EQ(book.size(), 2u);
    book.Invalidate("h", "/a");
    EXPECT_FALSE(a.current());
    EXPECT_FALSE(again.current());
    EXPECT_TRUE(b.current());
    EXPECT_TRUE(book.Pin("h", "/a").current());
  }
  EXPECT_EQ(book.size(), 0u);
  book.Invalidate("h", "/a");
  EXPECT_EQ(book.size(), 0u);
}

TEST_F(InvalidationTest, PinOutlivesTheBook) {
  TargetPin pin;
  {
    TargetBook book;
    pin = book.Pin("h", "/a");
  }
  EXPECT_TRUE(pin.current());
}

}  // namespace
}  // namespace tollgate::cache
