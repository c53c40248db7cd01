// Upstreams that misbehave, each in its own way: what the caller is told, what is sent a second time, and
// which connection is used again.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/kit/eventually.h"
#include "tests/kit/gateway.h"
#include "tests/kit/recording_upstream.h"

namespace tollgate {
namespace {

using kit::RecordingUpstream;
using testing::HasSubstr;
using Then = RecordingUpstream::Then;

constexpr char kBusy[] = "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 4\r\n\r\nbusy";

class UpstreamFaults : public testing::Test {
 protected:
  // Serves with this policy beside the rule's targets.
  void Serve(const std::string& policy) {
    std::string route = kit::PublicRoute("a.example");
    if (!policy.empty()) route.replace(route.find("http}}]}"), 8, "http}}], " + policy + "}");
    gateway_.WriteService("test", "upstream", upstream_.port()).Write("route.yaml", route);
    ASSERT_TRUE(gateway_.Start()) << gateway_.Stderr();
    client_ = std::make_unique<kit::HttpClient>(gateway_.port());
  }
  kit::HttpAnswer Send(const std::string& method, const std::string& body = {}) {
    kit::HttpRequest request;
    request.method = method;
    request.headers = {"Host: a.example"};
    request.body = body;
    return client_->Send(request);
  }
  void ExpectLogged(const std::string& text) {
    EXPECT_TRUE(kit::Eventually([&] { return gateway_.AccessLog().find(text) != std::string::npos; }))
        << gateway_.AccessLog();
  }
  size_t asked() const { return upstream_.begun(); }

  RecordingUpstream upstream_;
  kit::Gateway gateway_;
  std::unique_ptr<kit::HttpClient> client_;
};

struct Fault {
  const char* bytes;
  Then then;
  int status;
  const char* problem;
  const char* reason;
};

constexpr Fault kBeforeTheAnswer[] = {
    {"", Then::kReset, 502, "upstream-reset", "closed-before-answer"},
    {"", Then::kClose, 502, "upstream-reset", "closed-before-answer"},
    {"HTTP/1.1 200 OK\r\nConte", Then::kReset, 502, "upstream-reset", "closed-before-answer"},
    {"", Then::kKeep, 504, "upstream-timeout", "first-byte-timeout"},
    {"HTTP/1.1 200 OK\r\nX: ", Then::kKeep, 504, "upstream-timeout", "first-byte-timeout"},
    {"garbage\r\n\r\n", Then::kKeep, 502, "upstream-invalid", ""},
    {"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", Then::kKeep, 502, "upstream-invalid", ""},
    {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", Then::kKeep, 502, "upstream-invalid", ""},
};

TEST_F(UpstreamFaults, EachHasItsProblemAndNoneIsSentTwiceUnasked) {
  Serve("timeouts: {firstByte: 300ms}");
  for (const Fault& fault : kBeforeTheAnswer) {
    for (const char* method : {"GET", "POST", "PUT"}) {
      SCOPED_TRACE(std::string(method) + " " + fault.bytes);
      // Not over a connection that an answer before it left: its end would be no failure.
      upstream_.CloseConnections();
      ASSERT_TRUE(kit::Eventually([&] { return upstream_.open() == 0; }));
      upstream_.Forget();
      upstream_.AnswerNext(fault.bytes, fault.then);
      const kit::HttpAnswer answer = Send(method, method[0] == 'G' ? "" : "body");
      EXPECT_EQ(answer.status, fault.status);
      EXPECT_THAT(answer.body, HasSubstr(fault.problem));
      EXPECT_EQ(asked(), 1u);
      ExpectLogged("\"reason\":\"" + std::string(fault.reason));
      EXPECT_EQ(Send("GET").body, "ok");
    }
  }
}

TEST_F(UpstreamFaults, ABodyThatBreaksOffIsSeenAndItsConnectionGone) {
  Serve("timeouts: {idle: 300ms}, retry: {}");
  for (const Then then : {Then::kReset, Then::kClose, Then::kKeep}) {
    for (const char* head : {"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf",
                             "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n"}) {
      upstream_.Forget();
      upstream_.AnswerNext(head, then);
      EXPECT_NE(Send("GET").error, "");
      EXPECT_EQ(asked(), 1u) << "what was begun to be handed on is not sent again";
      EXPECT_EQ(Send("GET").body, "ok");
    }
  }
  ExpectLogged("upstream-body-cut");
}

TEST_F(UpstreamFaults, EndlessHeadersAreCutOff) {
  Serve("");
  upstream_.AnswerNext("HTTP/1.1 200 OK\r\nX: " + std::string(100'000, 'x'));
  const kit::HttpAnswer answer = Send("GET");
  EXPECT_EQ(answer.status, 502);
  EXPECT_THAT(answer.body, HasSubstr("upstream-invalid"));
  EXPECT_EQ(Send("GET").body, "ok");
}

TEST_F(UpstreamFaults, AnIdempotentRequestIsSentAgainWhereItsRuleSaysSo) {
  Serve("retry: {perTryTimeout: 300ms}");
  for (const auto& [bytes, then] : {std::pair("", Then::kReset), std::pair("", Then::kKeep),
                                    std::pair("HTTP/1.1 2", Then::kClose), std::pair(kBusy, Then::kKeep)}) {
    for (const char* method : {"GET", "DELETE"}) {
      upstream_.Forget();
      upstream_.AnswerNext(bytes, then);
      upstream_.AnswerNext(bytes, then);
      const kit::HttpAnswer answer = Send(method);
      EXPECT_EQ(answer.status, 200) << method << " " << bytes;
      EXPECT_EQ(answer.body, "ok");
    }
  }
  EXPECT_TRUE(kit::Eventually([&] { return gateway_.Metric("tollgate_upstream_retries_total") >= 16; }));
  ExpectLogged("\"attempts\":3");
}

TEST_F(UpstreamFaults, AnUnsafeRequestOrABodyReachesTheUpstreamOnce) {
  Serve("retry: {attempts: 5, perTryTimeout: 300ms}, timeouts: {firstByte: 600ms}");
  for (const auto& [bytes, then] : {std::pair("", Then::kReset), std::pair("", Then::kKeep),
                                    std::pair("HTTP/1.1 2", Then::kClose), std::pair(kBusy, Then::kKeep)}) {
    for (const auto& [method, body] :
         {std::pair("POST", ""), std::pair("PATCH", "body"), std::pair("PUT", "body")}) {
      upstream_.Forget();
      upstream_.AnswerNext(bytes, then);
      EXPECT_GE(Send(method, body).status, 502) << method << " " << bytes;
      EXPECT_EQ(asked(), 1u) << method << " " << bytes;
    }
  }
}

TEST_F(UpstreamFaults, TheLastOfTheAnswersIsHandedOn) {
  Serve("retry: {attempts: 1, statuses: [500, 503]}");
  upstream_.SetAnswer(kBusy);
  const kit::HttpAnswer answer = Send("GET");
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.body, "busy");
  EXPECT_EQ(asked(), 2u);
}

TEST_F(UpstreamFaults, AnEndpointThatRefusesIsPassedOverByEveryMethod) {
  RecordingUpstream gone;
  gone.StopListening();
  Serve("");
  gateway_.Write("more.yaml", R"(
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: upstream-2, namespace: test, labels: {kubernetes.io/service-name: upstream}}
addressType: IPv4
ports: [{name: http, port: )" + std::to_string(gone.port()) +
                                  R"(}]
endpoints: [{addresses: [127.0.0.1]}]
)");
  ASSERT_TRUE(kit::Eventually([&] {
    return Send("POST", "body").status == 200 &&
           gateway_.Metric("tollgate_upstream_endpoints{state=\"ready\"}") == 2;
  }));
  for (int i = 0; i < 50; ++i) EXPECT_EQ(Send("POST", "body").status, 200);
}

}  // namespace
}  // namespace tollgate
