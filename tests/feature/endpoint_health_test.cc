// Endpoints of one upstream of which some do not work: who is asked, and what is seen of it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "tests/kit/eventually.h"
#include "tests/kit/gateway.h"
#include "tests/kit/recording_upstream.h"
#include "tests/kit/tls_upstream.h"

namespace tollgate {
namespace {

using kit::RecordingUpstream;

class EndpointHealth : public testing::Test {
 protected:
  // One Service with an endpoint for each upstream.
  void Serve(const std::string& policy, const std::vector<RecordingUpstream*>& upstreams) {
    std::string route = kit::PublicRoute("a.example");
    route.replace(route.find("http}}]}"), 8, "http}}], " + policy + "}");
    gateway_.WriteService("test", "upstream", upstreams[0]->port()).Write("route.yaml", route);
    for (size_t i = 1; i < upstreams.size(); ++i) AddEndpoint(i, *upstreams[i]);
    ASSERT_TRUE(gateway_.Start()) << gateway_.Stderr();
    client_ = std::make_unique<kit::HttpClient>(gateway_.port());
  }
  void AddEndpoint(size_t number, const RecordingUpstream& upstream) {
    gateway_.Write("more-" + std::to_string(number) + ".yaml",
                   R"(
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: more-)" +
                       std::to_string(number) +
                       R"(, namespace: test, labels: {kubernetes.io/service-name: upstream}}
addressType: IPv4
ports: [{name: http, port: )" +
                       std::to_string(upstream.port()) + R"(}]
endpoints: [{addresses: [127.0.0.1]}]
)");
  }
  int Get() { return client_->Get("/", {"Host: a.example"}).status; }
  double Endpoints(const std::string& state) {
    return gateway_.Metric("tollgate_upstream_endpoints{state=\"" + state + "\"}");
  }

  RecordingUpstream good_;
  RecordingUpstream bad_{"HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nbusy"};
  kit::Gateway gateway_;
  std::unique_ptr<kit::HttpClient> client_;
};

TEST_F(EndpointHealth, OneThatFailsIsLeftOutUntilItsTimeIsOver) {
  Serve("health: {passive: {consecutiveFailures: 3, ejectFor: 3s}}", {&good_, &bad_});
  EXPECT_EQ(Endpoints("ready"), 2);
  ASSERT_TRUE(kit::Eventually([&] { return Get() > 0 && Endpoints("ejected") == 1; }));
  EXPECT_EQ(Endpoints("ready"), 1);
  bad_.SetAnswer("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
  bad_.Forget();
  EXPECT_TRUE(kit::Eventually([&] { return Get() == 200 && bad_.begun() > 0; }));
  EXPECT_EQ(Endpoints("ejected"), 0);
}

TEST_F(EndpointHealth, WhatWasLearnedSurvivesANewConfiguration) {
  Serve("health: {passive: {consecutiveFailures: 3, ejectFor: 1h}}", {&good_, &bad_});
  ASSERT_TRUE(kit::Eventually([&] { return Get() > 0 && Endpoints("ejected") == 1; }));
  RecordingUpstream third;
  AddEndpoint(2, third);
  ASSERT_TRUE(kit::Eventually([&] { return Endpoints("ready") == 2; }));
  EXPECT_EQ(Endpoints("ejected"), 1);
  bad_.Forget();
  for (int i = 0; i < 50; ++i) EXPECT_EQ(Get(), 200);
  EXPECT_EQ(bad_.begun(), 0u);
}

TEST_F(EndpointHealth, OneThatRefusesConnectionsIsLeftOut) {
  bad_.StopListening();
  Serve("health: {passive: {}}", {&good_, &bad_});
  EXPECT_TRUE(kit::Eventually([&] { return Get() == 200 && Endpoints("ejected") == 1; }));
}

TEST_F(EndpointHealth, WhereAllFailNoneIsLeftOutBeyondTheShare) {
  RecordingUpstream also_bad("HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nbusy");
  Serve("health: {passive: {consecutiveFailures: 1, ejectFor: 1h}}", {&bad_, &also_bad});
  for (int i = 0; i < 50; ++i) EXPECT_EQ(Get(), 503);
  EXPECT_EQ(Endpoints("ejected"), 1);
  EXPECT_EQ(Endpoints("ready"), 1);
}

class Balancing : public EndpointHealth {
 protected:
  kit::HttpAnswer GetAs(const std::string& user) {
    return client_->Get("/", {"Host: a.example", "X-User: " + user});
  }
  RecordingUpstream second_{"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecond"};
};

TEST_F(Balancing, ByTurns) {
  Serve("balancing: {type: RoundRobin}", {&good_, &second_});
  for (int i = 0; i < 20; ++i) EXPECT_EQ(Get(), 200);
  EXPECT_EQ(good_.begun(), 10u);
  EXPECT_EQ(second_.begun(), 10u);
}

TEST_F(Balancing, ByTheHashOfAHeader) {
  Serve("balancing: {type: ConsistentHash, key: {name: X-User}}", {&good_, &second_});
  std::map<std::string, int> users;
  for (int user = 0; user < 40; ++user) {
    const std::string name = "user-" + std::to_string(user);
    const std::string body = GetAs(name).body;
    ++users[body];
    for (int i = 0; i < 3; ++i) EXPECT_EQ(GetAs(name).body, body);
  }
  EXPECT_GT(users["ok"], 5);
  EXPECT_GT(users["second"], 5);
}

constexpr char kProbed[] = "health: {active: {path: /healthz, interval: 100ms, unhealthyAfter: 2}}";

size_t CountPath(const RecordingUpstream& upstream, const std::string& path) {
  size_t count = 0;
  for (const RecordingUpstream::Request& request : upstream.Complete()) {
    if (request.head.starts_with("GET " + path + " ")) ++count;
  }
  return count;
}

TEST_F(EndpointHealth, OneThatDoesNotAnswerItsProbesIsNotAsked) {
  Serve(kProbed, {&good_, &bad_});
  ASSERT_TRUE(kit::Eventually([&] { return Endpoints("unhealthy") == 1; }));
  EXPECT_EQ(Endpoints("ready"), 1);
  EXPECT_EQ(Endpoints("ejected"), 0);
  for (int i = 0; i < 20; ++i) EXPECT_EQ(Get(), 200);
  EXPECT_EQ(CountPath(bad_, "/"), 0U);
  bad_.SetAnswer("HTTP/1.1 204 No Content\r\n\r\n");
  EXPECT_TRUE(kit::Eventually([&] { return Endpoints("ready") == 2; }));
  EXPECT_GT(CountPath(bad_, "/healthz"), 2U);
  EXPECT_EQ(gateway_.AccessLog().find("healthz"), std::string::npos);
}

TEST_F(EndpointHealth, WhatIsKnownOutlivesAConfiguration) {
  Serve(kProbed, {&good_, &bad_});
  ASSERT_TRUE(kit::Eventually([&] { return Endpoints("unhealthy") == 1; }));
  gateway_.Write("route-b.yaml", kit::PublicRoute("b.example"));
  gateway_.Write("service-b.yaml",
                 "apiVersion: v1\nkind: Service\nmetadata: {name: b, namespace: test}\n"
                 "spec: {ports: [{name: http, port: 80}]}\n");
  for (int i = 0; i < 20; ++i) EXPECT_EQ(Get(), 200);
  EXPECT_EQ(Endpoints("unhealthy"), 1);
}

TEST_F(EndpointHealth, WhereTooManyDoNotAnswerAllAreAsked) {
  RecordingUpstream other_bad("HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nbusy");
  Serve(kProbed, {&bad_, &other_bad});
  ASSERT_TRUE(kit::Eventually([&] { return Endpoints("unhealthy") == 2; }));
  EXPECT_EQ(client_->Get("/", {"Host: a.example"}).body, "busy") << "an upstream's own answer";
}

TEST_F(EndpointHealth, ProbesEndWithTheWishForThem) {
  Serve(kProbed, {&good_, &bad_});
  ASSERT_TRUE(kit::Eventually([&] { return Endpoints("unhealthy") == 1; }));
  gateway_.Write("route.yaml", kit::PublicRoute("a.example"));
  EXPECT_TRUE(kit::Eventually([&] { return Endpoints("unhealthy") == 0; }));
  size_t before = SIZE_MAX;
  // None in the time of several.
  EXPECT_TRUE(kit::Eventually([&] {
    const size_t now = CountPath(bad_, "/healthz");
    for (int i = 0; i < 300; ++i) (void)gateway_.Metric("tollgate_build_info");
    return std::exchange(before, now) == now;
  }));
}

TEST_F(EndpointHealth, ProbesOfATargetOverTlsAreOverTls) {
  const kit::Certificate authority = kit::MakeAuthority("ours");
  const kit::TlsUpstream upstream(kit::Issue(authority, "server", {"upstream.test.svc"}));
  gateway_.Write("ca.yaml", kit::AuthorityMap("test", "ca", authority));
  std::string route = kit::PublicRoute("a.example");
  const auto probing = [&](const std::string& path) {
    std::string text = route;
    return text.replace(text.find("http}}]}"), 8,
                        "http}, protocol: HTTPS, tls: {caCertificateRefs: [{kind: ConfigMap, name: ca}]}}], "
                        "health: {active: {interval: 100ms, unhealthyAfter: 1, path: " +
                            path + "}}}");
  };
  gateway_.WriteService("test", "upstream", upstream.port()).Write("route.yaml", probing("/failing"));
  ASSERT_TRUE(gateway_.Start()) << gateway_.Stderr();
  ASSERT_TRUE(kit::Eventually([&] { return Endpoints("unhealthy") == 1; }));
  gateway_.Write("route.yaml", probing("/healthz"));
  EXPECT_TRUE(kit::Eventually([&] { return Endpoints("ready") == 1; }));
}

}  // namespace
}  // namespace tollgate
