// Between caller and upstream: what passes, what does not, and what happens when one of them fails.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "tests/kit/eventually.h"
#include "tests/kit/gateway.h"
#include "tests/kit/raw_client.h"
#include "tests/kit/recording_upstream.h"

namespace tollgate {
namespace {

using testing::HasSubstr;
using testing::Not;

class Forwarding : public testing::Test {
 protected:
  void SetUp() override {
    gateway_.WriteService("test", "upstream", upstream_.port())
        .Write("route.yaml", kit::PublicRoute("a.example"));
    ASSERT_TRUE(gateway_.Start()) << gateway_.Stderr();
    client_ = std::make_unique<kit::HttpClient>(gateway_.port());
  }
  kit::HttpAnswer Get(const std::string& target, std::vector<std::string> headers = {}) {
    headers.push_back("Host: a.example");
    return client_->Get(target, headers);
  }
  std::string LastHead() {
    const auto complete = upstream_.Complete();
    return complete.empty() ? "" : complete.back().head;
  }

  kit::RecordingUpstream upstream_;
  kit::Gateway gateway_;
  std::unique_ptr<kit::HttpClient> client_;
};

TEST_F(Forwarding, HopByHopFieldsStayBehindBothWays) {
  upstream_.SetAnswer(
      "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: X-Inner\r\nX-Inner: 1\r\nKeep-Alive: "
      "timeout=5\r\nX-Kept: 1\r\n\r\nok");
  const kit::HttpAnswer answer =
      Get("/", {"Connection: X-Secret, keep-alive", "X-Secret: 1", "TE: gzip", "X-Kept: 1"});
  EXPECT_THAT(LastHead(), Not(HasSubstr("X-Secret")));
  EXPECT_THAT(LastHead(), Not(HasSubstr("TE:")));
  EXPECT_THAT(LastHead(), HasSubstr("X-Kept: 1"));
  EXPECT_EQ(answer.Header("x-inner"), "");
  EXPECT_EQ(answer.Header("keep-alive"), "");
  EXPECT_EQ(answer.Header("x-kept"), "1");
}

TEST_F(Forwarding, TheCallersForwardingFieldsAreReplaced) {
  Get("/", {"X-Forwarded-For: 1.2.3.4", "Forwarded: for=1.2.3.4", "X-Forwarded-Proto: https"});
  EXPECT_THAT(LastHead(), Not(HasSubstr("1.2.3.4")));
  EXPECT_THAT(LastHead(), HasSubstr("X-Forwarded-For: 127.0.0.1\r\n"));
  EXPECT_THAT(LastHead(), HasSubstr("X-Forwarded-Proto: http\r\n"));
  EXPECT_THAT(LastHead(), HasSubstr("Via: 1.1 tollgate\r\n"));
}

TEST_F(Forwarding, StatusBodyAndEverySetCookieComeBackAsTheyWere) {
  upstream_.SetAnswer(
      "HTTP/1.1 418 Odd\r\nContent-Length: 4\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nLocation: "
      "/x\r\n\r\n\x01\x02\x03\x04");
  const kit::HttpAnswer answer = Get("/");
  EXPECT_EQ(answer.status, 418);
  EXPECT_EQ(answer.body, "\x01\x02\x03\x04");
  EXPECT_EQ(answer.headers.count("set-cookie"), 2u);
  EXPECT_EQ(answer.Header("location"), "/x");
}

TEST_F(Forwarding, AnswersWithoutABodyStayWithout) {
  for (const char* answer :
       {"HTTP/1.1 204 No Content\r\n\r\n", "HTTP/1.1 304 Not Modified\r\nETag: \"a\"\r\n\r\n"}) {
    upstream_.SetAnswer(answer);
    kit::RawClient raw(gateway_.port());
    raw.Send("GET / HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n");
    const std::string received = raw.ReadToEnd();
    EXPECT_THAT(received, testing::EndsWith("\r\n\r\n"));
    EXPECT_THAT(received, Not(HasSubstr("Transfer-Encoding")));
  }
}

TEST_F(Forwarding, AChunkedAnswerArrivesWhole) {
  upstream_.SetAnswer(
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n");
  EXPECT_EQ(Get("/").body, "abcdefg");
  // The connection to the upstream is kept, and still in step.
  EXPECT_EQ(Get("/").body, "abcdefg");
}

TEST_F(Forwarding, AnHttp10CallerGetsABodyWithoutChunks) {
  upstream_.SetAnswer("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n");
  kit::RawClient raw(gateway_.port());
  raw.Send("GET / HTTP/1.0\r\nHost: a.example\r\n\r\n");
  const std::string received = raw.ReadToEnd();
  EXPECT_THAT(received, testing::EndsWith("\r\n\r\nabc"));
  EXPECT_THAT(received, Not(HasSubstr("Transfer-Encoding")));
}

TEST_F(Forwarding, ALargeBodyPassesBothWays) {
  const std::string body(20'000'000, 'b');
  upstream_.SetAnswer("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
                      body);
  kit::HttpRequest post;
  post.method = "POST";
  post.headers = {"Host: a.example"};
  post.body = body;
  post.timeout_ms = 60'000;
  const kit::HttpAnswer answer = client_->Send(post);
  EXPECT_EQ(answer.status, 200) << answer.error;
  // Not EXPECT_EQ: a difference of 20 MB is nothing to print.
  EXPECT_TRUE(answer.body == body);
  ASSERT_EQ(upstream_.Complete().size(), 1u);
  EXPECT_TRUE(upstream_.Complete()[0].body == body);
}

TEST_F(Forwarding, ContinueIsSentWhenTheBodyIsWanted) {
  kit::RawClient raw(gateway_.port());
  raw.Send("POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_THAT(raw.ReadUntil("\r\n\r\n"), testing::StartsWith("HTTP/1.1 100 Continue"));
  raw.Send("abc");
  EXPECT_THAT(raw.ReadUntil("ok"), HasSubstr("200 OK"));
}

TEST_F(Forwarding, ContinueIsNotSentToACallerWhoIsRefused) {
  kit::RawClient raw(gateway_.port());
  raw.Send("POST / HTTP/1.1\r\nHost: b.example\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_THAT(raw.ReadUntil("\r\n\r\n"), testing::StartsWith("HTTP/1.1 404"));
}

TEST_F(Forwarding, AnUpstreamThatIsGoneIs502) {
  upstream_.StopListening();
  const kit::HttpAnswer answer = Get("/");
  EXPECT_EQ(answer.status, 502);
  EXPECT_THAT(answer.body, HasSubstr("upstream-connect"));
}

TEST_F(Forwarding, AMalformedAnswerIs502) {
  for (const char* answer : {"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", "nonsense\r\n\r\n",
                             "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"}) {
    upstream_.SetAnswer(answer);
    const kit::HttpAnswer received = Get("/");
    EXPECT_EQ(received.status, 502) << answer;
    EXPECT_THAT(received.body, HasSubstr("upstream-invalid"));
  }
}

TEST_F(Forwarding, ABodyThatBeginsMalformedIs502) {
  upstream_.SetAnswer("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n");
  EXPECT_EQ(Get("/").status, 502);
}

TEST_F(Forwarding, WhatAnUpstreamSendsUnaskedReachesNobody) {
  upstream_.SetAnswer(
      "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nPOISON");
  for (int i = 0; i < 5; ++i) EXPECT_EQ(Get("/").body, "ok");
}

TEST_F(Forwarding, TheTotalTimeoutEndsASilentExchange) {
  std::string route = kit::PublicRoute("slow.example");
  route.replace(route.find("http}}]}"), 8, "http}}], timeouts: {total: 300ms}}");
  route.replace(route.find("name: upstream, namespace"), 14, "name: slowrout");
  gateway_.Write("slow.yaml", route);
  upstream_.SetAnswer("");
  kit::HttpAnswer answer;
  EXPECT_TRUE(kit::Eventually([&] {
    answer = client_->Get("/", {"Host: slow.example"});
    return answer.status == 504;
  })) << answer.status
      << gateway_.Stderr();
  EXPECT_THAT(answer.body, HasSubstr("upstream-timeout"));
}

TEST_F(Forwarding, WhatIsNoMethodStandsInNoLog) {
  kit::RawClient raw(gateway_.port());
  raw.Send("GET/?api_key=a-secret-key a HTTP/1.1\r\nHost: a.example\r\n\r\n");
  EXPECT_THAT(raw.ReadToEnd(), testing::StartsWith("HTTP/1.1 400"));
  ASSERT_TRUE(kit::Eventually([&] { return gateway_.AccessLog().find("bad-request") != std::string::npos; }));
  EXPECT_THAT(gateway_.AccessLog(), Not(HasSubstr("a-secret-key")));
}

TEST_F(Forwarding, ACutBodyIsSeenByTheCaller) {
  upstream_.SetAnswer("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nzz\r\n");
  EXPECT_NE(Get("/").error, "");
}

// The upstream is silent, for as long as its route lets it: 15 s.
class LeavingCaller : public Forwarding {
 protected:
  void SetUp() override {
    Forwarding::SetUp();
    upstream_.SetAnswer("");
    caller_ = std::make_unique<kit::RawClient>(gateway_.port());
  }
  void Send(const std::string& request) {
    caller_->Send(request);
    ASSERT_TRUE(kit::Eventually([&] { return upstream_.Complete().size() == 1; }));
    ASSERT_EQ(upstream_.open(), 1u);
  }
  void ExpectNoticed() {
    EXPECT_TRUE(kit::Eventually([&] { return upstream_.open() == 0; }));
    EXPECT_TRUE(kit::Eventually([&] {
      return gateway_.AccessLog().find(
                 "\"status\":499,\"source\":\"gateway\",\"reason\":\"downstream-gone\"") != std::string::npos;
    })) << gateway_.AccessLog();
  }
  std::unique_ptr<kit::RawClient> caller_;
};

TEST_F(LeavingCaller, IsNoticedWhenItBreaksOff) {
  Send("GET / HTTP/1.1\r\nHost: a.example\r\n\r\n");
  caller_->Reset();
  ExpectNoticed();
}

TEST_F(LeavingCaller, IsNoticedAfterItsBody) {
  Send("POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: 3\r\n\r\nabc");
  caller_->Reset();
  ExpectNoticed();
}

TEST_F(LeavingCaller, IsNoticedAWhileAfterItHasClosed) {
  Send("GET / HTTP/1.1\r\nHost: a.example\r\n\r\n");
  caller_.reset();
  ExpectNoticed();
}

TEST_F(Forwarding, ACallerThatOnlyEndsItsSideIsAnswered) {
  for (const char* request : {"GET / HTTP/1.1\r\nHost: a.example\r\n\r\n",
                              "GET / HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n",
                              "POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: 2\r\n\r\nab"}) {
    kit::RawClient caller(gateway_.port());
    caller.Send(request);
    caller.FinishSending();
    EXPECT_THAT(caller.ReadToEnd(), testing::EndsWith("\r\n\r\nok"));
  }
}

TEST_F(Forwarding, ARequestThatComesWhileAnotherIsServedIsServedNext) {
  kit::RawClient caller(gateway_.port());
  upstream_.SetAnswer("");
  caller.Send("GET /first HTTP/1.1\r\nHost: a.example\r\n\r\n");
  ASSERT_TRUE(kit::Eventually([&] { return upstream_.Complete().size() == 1; }));
  caller.Send("GET /second HTTP/1.1\r\nHost: b.example\r\n\r\n");
  upstream_.CloseConnections();
  EXPECT_THAT(caller.ReadUntil("HTTP/1.1 404"), HasSubstr("HTTP/1.1 502"));
}

TEST_F(Forwarding, ManyHeadersAreTooMany) {
  kit::RawClient raw(gateway_.port());
  std::string head = "GET / HTTP/1.1\r\nHost: a.example\r\n";
  for (int i = 0; i < 200; ++i) head += "X-" + std::to_string(i) + ": 1\r\n";
  raw.Send(head + "\r\n");
  EXPECT_THAT(raw.ReadToEnd(), testing::StartsWith("HTTP/1.1 431"));
  kit::RawClient large(gateway_.port());
  large.Send("GET / HTTP/1.1\r\nHost: a.example\r\nX: " + std::string(40'000, 'x'));
  EXPECT_THAT(large.ReadToEnd(), testing::StartsWith("HTTP/1.1 431"));
}

}  // namespace
}  // namespace tollgate
