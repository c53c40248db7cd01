// The server for operators: which methods its pages take, and whom it refuses.
#include "proxy/admin/admin_server.h"

#include <gmock/gmock.h>

#include <atomic>

#include "tests/kit/http_client.h"
#include "tests/kit/raw_client.h"

namespace tollgate::admin {
namespace {

using ::testing::HasSubstr;

class AdminServerTest : public ::testing::Test {
 protected:
  void Start(bool refuses_browsers) {
    std::map<std::string, AdminServer::Page> pages;
    pages["/read"] = {[] { return AdminAnswer{200, "text/plain", "here\n"}; }};
    pages["/act"] = {[this] {
                       ++acted_;
                       return AdminAnswer{202, "text/plain", "done\n"};
                     },
                     true};
    server_ = *AdminServer::Open(*io::Address::Parse("127.0.0.1:0"), std::move(pages));
    if (refuses_browsers) server_->RefuseBrowsers();
    server_->Start();
  }
  int Status(const std::string& method, const std::string& target,
             const std::vector<std::string>& headers = {}) {
    kit::HttpRequest request;
    request.method = method;
    request.target = target;
    request.headers = headers;
    return kit::HttpClient(server_->local().port()).Send(request).status;
  }

  std::atomic<int> acted_{0};
  std::unique_ptr<AdminServer> server_;
};

TEST_F(AdminServerTest, PagesAreReadAndActsArePosted) {
  Start(false);
  EXPECT_EQ(Status("GET", "/read"), 200);
  EXPECT_EQ(Status("GET", "/read?whatever"), 200);
  EXPECT_EQ(Status("POST", "/read"), 405);
  EXPECT_EQ(Status("GET", "/act"), 405);
  EXPECT_EQ(acted_, 0);
  EXPECT_EQ(Status("POST", "/act"), 202);
  EXPECT_EQ(acted_, 1);
  EXPECT_EQ(Status("GET", "/elsewhere"), 404);
}

TEST_F(AdminServerTest, WhatAPageOfTheWebCanSendIsRefused) {
  Start(true);
  EXPECT_EQ(Status("POST", "/act", {"Origin: https://evil.example"}), 403);
  EXPECT_EQ(Status("POST", "/act", {"Sec-Fetch-Site: cross-site"}), 403);
  EXPECT_EQ(Status("GET", "/read", {"Host: rebound.example:9091"}), 403);
  EXPECT_EQ(acted_, 0);
  for (const char* host : {"127.0.0.1:9091", "localhost:9091", "localhost", "[::1]:9091", "[::1]"}) {
    EXPECT_EQ(Status("GET", "/read", {std::string("Host: ") + host}), 200) << host;
  }
}

TEST_F(AdminServerTest, OthersAreNotAskedWhereTheyComeFrom) {
  Start(false);
  EXPECT_EQ(Status("GET", "/read", {"Host: metrics.example"}), 200);
}

TEST_F(AdminServerTest, OneThatLeavesEndsItsConnectionsWithTheAnswer) {
  Start(false);
  kit::RawClient kept(server_->local().port());
  const std::string request = "GET /read HTTP/1.1\r\nHost: localhost\r\n\r\n";
  kept.Send(request);
  kept.ReadUntil("here\n");
  server_->StopAccepting();
  kept.Send(request);
  EXPECT_THAT(kept.ReadToEnd(), HasSubstr("Connection: close"));
}

}  // namespace
}  // namespace tollgate::admin
