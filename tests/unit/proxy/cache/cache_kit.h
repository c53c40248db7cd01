// What the cache's tests share: a rule with a cache, callers, upstream answers, and the verbs Ask and Answer.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "proxy/cache/response_cache.h"

namespace tollgate::cache {

inline constexpr WallMicros kSecond = 1'000'000;
// Sun, 06 Nov 1994 08:49:37 GMT: the date of RFC 9110's examples.
inline constexpr WallMicros kNow = 784'111'777 * kSecond;
inline constexpr std::string_view kNowText = "Sun, 06 Nov 1994 08:49:37 GMT";

using Headers = std::vector<std::pair<std::string, std::string>>;

inline void Fill(const Headers& headers, http::Fields& fields) {
  fields.Clear();
  for (const auto& [name, value] : headers) fields.Add({name, value, http::Classify(name)});
}

// A route "market/quotes" with one rule that stores for a minute in the shared scope, and a plan.
class Rule {
 public:
  Rule() : entry_{0, &spec, {}} {
    route.name = "market/quotes";
    spec.set_name("get-quote");
    spec.set_operation("quotes.read");
    cache().set_ttl_ms(60'000);
    cache().set_scope(api::Cache::SHARED);
    for (const uint32_t status : {200, 301, 404}) cache().add_statuses(status);
    plan.name = "market/gold";
    consumer.set_id("market/ada");
  }
  Rule(const Rule&) = delete;

  api::Cache& cache() { return *spec.mutable_cache(); }
  const api::Cache& settings() const { return spec.cache(); }
  Rule& Scope(api::Cache::Scope scope) {
    cache().set_scope(scope);
    return *this;
  }
  exchange::Permitted Permit() {
    exchange::Permitted permitted{{&route, &entry_, 0, nullptr}, {}};
    permitted.identity.plan = &plan;
    permitted.identity.consumer = &consumer;
    return permitted;
  }

  api::Rule spec;
  snapshot::RouteEntry route;
  snapshot::PlanEntry plan;
  api::Consumer consumer;

 private:
  snapshot::RuleEntry entry_;
};

// A request that owns what its CacheRequest points at.
class Request {
 public:
  explicit Request(Rule& rule, Headers headers_in = {}, std::string path_in = "/v1/quotes")
      : headers(std::move(headers_in)), path(std::move(path_in)), permitted(rule.Permit()) {
    Fill(headers, fields_);
  }
  Request(const Request&) = delete;

  Request& Method(std::string text) {
    method = std::move(text);
    return *this;
  }

  CacheRequest get() {
    return {.permitted = permitted,
            .method = method,
            .scheme = scheme,
            .host = host,
            .authority = authority.empty() ? host : authority,
            .path = path,
            .query = query,
            .has_query = has_query,
            .fields = fields_,
            .has_body = has_body,
            .forwards_authorization = fields_.Find(http::KnownHeader::kAuthorization) != nullptr,
            .forwards_cookie = fields_.Find(http::KnownHeader::kCookie) != nullptr,
            .arena = arena_};
  }
  std::string Key() { return std::string(BuildKey(get()).value().bytes); }
  const http::Fields& fields() const { return fields_; }

  Headers headers;
  std::string method = "GET";
  std::string scheme = "http";
  std::string host = "api.example.com";
  std::string authority;
  std::string path;
  std::string query;
  bool has_query = false;
  bool has_body = false;
  exchange::Permitted permitted;

 private:
  http::Fields fields_;
  exchange::Arena arena_;
};

// An upstream's answer.
struct Reply {
  Headers headers = {};
  std::string body = "41.5";
  int status = 200;
  http::Framing::Kind framing = http::Framing::Kind::kLength;
};

class HeadOf {
 public:
  explicit HeadOf(const Reply& reply) : reply_(reply) {
    head.status = reply.status;
    Fill(reply_.headers, head.fields);
  }
  http::ResponseHead head;

 private:
  const Reply reply_;
};

// The pipeline's part: looks up, and on a miss forwards and records.
class Gateway {
 public:
  explicit Gateway(ResponseCache::Options options = {}) : cache(options) {}

  Lookup Ask(Request& request) { return cache.Find(request.get(), now); }

  // Whether the answer to this lookup was stored.
  bool Answer(Request& request, const Lookup& lookup, const Reply& reply) {
    const HeadOf head(reply);
    std::optional<Recording> recording =
        cache.Record(request.get(), lookup, head.head, {reply.framing, reply.body.size()}, now, now);
    if (!recording) return false;
    const std::string_view body = reply.body;
    const size_t half = body.size() / 2;
    return recording->Append(body.substr(0, half)) && recording->Append(body.substr(half)) &&
           recording->Commit();
  }
  bool AskAndAnswer(Request& request, const Reply& reply) { return Answer(request, Ask(request), reply); }

  ResponseCache cache;
  WallMicros now = kNow;
};

}  // namespace tollgate::cache
