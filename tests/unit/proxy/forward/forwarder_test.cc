// A request's way to an endpoint and its answer's way back.
#include <gmock/gmock.h>

#include "tests/unit/proxy/forward/forwarder_fixture.h"

namespace tollgate::forward {
namespace {

using http::Framing;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::StartsWith;

class ForwarderTest : public GetFixture {};

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
  EXPECT_EQ(x.upstream, "a/u:80");
  EXPECT_THAT(std::string(x.endpoint), StartsWith("127.0.0.1:"));
  EXPECT_GT(x.upstream_time.count(), 0);
  EXPECT_GT(x.answered, SteadyTime());
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

TEST_F(ForwarderTest, TrailersAreHandedOnButForThoseThatMayNotBe) {
  BodyOf(
      "HTTP/1.1 200 OK\r\nTrailer: X-Sum\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n0\r\nX-Sum: 1\r\n"
      "Set-Cookie: a=b\r\n\r\n");
  EXPECT_EQ(caller().trailers(), "X-Sum: 1\n");
  EXPECT_EQ(caller().fields(), "Trailer: X-Sum\nX-Added: 1\n");
  EXPECT_TRUE(observer().has_trailers);
}

TEST_F(ForwarderTest, AnAnswerWithoutTrailersHasNone) {
  BodyOf("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n0\r\n\r\n");
  EXPECT_EQ(caller().trailers(), "");
  EXPECT_FALSE(observer().has_trailers);
}

class RequestTrailersTest : public ForwarderFixture {
 protected:
  // What the upstream receives of a chunked request with a trailer.
  std::string Received(const std::string& lines, const std::string& until) {
    OnConnection({{kHello, until}});
    kit::TestExchange post("POST", "/", "Host: a.example\r\nTransfer-Encoding: chunked\r\n" + lines);
    post.downstream().SetBody({Framing::Kind::kChunked, 0}, {"ab"});
    http::Trailers trailers;
    EXPECT_TRUE(trailers.Add("X-Sum", "1"));
    post.downstream().SetRequestTrailers(trailers);
    Forward(post);
    return received().back();
  }
};

TEST_F(RequestTrailersTest, GoUpWhereTheRequestAnnouncedThem) {
  const std::string received = Received("Trailer: X-Sum\r\n", "X-Sum: 1\r\n\r\n");
  EXPECT_THAT(received, ::testing::HasSubstr("\r\nTrailer: X-Sum\r\n"));
  EXPECT_THAT(received, EndsWith("\r\n\r\n2\r\nab\r\n0\r\nX-Sum: 1\r\n\r\n"));
}

TEST_F(RequestTrailersTest, StayBehindWhereItDidNot) {
  EXPECT_THAT(Received("", "0\r\n\r\n"), EndsWith("\r\n\r\n2\r\nab\r\n0\r\n\r\n"));
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

TEST_F(ForwarderTest, InterimAnswersAreHandedOnWithoutWhatConcernsAConnection) {
  EXPECT_EQ(BodyOf("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\nConnection: A\r\n"
                   "A: 1\r\n\r\n" +
                   std::string(kHello)),
            "hello");
  EXPECT_EQ(caller().interims(), "100\n103\nLink: x\n");
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
  post.downstream().SetBody({Framing::Kind::kChunked, 0}, {"some", std::string(16, 'x')});
  Forward(post);
  EXPECT_THAT(received(), ElementsAre(EndsWith("\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nsome\r\n10\r\n"
                                               "xxxxxxxxxxxxxxxx\r\n0\r\n\r\n")));
}

// What the caller cannot take yet is left where it comes from.
TEST_F(GetFixture, NothingIsReadWhileTheCallerTakesNothing) {
  const std::string body(3 << 20, 'b');
  OnConnection({{"HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body}});
  get_.emplace("GET", "/a");
  caller().TakeNothing();
  Start([](kit::FakeDownstream& caller, io::Loop& loop) -> io::Task<void> {
    while (!caller.room_awaited() && !loop.stopping()) {
      io::Loop::Sleeper pause = loop.Sleep(std::chrono::milliseconds(1));
      co_await pause;
    }
    const size_t had = caller.body().size();
    io::Loop::Sleeper pause = loop.Sleep(std::chrono::milliseconds(20));
    co_await pause;
    EXPECT_EQ(caller.body().size(), had);
    caller.TakeMore();
  }(caller(), loop_));
  Forward(*get_);
  EXPECT_EQ(outcome(), "sent");
  EXPECT_TRUE(caller().body() == body);
}

}  // namespace
}  // namespace tollgate::forward
