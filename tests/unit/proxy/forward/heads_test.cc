// What an upstream receives, and what its answer becomes.
#include "proxy/forward/heads.h"

#include <gmock/gmock.h>

#include "tests/kit/heads.h"
#include "tests/kit/snapshot_builder.h"
#include "tests/kit/test_exchange.h"

namespace tollgate::forward {
namespace {

using http::Framing;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr Framing kNone{};

std::string Write(const exchange::Exchange& x, std::string_view path = "/", const Framing& body = kNone) {
  std::string out;
  WriteRequestHead(x, {path, "10.0.0.1:80"}, body, out);
  return out;
}

constexpr char kForwarding[] =
    "X-Request-Id: request-1\r\n"
    "X-Forwarded-For: 192.0.2.7\r\n"
    "X-Forwarded-Proto: http\r\n"
    "X-Forwarded-Host: a.example\r\n"
    "Forwarded: for=192.0.2.7;host=\"a.example\";proto=http\r\n"
    "Via: 1.1 tollgate\r\n";

TEST(RequestHeadForUpstream, FieldsFollowHostAndTheGatewaysOwnFollowThem) {
  kit::TestExchange x("GET", "/a?b=c", "X-One: 1\r\nHost: a.example\r\nX-Two:\t2 \r\n");
  EXPECT_EQ(Write(*x, "/rewritten"),
            "GET /rewritten?b=c HTTP/1.1\r\nHost: a.example\r\nX-One: 1\r\nX-Two: 2\r\n" +
                std::string(kForwarding) + "\r\n");
}

// RFC 9110, section 10.1.4: what the caller takes is asked for on our own connection.
TEST(RequestHeadForUpstream, TrailersAreAskedForWhereTheCallerTakesThem) {
  kit::TestExchange x("GET", "/", "Host: a.example\r\nTE: gzip;q=0.5, trailers\r\nConnection: TE\r\n");
  EXPECT_THAT(Write(*x), HasSubstr("\r\nTE: trailers\r\nConnection: TE\r\n"));
  EXPECT_THAT(Write(*x), Not(HasSubstr("gzip")));
  kit::TestExchange other("GET", "/", "Host: a.example\r\nTE: gzip\r\n");
  EXPECT_THAT(Write(*other), Not(HasSubstr("TE:")));
}

TEST(RequestHeadForUpstream, TrailersAreAnnouncedWhereTheBodyCanHaveThem) {
  kit::TestExchange x("POST", "/", "Host: a.example\r\nTrailer: X-Sum\r\n");
  EXPECT_THAT(Write(*x, "/", {Framing::Kind::kChunked, 0}), HasSubstr("\r\nTrailer: X-Sum\r\n"));
  EXPECT_THAT(Write(*x, "/", {Framing::Kind::kLength, 5}), Not(HasSubstr("Trailer")));
}

// RFC 9113, sections 8.2 and 8.3.1.
TEST(RequestHeadForUpstream, OverHttp2ItHasPseudoFieldsAndNothingOfAConnection) {
  kit::TestExchange x("POST", "/a?b=c",
                      "Host: a.example\r\nX-One: 1\r\nConnection: X-Hop, TE\r\nX-Hop: 1\r\nTE: trailers\r\n");
  http::Http2RequestHead head;
  WriteRequestHead(*x, {"/rewritten", "10.0.0.1:80"}, {Framing::Kind::kChunked, 0}, head);
  std::string text;
  head.ForEach([&text](std::string_view name, std::string_view value) {
    text.append(name).append("=").append(value).append("\n");
  });
  EXPECT_THAT(text, ::testing::StartsWith(":method=POST\n:scheme=http\n:authority=a.example\n"
                                          ":path=/rewritten?b=c\nx-one=1\nx-request-id=request-1\n"));
  EXPECT_THAT(text, HasSubstr("\nvia=1.1 tollgate\n"));
  EXPECT_THAT(text, HasSubstr("\nte=trailers\n"));
  for (const char* name : {"\nhost=", "\nconnection=", "\nx-hop=", "\ntransfer-encoding="}) {
    EXPECT_THAT(text, Not(HasSubstr(name)));
  }
}

TEST(RequestHeadForUpstream, OverHttp2TheSchemeIsTheConnectionsToTheUpstream) {
  kit::TestExchange x("GET", "/", "Host: a.example\r\n");
  http::Http2RequestHead head;
  WriteRequestHead(*x, {"/", "10.0.0.1:80", {}, "https"}, kNone, head);
  std::string text;
  head.ForEach([&text](std::string_view name, std::string_view value) {
    text.append(name).append("=").append(value).append("\n");
  });
  EXPECT_THAT(text, HasSubstr("\n:scheme=https\n"));
  EXPECT_THAT(text, HasSubstr("\nx-forwarded-proto=http\n")) << "the caller's";
}

TEST(RequestHeadForUpstream, TlsIsToldOf) {
  const exchange::Transport transport{true, "a.example"};
  kit::TestExchange x("GET", "/", "Host: a.example\r\n", 1, "192.0.2.7", transport);
  EXPECT_THAT(Write(*x), HasSubstr("\r\nX-Forwarded-Proto: https\r\n"));
  EXPECT_THAT(Write(*x), HasSubstr("\r\nForwarded: for=192.0.2.7;host=\"a.example\";proto=https\r\n"));
}

TEST(RequestHeadForUpstream, HostStaysAsTheCallerWroteIt) {
  kit::TestExchange x("GET", "/", "Host: API.Example.COM:8080\r\n");
  EXPECT_THAT(Write(*x), HasSubstr("\r\nHost: API.Example.COM:8080\r\n"));
  EXPECT_THAT(Write(*x), HasSubstr("host=\"API.Example.COM:8080\""));
}

TEST(RequestHeadForUpstream, AbsoluteTargetsHostCounts) {
  kit::TestExchange x("GET", "http://b.example/", "Host: a.example\r\n");
  EXPECT_THAT(Write(*x), HasSubstr("\r\nHost: b.example\r\n"));
  EXPECT_THAT(Write(*x), Not(HasSubstr("a.example")));
}

TEST(RequestHeadForUpstream, CallerOfHttp10WithoutHostGetsTheEndpoints) {
  kit::TestExchange x("GET", "/", "", 0);
  EXPECT_THAT(Write(*x), HasSubstr("GET / HTTP/1.1\r\nHost: 10.0.0.1:80\r\n"));
}

TEST(RequestHeadForUpstream, AnotherHostStandsInHostAloneAndTheCallersIsForwarded) {
  kit::TestExchange x("GET", "/", "Host: a.example\r\n");
  std::string out;
  WriteRequestHead(*x, {"/", "10.0.0.1:80", "quotes.market.svc:8080"}, kNone, out);
  EXPECT_EQ(out, "GET / HTTP/1.1\r\nHost: quotes.market.svc:8080\r\n" + std::string(kForwarding) + "\r\n");
}

TEST(RequestHeadForUpstream, CallersForwardingFieldsAreReplaced) {
  kit::TestExchange x("GET", "/",
                      "Host: a.example\r\nX-Forwarded-For: 6.6.6.6\r\nx-forwarded-proto: https\r\n"
                      "X-Forwarded-Host: evil\r\nX-Forwarded-Client-Cert: evil\r\nForwarded: for=6.6.6.6\r\n"
                      "X-Request-Id: evil\r\n");
  EXPECT_EQ(Write(*x), "GET / HTTP/1.1\r\nHost: a.example\r\n" + std::string(kForwarding) + "\r\n");
}

TEST(RequestHeadForUpstream, ForwardingFieldsWithUnderscoresAreTheSameToMany) {
  kit::TestExchange x("GET", "/",
                      "Host: a.example\r\nX_Forwarded_For: 6.6.6.6\r\nx_request-id: evil\r\nX_Own: 1\r\n");
  EXPECT_EQ(Write(*x),
            "GET / HTTP/1.1\r\nHost: a.example\r\nX_Own: 1\r\n" + std::string(kForwarding) + "\r\n");
}

TEST(RequestHeadForUpstream, EarlierViaIsKept) {
  kit::TestExchange x("GET", "/", "Host: a.example\r\nVia: 1.0 edge\r\n");
  EXPECT_THAT(Write(*x), HasSubstr("Via: 1.0 edge\r\n"));
  EXPECT_THAT(Write(*x), HasSubstr("Via: 1.1 tollgate\r\n"));
}

TEST(RequestHeadForUpstream, Ipv6AddressStandsInBracketsAndQuotes) {
  kit::TestExchange x("GET", "/", "Host: a.example\r\n", 1, "2001:db8::7");
  EXPECT_THAT(Write(*x), HasSubstr("X-Forwarded-For: 2001:db8::7\r\n"));
  EXPECT_THAT(Write(*x), HasSubstr("Forwarded: for=\"[2001:db8::7]\";host=\"a.example\";proto=http\r\n"));
}

TEST(RequestHeadForUpstream, ConnectionsOwnFieldsStayBehind) {
  kit::TestExchange x(
      "GET", "/",
      "Host: a.example\r\nConnection: close, X-Hop\r\nX-Hop: 1\r\nKeep-Alive: 1\r\nTE: gzip\r\n"
      "Upgrade: h2c\r\nProxy-Authorization: Basic eA==\r\nExpect: 100-continue\r\n"
      "Transfer-Encoding: chunked\r\nX-End: 1\r\n");
  EXPECT_EQ(Write(*x, "/", {Framing::Kind::kChunked, 0}),
            "GET / HTTP/1.1\r\nHost: a.example\r\nX-End: 1\r\n" + std::string(kForwarding) +
                "Transfer-Encoding: chunked\r\n\r\n");
}

TEST(RequestHeadForUpstream, ConnectionCannotNameWhatTheGatewayWrites) {
  kit::TestExchange x("GET", "/",
                      "Host: a.example\r\nConnection: Host, X-Forwarded-For, X-Request-Id, Via\r\n");
  EXPECT_EQ(Write(*x), "GET / HTTP/1.1\r\nHost: a.example\r\n" + std::string(kForwarding) + "\r\n");
}

TEST(RequestHeadForUpstream, BodyIsAnnounced) {
  kit::TestExchange x("POST", "/", "Host: a.example\r\nContent-Length: 5\r\n");
  EXPECT_THAT(Write(*x, "/", {Framing::Kind::kLength, 5}), HasSubstr("\r\nContent-Length: 5\r\n\r\n"));
  EXPECT_THAT(Write(*x, "/", {Framing::Kind::kChunked, 0}),
              HasSubstr("\r\nTransfer-Encoding: chunked\r\n\r\n"));
  EXPECT_THAT(Write(*x, "/", {Framing::Kind::kChunked, 0}), Not(HasSubstr("Content-Length")));
}

TEST(RequestHeadForUpstream, MethodsThatExpectABodySayThatThereIsNone) {
  for (const char* method : {"POST", "PUT", "PATCH"}) {
    kit::TestExchange x(method, "/");
    EXPECT_THAT(Write(*x), HasSubstr("\r\nContent-Length: 0\r\n\r\n")) << method;
  }
  for (const char* method : {"GET", "HEAD", "DELETE", "OPTIONS"}) {
    kit::TestExchange x(method, "/", "Host: a.example\r\nContent-Length: 0\r\n");
    EXPECT_THAT(Write(*x), Not(HasSubstr("Content-Length"))) << method;
  }
}

TEST(RequestHeadForUpstream, EmptyQueryIsKept) {
  kit::TestExchange x("GET", "/?");
  EXPECT_THAT(Write(*x), HasSubstr("GET /? HTTP/1.1\r\n"));
  x->has_query = false;
  EXPECT_THAT(Write(*x), HasSubstr("GET / HTTP/1.1\r\n"));
}

class IdentityHeadersTest : public ::testing::Test {
 protected:
  IdentityHeadersTest() {
    builder_.Plan("market/gold");
    builder_.Consumer("market/gold", "ada", {"secret"});
    kit::AddRule(builder_.GuardedRoute("market/quotes", {"market/gold"}), "get-quote")
        .set_operation("quotes.read");
  }
  std::string WriteForAda() {
    const auto catalog = builder_.Build();
    kit::TestExchange x("GET", "/");
    x->routed = exchange::Routed{&kit::RouteNamed(*catalog, "market/quotes"),
                                 &kit::RuleNamed(*catalog, "get-quote"), 0, nullptr};
    x->identity = {catalog->plans().data(), 0, &catalog->consumers()[0].spec};
    return Write(*x);
  }
  kit::SnapshotBuilder builder_;
};

TEST_F(IdentityHeadersTest, UpstreamLearnsWhoCalls) {
  EXPECT_THAT(WriteForAda(), HasSubstr("\r\nX-Tollgate-Consumer: market/ada\r\n"
                                       "X-Tollgate-Plan: market/gold\r\n"
                                       "X-Tollgate-Operation: quotes.read\r\nX-Request-Id: "));
}

TEST_F(IdentityHeadersTest, GroupIsToldWhereThereIsOne) {
  builder_.Consumer("market/gold", "ada").set_group("team-7");
  EXPECT_THAT(WriteForAda(), HasSubstr("\r\nX-Tollgate-Group: team-7\r\n"));
}

std::string Describe(const exchange::Answer& answer) {
  std::string text = std::to_string(answer.status) + "\n" + kit::ToText(answer.fields);
  switch (answer.framing.kind) {
    case Framing::Kind::kNone: text += "none"; break;
    case Framing::Kind::kLength: text += std::to_string(answer.framing.length); break;
    case Framing::Kind::kChunked: text += "chunked"; break;
    case Framing::Kind::kUntilClose: text += "until close"; break;
  }
  if (answer.has_declared_length) text += " declared " + std::to_string(answer.declared_length);
  return text;
}

std::string Answer(int status, std::string_view lines, std::string_view method = "GET",
                   bool limited = false) {
  const kit::Response response(status, lines);
  const http::FramingResult framing = http::ResponseFraming(response.head(), method);
  EXPECT_EQ(framing.status, http::FramingStatus::kDone);
  exchange::Answer answer;
  MakeAnswer(response.head(), framing.framing, limited, answer);
  return Describe(answer);
}

TEST(AnswerForCaller, FieldsAreHandedOnInOrder) {
  EXPECT_EQ(Answer(201, "Server: x\r\nSet-Cookie: a\r\nSet-Cookie: b\r\nContent-Length: 5\r\nVia: 1.1 y\r\n"),
            "201\nServer: x\nSet-Cookie: a\nSet-Cookie: b\nVia: 1.1 y\n5 declared 5");
}

TEST(AnswerForCaller, ConnectionsOwnFieldsStayBehind) {
  EXPECT_EQ(Answer(200,
                   "Connection: X-Hop\r\nX-Hop: 1\r\nKeep-Alive: 1\r\nTransfer-Encoding: chunked\r\n"
                   "Upgrade: h2\r\nProxy-Authenticate: Basic\r\nX-End: 1\r\n"),
            "200\nX-End: 1\nchunked");
}

TEST(AnswerForCaller, TrailersAreAnnouncedWhereTheBodyCanHaveThem) {
  EXPECT_EQ(Answer(200, "Transfer-Encoding: chunked\r\nTrailer: X\r\n"), "200\nTrailer: X\nchunked");
  EXPECT_EQ(Answer(200, "Content-Length: 5\r\nTrailer: X\r\n"), "200\n5 declared 5");
}

TEST(AnswerForCaller, BodyUntilCloseIsSentInChunks) { EXPECT_EQ(Answer(200, ""), "200\nchunked"); }

TEST(AnswerForCaller, RequestIdIsTheGateways) {
  EXPECT_EQ(Answer(200, "X-Request-Id: other\r\nContent-Length: 0\r\n"), "200\n0 declared 0");
}

TEST(AnswerForCaller, UpstreamsLimitsPassWhereTheGatewayHasNone) {
  constexpr std::string_view kLines =
      "RateLimit: \"u\";r=1\r\nratelimit-policy: \"u\";q=1\r\nRateLimit-Remaining: 1\r\nRateLimits: 1\r\n"
      "X-RateLimit-Limit: 1\r\nContent-Length: 0\r\n";
  EXPECT_EQ(Answer(200, kLines, "GET", false),
            "200\nRateLimit: \"u\";r=1\nratelimit-policy: \"u\";q=1\nRateLimit-Remaining: 1\nRateLimits: 1\n"
            "X-RateLimit-Limit: 1\n0 declared 0");
  EXPECT_EQ(Answer(200, kLines, "GET", true), "200\nRateLimits: 1\nX-RateLimit-Limit: 1\n0 declared 0");
}

TEST(AnswerForCaller, LengthOfABodyThatIsNotSentIsKept) {
  EXPECT_EQ(Answer(200, "Content-Length: 7\r\n", "HEAD"), "200\nnone declared 7");
  EXPECT_EQ(Answer(304, "Content-Length: 7\r\nETag: \"a\"\r\n"), "304\nETag: \"a\"\nnone declared 7");
  EXPECT_EQ(Answer(200, "Transfer-Encoding: chunked\r\n", "HEAD"), "200\nnone");
  EXPECT_EQ(Answer(204, ""), "204\nnone");
}

}  // namespace
}  // namespace tollgate::forward
