#include "proxy/cache/storing.h"

#include <gtest/gtest.h>

#include "tests/unit/proxy/cache/cache_kit.h"

namespace tollgate::cache {
namespace {

Refusal Judge(Request& request, const Reply& reply) {
  const HeadOf head(reply);
  return MayStore(request.get(), RequestDirectives::Read(request.fields()), head.head,
                  {reply.framing, reply.body.size()}, ResponseDirectives::Read(head.head.fields));
}
Refusal Judge(Rule& rule, const Headers& asked, const Headers& said) {
  Request request(rule, asked);
  return Judge(request, {.headers = said});
}
Headers CacheControl(const std::string& text) { return {{"Cache-Control", text}}; }

const Headers kAuthorization = {{"Authorization", "Bearer abc"}};
const Headers kCookie = {{"Cookie", "session=abc"}};

TEST(Storing, OnlyGetIsStored) {
  Rule rule;
  for (const char* method : {"HEAD", "POST", "PUT", "DELETE", "OPTIONS", "get", "PURGE"}) {
    Request request(rule);
    request.Method(method);
    EXPECT_EQ(Judge(request, {}), Refusal::kMethod) << method;
  }
  Request get(rule);
  EXPECT_EQ(Judge(get, {}), Refusal::kNone);
}

TEST(Storing, GetWithContentIsNot) {
  Rule rule;
  Request request(rule);
  request.has_body = true;
  EXPECT_EQ(Judge(request, {}), Refusal::kRequest);
}

TEST(Storing, OnlyListedStatuses) {
  Rule rule;
  Request request(rule);
  EXPECT_EQ(Judge(request, {.status = 404}), Refusal::kNone);
  EXPECT_EQ(Judge(request, {.status = 500}), Refusal::kStatus);
  EXPECT_EQ(Judge(request, {.status = 410}), Refusal::kStatus);
}

TEST(Storing, PartialInterimAndNotModifiedNeverEvenWhenListed) {
  Rule rule;
  for (const uint32_t status : {101u, 206u, 304u}) {
    rule.cache().add_statuses(status);
    Request request(rule);
    EXPECT_EQ(Judge(request, {.status = static_cast<int>(status)}), Refusal::kStatus) << status;
  }
  EXPECT_EQ(Judge(rule, {}, {{"Content-Range", "bytes 0-1/9"}}), Refusal::kPartial);
}

TEST(Storing, NoStoreOfEitherSide) {
  Rule rule;
  EXPECT_EQ(Judge(rule, CacheControl("no-store"), {}), Refusal::kRequestNoStore);
  EXPECT_EQ(Judge(rule, {}, CacheControl("no-store, max-age=9")), Refusal::kResponseNoStore);
  EXPECT_EQ(Judge(rule, {}, CacheControl("no-cache")), Refusal::kNoCache);
}

TEST(Storing, MustUnderstandLiftsNoStoreForStatusesThatAreUnderstood) {
  Rule rule;
  rule.cache().add_statuses(299);
  Request request(rule);
  EXPECT_EQ(Judge(request, {.headers = CacheControl("must-understand, no-store, max-age=9")}),
            Refusal::kNone);
  EXPECT_EQ(Judge(request, {.headers = CacheControl("must-understand, max-age=9"), .status = 299}),
            Refusal::kStatus);
  EXPECT_EQ(Judge(request, {.headers = CacheControl("max-age=9"), .status = 299}), Refusal::kNone);
}

TEST(Storing, PrivateOnlyInTheConsumersOwnScope) {
  Rule rule;
  const Headers said = CacheControl("private, max-age=9");
  EXPECT_EQ(Judge(rule.Scope(api::Cache::SHARED), {}, said), Refusal::kPrivate);
  EXPECT_EQ(Judge(rule.Scope(api::Cache::PLAN), {}, said), Refusal::kPrivate);
  EXPECT_EQ(Judge(rule.Scope(api::Cache::CONSUMER), {}, said), Refusal::kNone);
}

// One consumer may be an application that speaks for many users.
TEST(Storing, PrivateIsNotAConsumersWhereTheRequestCarriesAnotherCredential) {
  Rule rule;
  rule.Scope(api::Cache::CONSUMER);
  const Headers said = CacheControl("private, max-age=9");
  EXPECT_EQ(Judge(rule, kAuthorization, said), Refusal::kPrivate);
  EXPECT_EQ(Judge(rule, kCookie, said), Refusal::kPrivate);
  rule.cache().add_header_names("authorization");
  EXPECT_EQ(Judge(rule, kAuthorization, said), Refusal::kNone);
}

TEST(Storing, AuthorizationNeedsTheOriginsConsent) {
  Rule rule;
  for (const auto scope : {api::Cache::SHARED, api::Cache::PLAN, api::Cache::CONSUMER}) {
    rule.Scope(scope);
    EXPECT_EQ(Judge(rule, kAuthorization, {}), Refusal::kAuthorization);
    EXPECT_EQ(Judge(rule, kAuthorization, CacheControl("max-age=9")), Refusal::kAuthorization);
    EXPECT_EQ(Judge(rule, kAuthorization, CacheControl("proxy-revalidate, max-age=9")),
              Refusal::kAuthorization);
    for (const char* consent : {"public", "s-maxage=9", "must-revalidate, max-age=9"}) {
      EXPECT_EQ(Judge(rule, kAuthorization, CacheControl(consent)), Refusal::kNone) << consent;
    }
  }
}

// The gateway's own key, taken out before the request goes on, is nothing that the answer could depend on.
TEST(Storing, AuthorizationThatIsNotForwardedNeedsNone) {
  Rule rule;
  Request request(rule, kAuthorization);
  CacheRequest stripped = request.get();
  stripped.forwards_authorization = false;
  const HeadOf head(Reply{});
  EXPECT_EQ(MayStore(stripped, {}, head.head, {}, {}), Refusal::kNone);
}

TEST(Storing, CookieNeedsMoreThanTheRulesTtl) {
  Rule rule;
  EXPECT_EQ(Judge(rule, kCookie, {}), Refusal::kCookie);
  for (const char* consent : {"public", "max-age=9", "s-maxage=9"}) {
    EXPECT_EQ(Judge(rule, kCookie, CacheControl(consent)), Refusal::kNone) << consent;
  }
  EXPECT_EQ(Judge(rule, kCookie, {{"Expires", std::string(kNowText)}}), Refusal::kNone);
  EXPECT_EQ(Judge(rule, kCookie, {{"Vary", "Accept, Cookie"}}), Refusal::kNone);
  rule.cache().add_header_names("cookie");
  EXPECT_EQ(Judge(rule, kCookie, {}), Refusal::kNone);
}

TEST(Storing, SetCookieInNoScope) {
  Rule rule;
  for (const auto scope : {api::Cache::SHARED, api::Cache::PLAN, api::Cache::CONSUMER}) {
    EXPECT_EQ(Judge(rule.Scope(scope), {}, {{"Set-Cookie", "a=b"}, {"Cache-Control", "public"}}),
              Refusal::kSetCookie);
  }
}

TEST(Storing, BodyThatEndsWithTheConnectionIsNot) {
  Rule rule;
  Request request(rule);
  EXPECT_EQ(Judge(request, {.framing = http::Framing::Kind::kUntilClose}), Refusal::kUnbounded);
  EXPECT_EQ(Judge(request, {.framing = http::Framing::Kind::kChunked}), Refusal::kNone);
}

}  // namespace
}  // namespace tollgate::cache
