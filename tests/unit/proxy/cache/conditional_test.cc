#include "proxy/cache/conditional.h"

#include <gtest/gtest.h>

#include "proxy/cache/stored_head.h"
#include "proxy/http/head_writer.h"
#include "tests/unit/proxy/cache/cache_kit.h"

namespace tollgate::cache {
namespace {

std::string DateAt(int64_t seconds_from_now) {
  return http::FormatHttpDate(kNow / kSecond + seconds_from_now);
}

bool NotModified(const Reply& reply, const Headers& asked) {
  const HeadOf head(reply);
  StoredResponse stored;
  StoreHead(head.head, kNow, stored);
  http::Fields fields;
  Fill(asked, fields);
  return IsNotModified(stored, fields);
}
bool TagMatches(const std::string& etag, const std::string& asked) {
  return NotModified({.headers = {{"ETag", etag}}}, {{"If-None-Match", asked}});
}

// RFC 9110, section 8.8.3.2: the table of examples, column "weak comparison".
TEST(Conditional, TagsAreComparedWeakly) {
  EXPECT_TRUE(TagMatches("W/\"1\"", "W/\"1\""));
  EXPECT_FALSE(TagMatches("W/\"1\"", "W/\"2\""));
  EXPECT_TRUE(TagMatches("W/\"1\"", "\"1\""));
  EXPECT_TRUE(TagMatches("\"1\"", "\"1\""));
}

TEST(Conditional, AnyTagOfAListOrStar) {
  EXPECT_TRUE(TagMatches("\"c\"", "\"a\", W/\"b\" ,\"c\""));
  EXPECT_FALSE(TagMatches("\"d\"", "\"a\", W/\"b\", \"c\""));
  EXPECT_TRUE(TagMatches("\"d\"", " * "));
  EXPECT_TRUE(NotModified({.headers = {{"ETag", "\"b\""}}},
                          {{"If-None-Match", "\"a\""}, {"If-None-Match", "\"b\""}}));
}

TEST(Conditional, CommasAndBackslashesInTagsPartNothing) {
  EXPECT_TRUE(TagMatches("\"a,b\"", "\"x\", \"a,b\""));
  EXPECT_FALSE(TagMatches("\"b\"", "\"a, b\""));
  EXPECT_TRUE(TagMatches("\"b\"", "\"a\\\", \"b\""));
}

TEST(Conditional, TagsThatAreNotQuotedMatchNothing) {
  EXPECT_FALSE(TagMatches("\"a\"", "a"));
  EXPECT_FALSE(TagMatches("\"a\"", "\"a"));
}

TEST(Conditional, AnswerWithoutTagMatchesStarOnly) {
  EXPECT_FALSE(NotModified({}, {{"If-None-Match", "\"a\""}}));
  EXPECT_TRUE(NotModified({}, {{"If-None-Match", "*"}}));
}

TEST(Conditional, DateCountsOnlyWithoutTags) {
  const Reply reply{.headers = {{"ETag", "\"a\""}, {"Last-Modified", DateAt(-100)}}};
  EXPECT_TRUE(NotModified(reply, {{"If-Modified-Since", DateAt(0)}}));
  EXPECT_FALSE(NotModified(reply, {{"If-Modified-Since", DateAt(0)}, {"If-None-Match", "\"b\""}}));
}

TEST(Conditional, NotModifiedSinceIsUpToTheSameSecond) {
  const Reply reply{.headers = {{"Last-Modified", DateAt(-100)}}};
  EXPECT_TRUE(NotModified(reply, {{"If-Modified-Since", DateAt(-100)}}));
  EXPECT_FALSE(NotModified(reply, {{"If-Modified-Since", DateAt(-101)}}));
  EXPECT_FALSE(NotModified(reply, {{"If-Modified-Since", "yesterday"}}));
}

// RFC 9111, section 4.3.2.
TEST(Conditional, DateStandsInForAMissingLastModified) {
  const Reply dated{.headers = {{"Date", DateAt(-50)}}};
  EXPECT_TRUE(NotModified(dated, {{"If-Modified-Since", DateAt(-50)}}));
  EXPECT_FALSE(NotModified(dated, {{"If-Modified-Since", DateAt(-51)}}));
  EXPECT_TRUE(NotModified({}, {{"If-Modified-Since", DateAt(0)}}));
}

TEST(Conditional, OnlyA200IsNotModified) {
  EXPECT_FALSE(NotModified({.headers = {{"ETag", "\"a\""}}, .status = 404}, {{"If-None-Match", "\"a\""}}));
}

}  // namespace
}  // namespace tollgate::cache
