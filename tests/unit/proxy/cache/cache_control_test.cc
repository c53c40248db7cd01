#include "proxy/cache/cache_control.h"

#include <gtest/gtest.h>

#include "tests/unit/proxy/cache/cache_kit.h"

namespace tollgate::cache {
namespace {

ResponseDirectives Said(std::initializer_list<std::string> lines) {
  Headers headers;
  for (const std::string& line : lines) headers.emplace_back("Cache-Control", line);
  http::Fields fields;
  Fill(headers, fields);
  return ResponseDirectives::Read(fields);
}

RequestDirectives Asked(const Headers& headers) {
  http::Fields fields;
  Fill(headers, fields);
  return RequestDirectives::Read(fields);
}
RequestDirectives Asked(const std::string& line) { return Asked(Headers{{"Cache-Control", line}}); }

TEST(CacheControl, ReadsEachResponseDirective) {
  const ResponseDirectives said = Said({"no-store, No-Cache,\tprivate", "PUBLIC,must-revalidate",
                                        "proxy-revalidate, must-understand, max-age=10, s-maxage=20"});
  EXPECT_TRUE(said.no_store && said.no_cache && said.is_private && said.is_public && said.must_revalidate &&
              said.proxy_revalidate && said.must_understand);
  EXPECT_EQ(said.max_age, 10);
  EXPECT_EQ(said.s_maxage, 20);
}

TEST(CacheControl, IgnoresWhatItDoesNotKnow) {
  const ResponseDirectives said = Said({"no-storey, immutable, x=\"no-store, private\", community=\"UCI\""});
  EXPECT_FALSE(said.no_store || said.is_private || said.max_age);
}

TEST(CacheControl, TakesQualifiedFormsAsUnqualified) {
  EXPECT_TRUE(Said({"private=\"x-user, x-team\", max-age=9"}).is_private);
  EXPECT_TRUE(Said({"no-cache=\"set-cookie\""}).no_cache);
  EXPECT_EQ(Said({"private=\"x-user, max-age=1\", max-age=9"}).max_age, 9);
}

TEST(CacheControl, ReadsNumbersInQuotesToo) { EXPECT_EQ(Said({"max-age=\"15\""}).max_age, 15); }

TEST(CacheControl, SmallestOfSeveralNumbersCounts) {
  EXPECT_EQ(Said({"max-age=100", "max-age=5, max-age=50"}).max_age, 5);
  EXPECT_EQ(Said({"s-maxage=100, s-maxage=7"}).s_maxage, 7);
}

TEST(CacheControl, UnreadableAgeIsStale) {
  for (const char* text : {"max-age", "max-age=", "max-age=-1", "max-age=1.5", "max-age=1a", "max-age=\"",
                           "max-age = 10", "max-age=10 20", "max-age=0x10", "max-age=99, max-age=x"}) {
    EXPECT_EQ(Said({text}).max_age, 0) << text;
  }
}

TEST(CacheControl, TooLargeANumberIsTheLargest) {
  EXPECT_EQ(Said({"max-age=99999999999999999999999999"}).max_age, kMaxDelta);
}

TEST(CacheControl, WhatAllowsMustBeWellFormed) {
  EXPECT_FALSE(Said({"public x"}).is_public);
  EXPECT_FALSE(Said({"must-revalidate;"}).must_revalidate);
  EXPECT_TRUE(Said({"no-store;"}).no_store);
  EXPECT_TRUE(Said({"private x"}).is_private);
}

TEST(CacheControl, UnendedQuoteSwallowsTheRest) {
  EXPECT_FALSE(Said({"x=\"a, public, max-age=9"}).is_public);
  EXPECT_TRUE(Said({"x=\"a\\\", public\", no-store"}).no_store);
}

TEST(CacheControl, ReadsEachRequestDirective) {
  const RequestDirectives asked =
      Asked("no-cache, no-store, only-if-cached, max-age=1, min-fresh=2, max-stale=3");
  EXPECT_TRUE(asked.no_cache && asked.no_store && asked.only_if_cached);
  EXPECT_EQ(asked.max_age, 1);
  EXPECT_EQ(asked.min_fresh, 2);
  EXPECT_EQ(asked.max_stale, 3);
}

TEST(CacheControl, MaxStaleWithoutANumberIsAnyAge) {
  EXPECT_EQ(Asked("max-stale").max_stale, kMaxDelta);
  EXPECT_EQ(Asked("max-stale=x").max_stale, 0);
  EXPECT_EQ(Asked("max-stale, max-stale=4").max_stale, 4);
}

TEST(CacheControl, UnreadableMinFreshIsNeverMet) { EXPECT_EQ(Asked("min-fresh=x").min_fresh, kMaxDelta); }

TEST(CacheControl, PragmaCountsOnlyWithoutCacheControl) {
  EXPECT_TRUE(Asked(Headers{{"Pragma", "x, no-cache"}}).no_cache);
  EXPECT_FALSE(Asked(Headers{{"Pragma", "no-cache"}, {"Cache-Control", "max-age=5"}}).no_cache);
  EXPECT_FALSE(Asked(Headers{{"Pragma", "cache"}}).no_cache);
}

}  // namespace
}  // namespace tollgate::cache
