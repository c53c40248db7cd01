// A request's way to an endpoint and its answer's way back.
#include "proxy/forward/forwarder.h"

#include <gmock/gmock.h>

#include "tests/unit/proxy/forward/forwarder_fixture.h"

namespace tollgate::forward {
namespace {

using http::BodyPiece;
using http::Framing;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr char kHello[] = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
constexpr Framing kChunked{Framing::Kind::kChunked, 0};

class ForwarderTest : public ForwarderFixture {
 protected:
  // Forwards a GET to an upstream that answers with this; the body that the caller gets.
  std::string BodyOf(const std::string& answer, bool close = false, const char* method = "GET") {
    OnConnection({{answer, "\r\n\r\n", close}});
    get_.emplace(method, "/a?b=c");
    Forward(*get_);
    return get_->downstream().body();
  }
  kit::FakeDownstream& caller() { return get_->downstream(); }

  std::optional<kit::TestExchange> get_;
};

TEST_F(ForwarderTest, AnswerIsHandedOn) {
  EXPECT_EQ(BodyOf(kHello), "hello");
  EXPECT_EQ(outcome(), "sent");
  EXPECT_TRUE(caller().complete());
  EXPECT_EQ(caller().status(), 200);
  EXPECT_EQ(caller().framing().length, 5U);
  EXPECT_EQ(caller().fields(), "X-Added: 1\n");
  EXPECT_THAT(received(), ElementsAre(StartsWith("GET /a?b=c HTTP/1.1\r\nHost: a.example\r\n")));
}

TEST_F(ForwarderTest, ExchangeLearnsWhoAnswered) {
  BodyOf(kHello);
  exchange::Exchange& x = **get_;
  EXPECT_EQ(x.source, exchange::Source::kUpstream);
  EXPECT_EQ(x.status, 200);
  EXPECT_EQ(x.attempts, 1U);
  EXPECT_THAT(std::string(x.upstream), StartsWith("127.0.0.1:"));
  EXPECT_GT(x.upstream_time.count(), 0);
}

TEST_F(ForwarderTest, ObserverSeesHeadBodyAndEnd) {
  BodyOf(kHello);
  EXPECT_EQ(observer().status, 200);
  EXPECT_EQ(observer().body, "hello");
  EXPECT_TRUE(observer().ended);
}

TEST_F(ForwarderTest, ChunksAreTakenOut) {
  EXPECT_EQ(
      BodyOf(
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2;x\r\nlo\r\n0\r\nT: u\r\n\r\n"),
      "hello");
  EXPECT_EQ(caller().framing().kind, Framing::Kind::kChunked);
  EXPECT_TRUE(caller().complete());
  EXPECT_TRUE(observer().ended);
}

TEST_F(ForwarderTest, BodyUntilCloseIsWhole) {
  EXPECT_EQ(BodyOf("HTTP/1.0 200 OK\r\n\r\nhello", true), "hello");
  EXPECT_EQ(caller().framing().kind, Framing::Kind::kChunked);
  EXPECT_TRUE(caller().complete());
}

TEST_F(ForwarderTest, AnswerToHeadHasNoBody) {
  EXPECT_EQ(BodyOf("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", false, "HEAD"), "");
  EXPECT_EQ(outcome(), "sent");
  EXPECT_TRUE(caller().complete());
}

TEST_F(ForwarderTest, InterimAnswersArePassedOver) {
  EXPECT_EQ(BodyOf("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" +
                   std::string(kHello)),
            "hello");
  EXPECT_EQ(caller().status(), 200);
}

TEST_F(ForwarderTest, LargeBodyIsWhole) {
  const std::string body(3'000'000, 'x');
  EXPECT_EQ(BodyOf("HTTP/1.1 200 OK\r\nContent-Length: 3000000\r\n\r\n" + body).size(), body.size());
  EXPECT_TRUE(caller().complete());
}

TEST_F(ForwarderTest, BodyWithLengthIsSentOn) {
  OnConnection({{kHello, "body"}});
  kit::TestExchange post("POST", "/");
  post.downstream().SetBody({Framing::Kind::kLength, 8}, {"some", "body"});
  Forward(post);
  EXPECT_EQ(outcome(), "sent");
  EXPECT_THAT(received(), ElementsAre(EndsWith("\r\nContent-Length: 8\r\n\r\nsomebody")));
}

TEST_F(ForwarderTest, ChunkedBodyIsSentInChunks) {
  OnConnection({{kHello, "0\r\n\r\n"}});
  kit::TestExchange post("POST", "/");
  post.downstream().SetBody(kChunked, {"some", std::string(16, 'x')});
  Forward(post);
  EXPECT_THAT(received(), ElementsAre(EndsWith("\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nsome\r\n10\r\n"
                                               "xxxxxxxxxxxxxxxx\r\n0\r\n\r\n")));
}

TEST_F(ForwarderTest, ConnectionIsUsedAgain) {
  OnConnection({{kHello}, {kHello}});
  kit::TestExchange first("GET", "/1");
  kit::TestExchange second("GET", "/2");
  Forward({&first, &second});
  EXPECT_EQ(connections(), 1U);
  EXPECT_EQ(second.downstream().body(), "hello");
}

class NotReusableTest : public ForwarderFixture, public ::testing::WithParamInterface<const char*> {};

TEST_P(NotReusableTest, ConnectionIsNotUsedAgain) {
  OnConnection({{GetParam()}, {kHello}});
  OnConnection({{kHello}});
  kit::TestExchange first("GET", "/1");
  kit::TestExchange second("GET", "/2");
  Forward({&first, &second});
  EXPECT_TRUE(first.downstream().complete());
  EXPECT_EQ(second.downstream().body(), "hello");
  EXPECT_EQ(connections(), 2U);
}

INSTANTIATE_TEST_SUITE_P(
    Answers, NotReusableTest,
    ::testing::Values("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
                      "HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n",
                      "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nsurplus",
                      "HTTP/1.1 204 No Content\r\nContent-Length: 3\r\n\r\nsur"));

TEST_F(ForwarderTest, RequestIsRepeatedWhenAnIdleConnectionHasGone) {
  OnConnection({{kHello, "\r\n\r\n", true}});
  OnConnection({{kHello}});
  kit::TestExchange first("GET", "/1");
  kit::TestExchange second("GET", "/2");
  Forward({&first, &second});
  EXPECT_EQ(outcome(), "sent");
  EXPECT_EQ(connections(), 2U);
  EXPECT_EQ(second.downstream().body(), "hello");
}

TEST_F(ForwarderTest, RequestThatMayNotBeRepeatedTakesALivingConnection) {
  OnConnection({{kHello, "\r\n\r\n", true}});
  OnConnection({{kHello}});
  kit::TestExchange first("GET", "/1");
  kit::TestExchange second("POST", "/2");
  Forward({&first, &second});
  EXPECT_EQ(outcome(), "sent");
  EXPECT_EQ(second->attempts, 1U);
}

TEST_F(ForwarderTest, EndpointThatRefusesIsPassedOver) {
  for (int i = 0; i < 2; ++i) AddEndpoint(1);  // nobody listens on port 1
  OnConnection({{kHello}, {kHello}, {kHello}, {kHello}});
  std::deque<kit::TestExchange> requests;
  for (int i = 0; i < 4; ++i) requests.emplace_back("POST", "/");
  Forward({&requests[0], &requests[1], &requests[2], &requests[3]});
  for (kit::TestExchange& request : requests) EXPECT_EQ(request.downstream().body(), "hello");
}

class NoUpstreamTest : public ForwarderFixture {};

TEST_F(NoUpstreamTest, RefusedConnectionIsSaid) {
  builder_.Upstream("a/u:80").mutable_endpoints(0)->set_port(1);
  kit::TestExchange x("GET", "/");
  Forward(x);
  EXPECT_EQ(outcome(), "upstream-connect/connect-refused");
  EXPECT_FALSE(x.downstream().head_sent());
}

TEST_F(NoUpstreamTest, NoEndpointIsSaid) {
  builder_.Upstream("a/u:80").clear_endpoints();
  kit::TestExchange x("GET", "/");
  Forward(x);
  EXPECT_EQ(outcome(), "upstream-none-ready/no-endpoint");
  EXPECT_EQ(x->attempts, 0U);
}

TEST_F(NoUpstreamTest, NoTargetIsSaid) {
  builder_.Route("a/route").mutable_rules(0)->mutable_targets(0)->set_weight(0);
  kit::TestExchange x("GET", "/");
  Forward(x);
  EXPECT_EQ(outcome(), "upstream-none-ready/no-target");
}

TEST_F(ForwarderTest, AnswerThatIsNoHttpIsSaid) {
  BodyOf("SSH-2.0-OpenSSH\r\n\r\n");
  EXPECT_EQ(outcome(), "upstream-invalid/the status line is malformed");
  EXPECT_FALSE(caller().head_sent());
}

TEST_F(ForwarderTest, AnswerWithAmbiguousLengthIsRefused) {
  BodyOf("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
  EXPECT_THAT(outcome(), StartsWith("upstream-invalid/Content-Length and Transfer-Encoding"));
}

TEST_F(ForwarderTest, SwitchingProtocolsUnaskedIsRefused) {
  BodyOf("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n");
  EXPECT_EQ(outcome(), "upstream-invalid/switched-unasked");
}

TEST_F(ForwarderTest, AnswerHeadThatIsTooLargeIsSaid) {
  BodyOf("HTTP/1.1 200 OK\r\nX: " + std::string(40'000, 'x') + "\r\n\r\n");
  EXPECT_EQ(outcome(), "upstream-invalid/answer-head-too-large");
}

TEST_F(ForwarderTest, AnswerWithTooManyFieldsIsSaid) {
  std::string fields;
  for (size_t i = 0; i <= http::Fields::kMax; ++i) fields += "X: y\r\n";
  BodyOf("HTTP/1.1 200 OK\r\n" + fields + "\r\n");
  EXPECT_EQ(outcome(), "upstream-invalid/answer-too-many-fields");
}

TEST_F(ForwarderTest, CloseBeforeTheAnswerIsSaid) {
  BodyOf("", true);
  EXPECT_EQ(outcome(), "upstream-reset/closed-before-answer");
  EXPECT_EQ((*get_)->attempts, 1U) << "a fresh connection that breaks is no stale one";
}

TEST_F(ForwarderTest, CloseInsideTheAnswersHeadIsSaid) {
  BodyOf("HTTP/1.1 200 OK\r\nConte", true);
  EXPECT_EQ(outcome(), "upstream-reset/closed-before-answer");
}

TEST_F(ForwarderTest, SilenceIsTimedOut) {
  timeouts().set_first_byte_ms(30);
  BodyOf("");
  EXPECT_EQ(outcome(), "upstream-timeout/first-byte-timeout");
}

TEST_F(ForwarderTest, BodyThatIsCutShortIsAborted) {
  BodyOf("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello", true);
  EXPECT_EQ(outcome(), "sent");
  EXPECT_TRUE(caller().aborted());
  EXPECT_FALSE(caller().complete());
  EXPECT_FALSE(observer().ended);
  EXPECT_EQ((*get_)->reason, "upstream-body-cut");
}

TEST_F(ForwarderTest, ChunksThatAreMalformedAreAborted) {
  BodyOf("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhelloX");
  EXPECT_TRUE(caller().aborted());
  EXPECT_FALSE(observer().ended);
}

TEST_F(ForwarderTest, BodyThatStallsIsAborted) {
  timeouts().set_idle_ms(30);
  BodyOf("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello");
  EXPECT_EQ(caller().body(), "hello");
  EXPECT_TRUE(caller().aborted());
}

TEST_F(ForwarderTest, CallerThatIsGoneEndsTheRelay) {
  OnConnection({{kHello}});
  kit::TestExchange x("GET", "/");
  x.downstream().GoAway();
  Forward(x);
  EXPECT_EQ(outcome(), "sent");
  EXPECT_EQ(x->reason, "downstream-gone");
}

TEST_F(ForwarderTest, BrokenBodyNeverLooksWholeToTheUpstream) {
  OnConnection({{kHello, "0\r\n\r\n"}});
  kit::TestExchange post("POST", "/");
  post.downstream().SetBody(kChunked, {"some"}, BodyPiece::Status::kMalformed);
  Forward(post);
  EXPECT_EQ(outcome(), "bad-request/body-malformed");
  EXPECT_THAT(received(), ElementsAre(Not(HasSubstr("0\r\n\r\n"))));
}

TEST_F(ForwarderTest, BodyThatIsCutShortIsTheCallersFault) {
  OnConnection({{kHello, "never"}});
  kit::TestExchange post("POST", "/");
  post.downstream().SetBody({Framing::Kind::kLength, 100}, {"some"}, BodyPiece::Status::kTruncated);
  Forward(post);
  EXPECT_EQ(outcome(), "bad-request/body-cut");
}

TEST_F(ForwarderTest, AnswerMayComeBeforeTheBodyHas) {
  OnConnection({{"HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\n\r\n", "some"}, {kHello}});
  OnConnection({{kHello}});
  kit::TestExchange post("POST", "/");
  post.downstream().SetBody({Framing::Kind::kLength, 100}, {"some"}, BodyPiece::Status::kTimeout);
  post.downstream().HoldBody();
  kit::TestExchange next("GET", "/next");
  Forward({&post, &next});
  EXPECT_EQ(post.downstream().status(), 413);
  EXPECT_TRUE(post.downstream().complete());
  EXPECT_EQ(next.downstream().body(), "hello");
  EXPECT_EQ(connections(), 2U) << "the first connection still owes the rest of a body";
}

TEST_F(ForwarderTest, RequestWithABodyIsNotRepeated) {
  OnConnection({{kHello}, {"", "some", true}});
  OnConnection({{kHello}});
  kit::TestExchange first("GET", "/");
  kit::TestExchange put("PUT", "/");
  put.downstream().SetBody({Framing::Kind::kLength, 4}, {"some"});
  Forward({&first, &put});
  EXPECT_EQ(outcome(), "upstream-reset/closed-before-answer");
  EXPECT_EQ(connections(), 1U);
}

TEST_F(ForwarderTest, RetriesEndAfterThreeAttempts) {
  for (int i = 0; i < 5; ++i) AddEndpoint(static_cast<uint16_t>(2 + i));
  builder_.Upstream("a/u:80").mutable_endpoints(0)->set_port(1);
  kit::TestExchange x("GET", "/");
  Forward(x);
  EXPECT_EQ(outcome(), "upstream-connect/connect-refused");
  EXPECT_EQ(x->attempts, 3U);
}

}  // namespace
}  // namespace tollgate::forward
