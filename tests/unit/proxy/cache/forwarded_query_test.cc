#include <gtest/gtest.h>

#include "tests/unit/proxy/cache/cache_kit.h"

namespace tollgate::cache {
namespace {

class ForwardedQueryTest : public testing::Test {
 protected:
  void List(std::initializer_list<const char*> names) {
    rule_.cache().set_query_listed(true);
    for (const char* name : names) rule_.cache().add_query_names(name);
  }
  std::string Forwarded(std::string_view query) {
    exchange::Arena arena;
    const Query forwarded = ForwardedQuery(rule_.spec, {query, true}, arena);
    EXPECT_EQ(forwarded.present, !forwarded.text.empty());
    return std::string(forwarded.text);
  }
  Rule rule_;
};

TEST_F(ForwardedQueryTest, IsTheWholeWhereNothingIsListed) {
  EXPECT_EQ(Forwarded("b=2&a=1&&c"), "b=2&a=1&&c");
  exchange::Arena arena;
  EXPECT_EQ(ForwardedQuery(rule_.spec, {"", true}, arena), (Query{"", true}));
}

TEST_F(ForwardedQueryTest, DropsWhatIsNotListed) {
  List({"symbol", "days"});
  EXPECT_EQ(Forwarded("utm=x&symbol=A&evil=1&days=3"), "days=3&symbol=A");
  EXPECT_EQ(Forwarded("utm=x"), "");
  EXPECT_EQ(Forwarded(""), "");
}

TEST_F(ForwardedQueryTest, IsTheSameInWhateverOrderTheNamesCome) {
  List({"a", "b"});
  EXPECT_EQ(Forwarded("b=2&a=1"), Forwarded("a=1&b=2"));
}

TEST_F(ForwardedQueryTest, KeepsTheOrderOfOneNamesValues) {
  List({"a", "b"});
  EXPECT_EQ(Forwarded("a=2&b=0&a=1&a=3"), "a=2&a=1&a=3&b=0");
}

TEST_F(ForwardedQueryTest, ComparesNamesDecodedAndKeepsThemAsTheyCame) {
  List({"filter[id]", "a b"});
  EXPECT_EQ(Forwarded("filter%5bid%5D=7&a+b=%41"), "a+b=%41&filter%5bid%5D=7");
}

TEST_F(ForwardedQueryTest, TellsAnEmptyValueFromNone) {
  List({"a"});
  EXPECT_EQ(Forwarded("a"), "a");
  EXPECT_EQ(Forwarded("a="), "a=");
}

// Some frameworks part parameters at ";" as well: what hides there stays in the key.
TEST_F(ForwardedQueryTest, LeavesNoPlaceToHideAParameter) {
  List({"a"});
  EXPECT_EQ(Forwarded("a=1;b=2"), "a=1;b=2");
  EXPECT_EQ(Forwarded("%62=2&%61=1"), "%61=1");
}

TEST_F(ForwardedQueryTest, TakesThousandsOfParameters) {
  List({"a"});
  std::string query;
  for (int i = 0; i < 8000; ++i) query += "a&";
  EXPECT_EQ(Forwarded(query).size(), query.size() - 1);
}

}  // namespace
}  // namespace tollgate::cache
