#include "proxy/cache/key.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

#include "tests/unit/proxy/cache/cache_kit.h"

namespace tollgate::cache {
namespace {

using Parts = std::vector<std::string>;

// Draws texts of two letters, so that "a" + "b" often meets "ab" + "".
std::string RandomText(std::mt19937& random) {
  static constexpr std::string_view kTexts[] = {"", "a", "b", "ab", "ba", "aab"};
  return std::string(kTexts[random() % std::size(kTexts)]);
}

// A random request's key, and in `parts` everything that tells it apart.
std::string RandomKey(std::mt19937& random, Parts& parts) {
  Rule rule;
  const auto draw = [&] { return parts.emplace_back(RandomText(random)); };
  rule.route.name = draw();
  rule.spec.set_name(draw());
  const auto scope = static_cast<api::Cache::Scope>(1 + random() % 3);
  rule.Scope(scope);
  parts.push_back(api::Cache::Scope_Name(scope));
  if (scope != api::Cache::SHARED) rule.plan.name = draw();
  if (scope == api::Cache::CONSUMER) rule.consumer.set_id(draw());
  Headers headers;
  for (const char* name : {"x-a", "x-b"}) {
    if (random() % 2 == 0) continue;
    rule.cache().add_header_names(name);
    parts.push_back(name);
    for (uint32_t lines = random() % 3; lines > 0; --lines) headers.emplace_back(name, draw());
    parts.push_back("end of lines");
  }
  Request request(rule, headers, draw());
  request.authority = parts.emplace_back("h" + RandomText(random));
  request.has_query = random() % 2 == 0;
  parts.push_back(request.has_query ? "?" : "");
  if (request.has_query) request.query = draw();
  return request.Key();
}

TEST(Key, NeverCollidesWhateverThePartsAre) {
  std::mt19937 random(7);
  std::map<std::string, Parts> seen;
  size_t repeated = 0;
  for (int i = 0; i < 40'000; ++i) {
    Parts parts;
    const std::string key = RandomKey(random, parts);
    const auto [known, added] = seen.try_emplace(key, parts);
    if (added) continue;
    ++repeated;
    ASSERT_EQ(known->second, parts);
  }
  // The draw repeats itself, so equal keys were compared too.
  EXPECT_GT(repeated, 100u);
}

TEST(Key, IsTheSameForTheSameRequest) {
  Rule rule;
  EXPECT_EQ(Request(rule).Key(), Request(rule).Key());
  EXPECT_EQ(Request(rule).Key(), Request(rule).Method("HEAD").Key());
}

TEST(Key, HoldsWhateverTheUpstreamSeesOfTheTarget) {
  Rule rule;
  const std::string plain = Request(rule).Key();
  Request port(rule);
  port.authority = "api.example.com:8080";
  EXPECT_NE(port.Key(), plain);
  Request tls(rule);
  tls.scheme = "https";
  EXPECT_NE(tls.Key(), plain);
  Request question_mark(rule);
  question_mark.has_query = true;
  EXPECT_NE(question_mark.Key(), plain);
}

// Which of a rule's matches fits may hang on a header, and with it the path that the upstream is asked for.
TEST(Key, TellsTheMatchesOfARuleApart) {
  Rule rule;
  api::PathMatch& prefix = *rule.spec.add_matches()->mutable_path();
  prefix.set_type(api::PathMatch::PREFIX);
  prefix.set_value("/v1");
  api::PathMatch& longer = *rule.spec.add_matches()->mutable_path();
  longer.set_type(api::PathMatch::PREFIX);
  longer.set_value("/v1/quotes");
  const auto key = [&rule](const api::PathMatch* path) {
    Request request(rule);
    request.permitted.routed.path = path;
    return request.Key();
  };
  EXPECT_NE(key(&prefix), key(&longer));
  EXPECT_NE(key(&prefix), key(nullptr));
  EXPECT_EQ(key(&prefix), key(&prefix));
}

TEST(Key, HoldsFieldsThatReplacePartsOfTheTarget) {
  Rule rule;
  const std::string plain = Request(rule).Key();
  for (const char* name : {"X-Original-URL", "X-Rewrite-URL", "X-Forwarded-Port", "X-Host"}) {
    EXPECT_NE(Request(rule, {{name, "/admin"}}).Key(), plain) << name;
    EXPECT_NE(Request(rule, {{name, "/admin"}}).Key(), Request(rule, {{name, "/other"}}).Key()) << name;
  }
}

TEST(Key, IgnoresAReplacementThatStaysBehind) {
  Rule rule;
  EXPECT_EQ(
      Request(rule, {{"X-Forwarded-Prefix", "/app"}, {"Connection", "close, X-Forwarded-Prefix"}}).Key(),
      Request(rule).Key());
}

// An upstream behind CGI or WSGI reads them as one.
TEST(Key, TellsALookAlikeOfAListedFieldFromThatFieldAndFromNone) {
  Rule rule;
  rule.cache().add_header_names("accept-language");
  const std::string look_alike = Request(rule, {{"Accept_Language", "fr"}}).Key();
  EXPECT_NE(look_alike, Request(rule).Key());
  EXPECT_NE(look_alike, Request(rule, {{"Accept-Language", "fr"}}).Key());
  EXPECT_NE(look_alike, Request(rule, {{"Accept_Language", "en"}}).Key());
  EXPECT_EQ(Request(rule, {{"Accept_Language", "fr"}, {"Connection", "accept_language"}}).Key(),
            Request(rule).Key());
}

TEST(Key, IgnoresFieldsThatTheRuleDoesNotList) {
  Rule rule;
  EXPECT_EQ(Request(rule, {{"User-Agent", "a"}}).Key(), Request(rule, {{"User-Agent", "b"}}).Key());
}

TEST(Key, TellsAnAbsentFieldFromAnEmptyOne) {
  Rule rule;
  rule.cache().add_header_names("accept-language");
  EXPECT_NE(Request(rule).Key(), Request(rule, {{"Accept-Language", ""}}).Key());
  EXPECT_NE(Request(rule, {{"Accept-Language", "en"}}).Key(),
            Request(rule, {{"Accept-Language", "fr"}}).Key());
  EXPECT_EQ(Request(rule, {{"accept-language", "en"}}).Key(),
            Request(rule, {{"Accept-Language", "en"}}).Key());
}

// A field that Connection names is not forwarded: it must not choose the entry that the answer is stored in.
TEST(Key, IgnoresAListedFieldThatStaysBehind) {
  Rule rule;
  rule.cache().add_header_names("accept-language");
  EXPECT_EQ(Request(rule, {{"Accept-Language", "fr"}, {"Connection", "Accept-Language"}}).Key(),
            Request(rule).Key());
}

TEST(Key, TakesIdentityFieldsFromTheGatewayAndNotFromTheCaller) {
  Rule rule;
  rule.cache().add_header_names("x-tollgate-group");
  rule.consumer.set_group("staff");
  const std::string key = Request(rule).Key();
  EXPECT_EQ(Request(rule, {{"X-Tollgate-Group", "admin"}}).Key(), key);
  rule.consumer.set_group("guests");
  EXPECT_NE(Request(rule).Key(), key);
}

TEST(Key, ScopeSaysWhoShares) {
  Rule rule;
  const auto keys_differ = [&rule](auto change) {
    const std::string before = Request(rule).Key();
    change();
    return Request(rule).Key() != before;
  };
  const auto other_consumer = [&rule] { rule.consumer.set_id(rule.consumer.id() + "x"); };
  const auto other_plan = [&rule] { rule.plan.name += "x"; };
  rule.Scope(api::Cache::SHARED);
  EXPECT_FALSE(keys_differ(other_consumer));
  EXPECT_FALSE(keys_differ(other_plan));
  rule.Scope(api::Cache::PLAN);
  EXPECT_FALSE(keys_differ(other_consumer));
  EXPECT_TRUE(keys_differ(other_plan));
  rule.Scope(api::Cache::CONSUMER);
  EXPECT_TRUE(keys_differ(other_consumer));
  EXPECT_TRUE(keys_differ(other_plan));
}

TEST(Key, IsNoneWhereTheScopeAsksForSomebodyWhoIsNotThere) {
  Rule rule;
  Request nobody(rule);
  nobody.permitted.identity = {};
  EXPECT_TRUE(BuildKey(nobody.get()));
  rule.Scope(api::Cache::PLAN);
  EXPECT_FALSE(BuildKey(nobody.get()));
  rule.Scope(api::Cache::CONSUMER);
  EXPECT_FALSE(BuildKey(nobody.get()));
  rule.Scope(api::Cache::SCOPE_UNSPECIFIED);
  EXPECT_FALSE(BuildKey(nobody.get()));
}

}  // namespace
}  // namespace tollgate::cache
