// Copies of requests to another Service, which nobody who waits for an answer may notice.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/feature/limited_plan.h"
#include "tests/kit/eventually.h"
#include "tests/kit/gateway.h"
#include "tests/kit/raw_server.h"
#include "tests/kit/recording_upstream.h"

namespace tollgate {
namespace {

using kit::RecordingUpstream;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class Mirror : public testing::Test {
 protected:
  // `mirror` is that block's content besides serviceRef.
  void Serve(int port, const std::string& route = kit::PublicRoute("a.example"),
             const std::string& more = "") {
    std::string with = route;
    with.replace(with.find("http}}]}"), 8,
                 "http}}], mirror: {serviceRef: {name: next, port: http}" + more + "}}");
    gateway_.WriteService("test", "upstream", upstream_.port())
        .WriteService("test", "next", port)
        .Write("route.yaml", with);
    ASSERT_TRUE(gateway_.Start({"--threads=1"})) << gateway_.Stderr();
    client_ = std::make_unique<kit::HttpClient>(gateway_.port());
  }
  using Headers = std::vector<std::string>;
  int Get(const std::string& target = "/", Headers headers = {}) {
    headers.emplace_back("Host: a.example");
    return client_->Get(target, headers).status;
  }
  int Post(const std::string& body, Headers headers = {}) {
    headers.emplace_back("Host: a.example");
    kit::HttpRequest request;
    request.method = "POST";
    request.headers = std::move(headers);
    request.body = body;
    return client_->Send(request).status;
  }
  double Copies(const std::string& result) {
    return gateway_.Metric("tollgate_upstream_copies_total{result=\"" + result + "\"}");
  }
  // The only copy, once it has come.
  RecordingUpstream::Request Copy() {
    EXPECT_TRUE(kit::Eventually([&] { return next_.Complete().size() == 1; }));
    return next_.Complete().empty() ? RecordingUpstream::Request() : next_.Complete()[0];
  }

  RecordingUpstream upstream_;
  // Whose answers nobody is to see.
  RecordingUpstream next_{"HTTP/1.1 500 Oh\r\nContent-Length: 2\r\n\r\noh"};
  kit::Gateway gateway_;
  std::unique_ptr<kit::HttpClient> client_;
};

TEST_F(Mirror, ACopyIsWhatTheTargetGetsWithAMark) {
  Serve(next_.port());
  EXPECT_EQ(Get("/a?b=c", {"X-One: 1", "X-Tollgate-Mirror: true"}), 200);
  std::string copy = Copy().head;
  const std::string original = upstream_.Complete().at(0).head;
  EXPECT_THAT(original, AllOf(HasSubstr("GET /a?b=c HTTP/1.1\r\nHost: a.example\r\n"),
                              HasSubstr("X-One: 1\r\n"), Not(HasSubstr("Mirror"))));
  const std::string mark = "X-Tollgate-Mirror: true\r\n";
  ASSERT_THAT(copy, HasSubstr(mark));
  copy.erase(copy.find(mark), mark.size());
  EXPECT_EQ(copy, original);
  EXPECT_TRUE(kit::Eventually([&] { return Copies("answered") == 1; }));
}

TEST_F(Mirror, ConnectionsAreKept) {
  Serve(next_.port());
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(Get(), 200);
    ASSERT_TRUE(kit::Eventually([&] { return Copies("answered") == i + 1; }));
  }
  EXPECT_EQ(next_.accepted(), 1U);
}

TEST_F(Mirror, ItsBodyIsCopiedHoweverItIsSent) {
  Serve(next_.port());
  EXPECT_EQ(Post(std::string(65'536, 'a')), 200);
  EXPECT_EQ(Copy().body, std::string(65'536, 'a'));
  next_.Forget();
  EXPECT_EQ(Post("hello", {"Transfer-Encoding: chunked"}), 200);
  EXPECT_EQ(Copy().body, "hello");
  EXPECT_THAT(Copy().head, AllOf(HasSubstr("Content-Length: 5\r\n"), Not(HasSubstr("chunked"))));
}

TEST_F(Mirror, ALongBodyIsNotCopied) {
  Serve(next_.port());
  const std::string body(65'537, 'a');
  EXPECT_EQ(Post(body), 200);
  EXPECT_EQ(Post(body, {"Transfer-Encoding: chunked"}), 200);
  EXPECT_EQ(Copies("dropped"), 2);
  EXPECT_EQ(upstream_.Complete().at(0).body, body);
  EXPECT_EQ(upstream_.Complete().at(1).body, body);
  EXPECT_EQ(next_.begun(), 0U);
}

TEST_F(Mirror, OneThatSaysNothingHoldsNobodyUp) {
  const kit::RawServer silent;
  Serve(silent.port());
  EXPECT_TRUE(kit::Eventually([&] { return Get() == 200 && Copies("dropped") > 0; }));
  EXPECT_TRUE(kit::Eventually([&] { return Copies("failed") > 0; })) << "none is waited for for ever";
  EXPECT_EQ(gateway_.AccessLog().find("\"status\":5"), std::string::npos);
}

TEST_F(Mirror, OneThatIsDownHoldsNobodyUp) {
  next_.StopListening();
  Serve(next_.port());
  EXPECT_EQ(Get(), 200);
  EXPECT_EQ(Post("hello"), 200);
  EXPECT_TRUE(kit::Eventually([&] { return Copies("failed") == 2; }));
}

TEST_F(Mirror, OneThatIsNotThereIsNoReasonToRefuseAnybody) {
  Serve(next_.port());
  gateway_.Write("service-test-next.yaml", "# nothing\n");
  gateway_.Write("more.yaml", "# nothing\n");
  EXPECT_TRUE(kit::Eventually([&] {
    next_.Forget();
    return Get() == 200 && gateway_.Stderr().find("test/next does not exist") != std::string::npos;
  })) << gateway_.Stderr();
  for (int i = 0; i < 10; ++i) EXPECT_EQ(Get(), 200);
}

TEST_F(Mirror, AShareOfTheRequestsIsCopied) {
  Serve(next_.port(), kit::PublicRoute("a.example"), ", percent: 50");
  for (int i = 0; i < 400; ++i) EXPECT_EQ(Get(), 200);
  EXPECT_TRUE(kit::Eventually([&] { return Copies("answered") > 100; }));
  EXPECT_LT(Copies("answered") + Copies("dropped") + Copies("failed"), 300);
}

TEST_F(Mirror, ItHasNoCredentials) {
  Serve(next_.port(), LimitedPlan(""));
  EXPECT_EQ(Get("/", {std::string("X-Api-Key: ") + kLimitedKey}), 200);
  EXPECT_THAT(Copy().head, AllOf(Not(HasSubstr(kLimitedKey)), HasSubstr("X-Tollgate-Plan: test/plan\r\n")));
}

}  // namespace
}  // namespace tollgate
