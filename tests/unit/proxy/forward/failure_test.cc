// What callers are told when the upstream fails, or when they do.
#include <gmock/gmock.h>
#include <netinet/in.h>

#include "tests/unit/proxy/forward/forwarder_fixture.h"

namespace tollgate::forward {
namespace {

using http::BodyPiece;
using http::Framing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class FailureTest : public GetFixture {
 protected:
  io::Task<void> GoAwayOnceAnswered(kit::TestExchange& x) {
    while (x.downstream().status() == 0 && !loop_.stopping()) {
      io::Loop::Sleeper pause = loop_.Sleep(std::chrono::milliseconds(1));
      co_await pause;
    }
    x.downstream().GoAway();
  }
};

class NoUpstreamTest : public ForwarderFixture {};

TEST_F(NoUpstreamTest, RefusedConnectionIsSaid) {
  builder_.Upstream("a/u:80").mutable_endpoints(0)->set_port(1);
  kit::TestExchange x("GET", "/");
  Forward(x);
  EXPECT_EQ(outcome(), "upstream-connect/connect-refused");
  EXPECT_FALSE(x.downstream().head_sent());
}

// Listens, accepts nobody, and has no room for anybody in its queue.
class FullListener {
 public:
  FullListener() : listener_(Socket()) {
    sockaddr_in on{};
    on.sin_family = AF_INET;
    on.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::bind(listener_, reinterpret_cast<sockaddr*>(&on), sizeof on), 0);
    EXPECT_EQ(::listen(listener_, 0), 0);
    socklen_t size = sizeof on;
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&on), &size);
    port_ = ntohs(on.sin_port);
    for (int& waiting : waiting_) {
      waiting = Socket();
      (void)::connect(waiting, reinterpret_cast<sockaddr*>(&on), sizeof on);
    }
  }
  ~FullListener() {
    ::close(listener_);
    for (const int waiting : waiting_) ::close(waiting);
  }
  uint16_t port() const { return port_; }

 private:
  static int Socket() { return ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0); }
  const int listener_;
  std::array<int, 3> waiting_{};
  uint16_t port_ = 0;
};

TEST_F(NoUpstreamTest, ConnectingInVainIsTheUpstreamsTime) {
  const FullListener full;
  builder_.Upstream("a/u:80").mutable_endpoints(0)->set_port(full.port());
  timeouts().set_connect_ms(50);
  kit::TestExchange x("GET", "/");
  Forward(x);
  EXPECT_EQ(outcome(), "upstream-connect/connect-timeout");
  EXPECT_GE(x->upstream_time, std::chrono::milliseconds(50));
  EXPECT_EQ(x->upstream, "a/u:80");
  EXPECT_EQ(x->endpoint, "127.0.0.1:" + std::to_string(full.port()));
}

TEST_F(NoUpstreamTest, NobodyIsTriedAfterTheWholeTimeHasPassed) {
  const FullListener full;
  builder_.Upstream("a/u:80").mutable_endpoints(0)->set_port(full.port());
  AddEndpoint(1);
  AddEndpoint(full.port());
  timeouts().set_connect_ms(1'000);
  timeouts().set_total_ms(50);
  kit::TestExchange x("POST", "/");
  Forward(x);
  EXPECT_EQ(outcome(), "upstream-timeout/total-timeout");
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

TEST_F(FailureTest, AnswerThatIsNoHttpIsSaid) {
  BodyOf("SSH-2.0-OpenSSH\r\n\r\n");
  EXPECT_EQ(outcome(), "upstream-invalid/the status line is malformed");
  EXPECT_FALSE(caller().head_sent());
}

TEST_F(FailureTest, AnswerWithAmbiguousLengthIsRefused) {
  BodyOf("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
  EXPECT_THAT(outcome(), StartsWith("upstream-invalid/Content-Length and Transfer-Encoding"));
}

TEST_F(FailureTest, SwitchingProtocolsUnaskedIsRefused) {
  BodyOf("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n");
  EXPECT_EQ(outcome(), "upstream-invalid/switched-unasked");
}

TEST_F(FailureTest, AnswerHeadThatIsTooLargeIsSaid) {
  BodyOf("HTTP/1.1 200 OK\r\nX: " + std::string(40'000, 'x') + "\r\n\r\n");
  EXPECT_EQ(outcome(), "upstream-invalid/answer-head-too-large");
}

std::string AnswerWithFields(size_t count) {
  std::string fields = "Content-Length: 0\r\n";
  for (size_t i = 1; i < count; ++i) fields += "X: y\r\n";
  return "HTTP/1.1 200 OK\r\n" + fields + "\r\n";
}

TEST_F(FailureTest, AnswerWithTooManyFieldsIsSaid) {
  BodyOf(AnswerWithFields(http::Fields::kMax + 1));
  EXPECT_EQ(outcome(), "upstream-invalid/answer-too-many-fields");
}

// Else X-Request-Id and what tells the caller of limits and cache would be missing.
TEST_F(FailureTest, AnswerThatLeavesNoRoomForTheGatewaysFieldsIsOneOfTooMany) {
  BodyOf(AnswerWithFields(exchange::Answer::kMaxUpstreamFields + 1));
  EXPECT_EQ(outcome(), "upstream-invalid/answer-too-many-fields");
}

TEST_F(FailureTest, AnswerThatLeavesThatRoomIsSent) {
  BodyOf(AnswerWithFields(exchange::Answer::kMaxUpstreamFields));
  EXPECT_EQ(outcome(), "sent");
  EXPECT_THAT(caller().fields(), HasSubstr("X-Added: 1"));
}

TEST_F(FailureTest, CloseBeforeTheAnswerIsSaid) {
  BodyOf("", true);
  EXPECT_EQ(outcome(), "upstream-reset/closed-before-answer");
  EXPECT_EQ((*get_)->attempts, 1U) << "a fresh connection that breaks is no stale one";
}

TEST_F(FailureTest, CloseInsideTheAnswersHeadIsSaid) {
  BodyOf("HTTP/1.1 200 OK\r\nConte", true);
  EXPECT_EQ(outcome(), "upstream-reset/closed-before-answer");
}

TEST_F(FailureTest, SilenceIsTimedOut) {
  timeouts().set_first_byte_ms(30);
  BodyOf("");
  EXPECT_EQ(outcome(), "upstream-timeout/first-byte-timeout");
}

TEST_F(FailureTest, BodyThatIsCutShortIsAborted) {
  BodyOf("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello", true);
  EXPECT_EQ(outcome(), "sent");
  EXPECT_TRUE(caller().aborted());
  EXPECT_FALSE(caller().complete());
  EXPECT_FALSE(observer().ended);
  EXPECT_EQ((*get_)->reason, "upstream-body-cut");
}

TEST_F(FailureTest, ChunksThatAreMalformedAreAborted) {
  BodyOf("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhelloX");
  EXPECT_TRUE(caller().aborted());
  EXPECT_FALSE(observer().ended);
}

TEST_F(FailureTest, BodyThatStallsIsAborted) {
  timeouts().set_idle_ms(30);
  BodyOf("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello");
  EXPECT_EQ(caller().body(), "hello");
  EXPECT_TRUE(caller().aborted());
}

TEST_F(FailureTest, CallerThatIsGoneEndsTheRelay) {
  OnConnection({{"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"}});
  timeouts().set_idle_ms(50);
  kit::TestExchange x("GET", "/");
  Start(GoAwayOnceAnswered(x));
  Forward(x);
  EXPECT_EQ(outcome(), "sent");
  EXPECT_EQ(x->reason, "downstream-gone");
}

TEST_F(FailureTest, BrokenBodyNeverLooksWholeToTheUpstream) {
  OnConnection({{kHello, "0\r\n\r\n"}});
  kit::TestExchange post("POST", "/");
  post.downstream().SetBody({Framing::Kind::kChunked, 0}, {"some"}, BodyPiece::Status::kMalformed);
  Forward(post);
  EXPECT_EQ(outcome(), "bad-request/body-malformed");
  EXPECT_THAT(received(), ElementsAre(Not(HasSubstr("0\r\n\r\n"))));
}

TEST_F(FailureTest, BodyThatIsCutShortIsTheCallersFault) {
  OnConnection({{kHello, "never"}});
  kit::TestExchange post("POST", "/");
  post.downstream().SetBody({Framing::Kind::kLength, 100}, {"some"}, BodyPiece::Status::kTruncated);
  Forward(post);
  EXPECT_EQ(outcome(), "bad-request/body-cut");
}

TEST_F(FailureTest, AnswerMayComeBeforeTheBodyHas) {
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

}  // namespace
}  // namespace tollgate::forward
