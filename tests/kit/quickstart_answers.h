// What examples/quickstart answers, wherever it is served: one table for the embedded mode and for clusters.
// A test that expects these answers hands in a client; headers that differ by place and time are not in it.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "tests/kit/http_client.h"

namespace tollgate::kit {

inline constexpr char kQuickstartHost[] = "Host: api.example.com";
inline constexpr char kQuickstartAlice[] = "X-Api-Key: demo-free-0123456789abcdef";  // plan free
inline constexpr char kQuickstartBob[] = "X-Api-Key: demo-gold-0123456789abcdef";    // plan gold

struct QuickstartAnswer {
  HttpRequest request;
  int status;
  std::string problem;                                       // of an answer by the gateway
  std::vector<std::pair<std::string, std::string>> headers;  // name and how it begins; "": it is not there
  std::string upstream_target;                               // what the upstream was asked for
};

// In their order: an answer that is stored is found by those after it.
inline std::vector<QuickstartAnswer> QuickstartAnswers() {
  const std::vector<std::string> nobody = {kQuickstartHost};
  const std::vector<std::string> stranger = {kQuickstartHost, "X-Api-Key: nobody-has-this-key"};
  const std::vector<std::string> alice = {kQuickstartHost, kQuickstartAlice};
  const std::vector<std::string> bob = {kQuickstartHost, kQuickstartBob};
  return {
      {{"GET", "/v1/quotes/ACME", nobody, {}}, 401, "no-credential", {}, {}},
      {{"GET", "/v1/quotes/ACME", stranger, {}}, 401, "credential-refused", {}, {}},
      {{"POST", "/v1/orders", alice, "{}"}, 403, "operation-not-allowed", {}, {}},
      {{"GET", "/v1/nothing", alice, {}}, 404, "no-route", {}, {}},
      {{"GET", "/.tollgate/usage", alice, {}}, 404, "no-route", {}, {}},
      {{"DELETE", "/v1/quotes/ACME", alice, {}}, 405, "method-not-allowed", {{"allow", "GET, HEAD"}}, {}},
      {{"GET", "/v1/../../etc/passwd", alice, {}}, 400, "uri-invalid", {}, {}},
      {{"GET", "/status", nobody, {}}, 200, "", {{"ratelimit", ""}, {"cache-status", ""}}, "/status"},
      {{"GET", "/v1/quotes/TABLE", bob, {}},
       200,
       "",
       {{"cache-status", "tollgate; fwd=uri-miss; stored"},
        {"ratelimit", "\"burst\";r=49;t="},
        {"ratelimit-policy", "\"burst\";q=50;w=1, \"quota\";q=100000;w="}},
       "/internal/quote/TABLE"},
      {{"GET", "/v1/quotes/TABLE", bob, {}},
       200,
       "",
       {{"cache-status", "tollgate; hit"}},
       "/internal/quote/TABLE"},
      {{"GET", "/v1/quotes/TABLE?x=1", bob, {}},
       200,
       "",
       {{"cache-status", "tollgate; fwd=uri-miss; stored"}},
       "/internal/quote/TABLE?x=1"},
      {{"HEAD", "/v1/quotes/TABLE", bob, {}}, 200, "", {{"cache-status", "tollgate; hit"}}, {}},
      {{"POST", "/v1/orders", bob, "{}"}, 200, "", {}, "/v1/orders"},
  };
}

inline void ExpectHeaders(const QuickstartAnswer& expected, const HttpAnswer& answer) {
  for (const auto& [name, beginning] : expected.headers) {
    EXPECT_THAT(answer.Header(name), testing::StartsWith(beginning)) << name;
    EXPECT_EQ(answer.Header(name).empty(), beginning.empty()) << name;
  }
}

inline void ExpectProblem(const QuickstartAnswer& expected, const HttpAnswer& answer) {
  EXPECT_EQ(answer.Header("content-type"), "application/problem+json");
  const nlohmann::json problem = nlohmann::json::parse(answer.body, nullptr, false);
  ASSERT_TRUE(problem.is_object()) << answer.body;
  EXPECT_EQ(problem["type"], "https://tollgate.dev/problems/" + expected.problem);
  EXPECT_EQ(problem["status"], expected.status);
  EXPECT_EQ(problem["requestId"], answer.Header("x-request-id"));
}

inline void Expect(const QuickstartAnswer& expected, const HttpAnswer& answer) {
  SCOPED_TRACE(expected.request.method + " " + expected.request.target + "\n" + answer.error + answer.body);
  EXPECT_EQ(answer.status, expected.status);
  EXPECT_NE(answer.Header("x-request-id"), "");
  ExpectHeaders(expected, answer);
  if (!expected.problem.empty()) ExpectProblem(expected, answer);
  if (expected.upstream_target.empty()) return;
  const nlohmann::json seen = nlohmann::json::parse(answer.body, nullptr, false);
  ASSERT_TRUE(seen.is_object());
  EXPECT_EQ(seen["target"], expected.upstream_target);
}

// Alice may ask five times in a second; a slow machine takes some more until she has.
inline void ExpectOverTheLimit(HttpClient& client) {
  HttpAnswer answer;
  for (int i = 0; i < 100 && answer.status != 429; ++i) {
    answer = client.Get("/v1/quotes/N" + std::to_string(i), {kQuickstartHost, kQuickstartAlice});
  }
  Expect({{"GET", "/v1/quotes/N", {}, {}},
          429,
          "rate-limited",
          {{"retry-after", "1"},
           {"ratelimit", "\"burst\";r=0;t="},
           {"ratelimit-policy", "\"burst\";q=5;w=1, \"quota\";q=1000;w=86400"}},
          {}},
         answer);
}

inline void ExpectQuickstartAnswers(HttpClient& client) {
  for (const QuickstartAnswer& expected : QuickstartAnswers())
    Expect(expected, client.Send(expected.request));
  ExpectOverTheLimit(client);
}

}  // namespace tollgate::kit
