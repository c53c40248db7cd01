#include "controller/admin/admin_server.h"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <vector>

#include "controller/admin/controller_pages.h"
#include "tests/kit/http_client.h"
#include "tests/kit/raw_client.h"

namespace tollgate::admin {
namespace {

class AdminServerTest : public testing::Test {
 protected:
  ControllerMetrics metrics_;
  std::atomic<bool> ready_{true};
  std::unique_ptr<AdminServer> server_ = Start();

  std::unique_ptr<AdminServer> Start() {
    ControllerSources sources{
        .unready = [this] { return ready_ ? std::string() : "the API server has not listed Services"; },
        .figures = [] { return ControllerFigures{}; }};
    auto started = AdminServer::Start("127.0.0.1:0", ControllerPages(std::move(sources), metrics_));
    EXPECT_TRUE(started);
    return std::move(*started);
  }
};

TEST_F(AdminServerTest, AnswersProbesAndScrapes) {
  kit::HttpClient client(server_->port());
  EXPECT_EQ(client.Get("/livez").status, 200);
  EXPECT_EQ(client.Get("/readyz?verbose").status, 200);
  const kit::HttpAnswer scrape = client.Get("/metrics");
  EXPECT_EQ(scrape.status, 200);
  EXPECT_EQ(scrape.Header("content-type"), "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_NE(scrape.body.find("tollgate_build_info{version="), std::string::npos);
}

TEST_F(AdminServerTest, SaysWhyItIsNotReady) {
  ready_ = false;
  const kit::HttpAnswer answer = kit::HttpClient(server_->port()).Get("/readyz");
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.body, "not ready: the API server has not listed Services\n");
  EXPECT_EQ(kit::HttpClient(server_->port()).Get("/livez").status, 200);
}

TEST_F(AdminServerTest, UnknownPathNamesThoseThatThereAre) {
  const kit::HttpAnswer answer = kit::HttpClient(server_->port()).Get("/debug");
  EXPECT_EQ(answer.status, 404);
  EXPECT_EQ(answer.body, "not found; there is /livez /metrics /readyz\n");
}

TEST_F(AdminServerTest, ReadsOnly) {
  kit::HttpRequest request{.method = "DELETE", .target = "/livez", .headers = {}, .body = {}};
  const kit::HttpAnswer answer = kit::HttpClient(server_->port()).Send(request);
  EXPECT_EQ(answer.status, 405);
  EXPECT_EQ(answer.Header("allow"), "GET, HEAD");
}

TEST_F(AdminServerTest, HeadHasTheLengthAndNoBody) {
  kit::RawClient client(server_->port());
  ASSERT_TRUE(client.Send("HEAD /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
  const std::string answer = client.ReadToEnd();
  EXPECT_NE(answer.find("Content-Length: 3\r\n"), std::string::npos);
  EXPECT_TRUE(answer.ends_with("\r\n\r\n"));
}

TEST_F(AdminServerTest, LargeHeadsAndBodiesEndTheConnection) {
  for (const std::string& request :
       {"GET /livez HTTP/1.1\r\nX: " + std::string(20'000, 'x') + "\r\n\r\n",
        "POST /livez HTTP/1.1\r\nContent-Length: 9\r\n\r\n" + std::string(9, 'x'),
        std::string("\x16\x03\x01 not HTTP\r\n\r\n")}) {
    kit::RawClient client(server_->port());
    client.Send(request);
    client.ReadToEnd();
    EXPECT_TRUE(client.closed_by_peer()) << request.substr(0, 20);
  }
  EXPECT_EQ(kit::HttpClient(server_->port()).Get("/livez").status, 200);
}

TEST_F(AdminServerTest, ConnectionsBeyondTheBoundAreClosedAndComeBackWhenOthersLeave) {
  std::vector<std::unique_ptr<kit::RawClient>> held;
  for (int i = 0; i < 64; ++i) {
    held.push_back(std::make_unique<kit::RawClient>(server_->port()));
    held.back()->Send("GET /livez HTTP/1.1\r\nHost: x\r\n\r\n");
    ASSERT_NE(held.back()->ReadUntil("ok\n").find("200 OK"), std::string::npos);
  }
  kit::RawClient one_more(server_->port());
  one_more.ReadToEnd();
  EXPECT_TRUE(one_more.closed_by_peer());
  held.clear();
  kit::HttpAnswer answer;
  for (int i = 0; i < 1'000 && answer.status != 200; ++i)
    answer = kit::HttpClient(server_->port()).Get("/livez");
  EXPECT_EQ(answer.status, 200);
}

TEST_F(AdminServerTest, EndsWithConnectionsOpen) {
  kit::RawClient client(server_->port());
  client.Send("GET /liv");
  server_.reset();
  client.ReadToEnd();
  EXPECT_TRUE(client.closed_by_peer());
}

TEST(AdminServer, AddressThatCannotBeUsedIsNamed) {
  for (const char* address :
       {"", "9090", "localhost:9090", "::1:9090", "[127.0.0.1]:1", "127.0.0.1:70000", "127.0.0.1:"}) {
    const auto started = AdminServer::Start(address, {});
    ASSERT_FALSE(started) << address;
    EXPECT_NE(started.error().message.find(std::string("cannot listen on \"") + address), std::string::npos);
  }
  const auto first = AdminServer::Start("127.0.0.1:0", {});
  ASSERT_TRUE(first);
  const auto taken = AdminServer::Start("127.0.0.1:" + std::to_string((*first)->port()), {});
  ASSERT_FALSE(taken);
  EXPECT_NE(taken.error().message.find("in use"), std::string::npos);
}

TEST(AdminServer, EveryAddressIsAllFamilies) {
  for (const char* address : {":0", "[::]:0"}) {
    const auto server = AdminServer::Start(address, {});
    if (!server) GTEST_SKIP() << "no IPv6 here: " << server.error().message;
    EXPECT_EQ(kit::HttpClient((*server)->port()).Get("/").status, 404);
  }
}

}  // namespace
}  // namespace tollgate::admin
