// Targets by their URLs: their names are looked up with name servers that others wrote, and again.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <map>

#include "tests/kit/dns_server.h"
#include "tests/kit/eventually.h"
#include "tests/kit/free_port.h"
#include "tests/kit/gateway.h"
#include "tests/kit/raw_client.h"
#include "tests/kit/raw_server.h"
#include "tests/kit/recording_upstream.h"
#include "tests/kit/tls_upstream.h"

namespace tollgate {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

// The same port on an address of its own, as the hosts behind one name have it.
class Echo {
 public:
  Echo(const std::string& address, int port)
      : process_({kit::ProgramPath("tollgate-echo"), "--address=" + address + ":" + std::to_string(port),
                  "--name=at-" + address, "--port-file=" + (folder_ / "ports")}) {
    port_ = kit::AwaitPorts(folder_ / "ports", process_)["http"];
  }
  int port() const { return port_; }

 private:
  kit::TempFolder folder_;
  kit::Process process_;
  int port_ = 0;
};

class NamedUpstream : public testing::Test {
 protected:
  void WriteRoute(const std::string& url, const std::string& more = "", const std::string& policy = "") {
    std::string route = kit::PublicRoute("a.example");
    const std::string target = "{type: Service, serviceRef: {name: upstream, port: http}}]";
    route.replace(route.find(target), target.size(),
                  "{type: URL, url: \"" + url + "\"" + more + "}]" + policy);
    gateway_.Write("route.yaml", route);
  }
  void Start() {
    ASSERT_TRUE(gateway_.Start({"--threads=2", "--dns-servers=" + dns_.address()})) << gateway_.Stderr();
  }
  void Serve(const std::string& url, const std::string& more = "", const std::string& policy = "") {
    WriteRoute(url, more, policy);
    Start();
  }
  kit::HttpAnswer Get() { return kit::HttpClient(gateway_.port()).Get("/", {"Host: a.example"}); }
  double Names(const std::string& state) {
    return gateway_.Metric("tollgate_upstream_names{state=\"" + state + "\"}");
  }
  size_t CountInLog(const std::string& text) const {
    const std::string log = gateway_.Stderr();
    size_t count = 0;
    for (size_t at = log.find(text); at != std::string::npos; at = log.find(text, at + 1)) ++count;
    return count;
  }
  static std::string To(const std::string& host, int port) {
    return "http://" + host + ":" + std::to_string(port);
  }

  kit::DnsServer dns_;
  kit::RecordingUpstream upstream_;
  kit::Gateway gateway_;
};

TEST_F(NamedUpstream, TheVeryFirstRequestIsServedAndAskedForItsHost) {
  dns_.Put("legacy.example", {"127.0.0.1"});
  Serve(To("legacy.example", upstream_.port()));
  EXPECT_EQ(Get().status, 200);
  EXPECT_THAT(upstream_.Complete().at(0).head,
              AllOf(HasSubstr("Host: legacy.example:" + std::to_string(upstream_.port()) + "\r\n"),
                    HasSubstr("X-Forwarded-Host: a.example\r\n")));
  EXPECT_EQ(Names("fresh"), 1);
  EXPECT_TRUE(kit::Eventually([&] {
    return gateway_.AccessLog().find("\"upstream\":\"" + To("legacy.example", upstream_.port())) !=
           std::string::npos;
  })) << gateway_.AccessLog();
}

TEST_F(NamedUpstream, RequestsAreSharedAmongTheAddressesAndFollowTheirChange) {
  const int port = kit::FreePort();
  const Echo first("127.0.0.1", port);
  const Echo second("127.0.0.2", port);
  dns_.Put("legacy.example", {"127.0.0.1", "127.0.0.2"});
  Serve(To("legacy.example", port));
  bool seen_first = false;
  bool seen_second = false;
  EXPECT_TRUE(kit::Eventually([&] {
    const std::string body = Get().body;
    seen_first = seen_first || body.find("at-127.0.0.1") != std::string::npos;
    seen_second = seen_second || body.find("at-127.0.0.2") != std::string::npos;
    return seen_first && seen_second;
  }));
  const Echo third("127.0.0.3", port);
  dns_.Put("legacy.example", {"127.0.0.3"});
  EXPECT_TRUE(kit::Eventually([&] { return Get().body.find("at-127.0.0.3") != std::string::npos; }));
  for (int i = 0; i < 20; ++i) EXPECT_THAT(Get().body, HasSubstr("at-127.0.0.3"));
}

TEST_F(NamedUpstream, WhatIsUnderWayAtAnAddressThatDisappearsIsFinished) {
  kit::RawServer slow;
  const Echo next("127.0.0.2", slow.port());
  dns_.Put("legacy.example", {"127.0.0.1"});
  Serve(To("legacy.example", slow.port()));
  std::future<int> first = std::async(std::launch::async, [this] { return Get().status; });
  const std::unique_ptr<kit::RawClient> asked = slow.Accept();
  EXPECT_NE(asked->ReadUntil("\r\n\r\n"), "");
  dns_.Put("legacy.example", {"127.0.0.2"});
  const auto lookups = [this] {
    return gateway_.Metric("tollgate_upstream_lookups_total{result=\"answered\"}");
  };
  const double before = lookups();
  // The second one from now on began after the change.
  ASSERT_TRUE(kit::Eventually([&] { return lookups() > before + 1; }));
  EXPECT_THAT(Get().body, HasSubstr("at-127.0.0.2"));
  asked->Send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(first.get(), 200);
  EXPECT_TRUE(kit::Eventually([&] {
    return gateway_.AccessLog().find("\"endpoint\":\"127.0.0.1:" + std::to_string(slow.port()) + "\"") !=
           std::string::npos;
  })) << gateway_.AccessLog();
}

TEST_F(NamedUpstream, WhatWasKnownServesWhileNobodyAnswers) {
  dns_.Put("legacy.example", {"127.0.0.1"});
  Serve(To("legacy.example", upstream_.port()));
  EXPECT_EQ(Get().status, 200);
  dns_.Kill();
  ASSERT_TRUE(kit::Eventually([&] { return Names("stale") == 1; }));
  EXPECT_EQ(Get().status, 200);
  const double failed = gateway_.Metric("tollgate_upstream_lookups_total{result=\"failed\"}");
  EXPECT_TRUE(kit::Eventually(
      [&] { return gateway_.Metric("tollgate_upstream_lookups_total{result=\"failed\"}") > failed + 1; }));
  EXPECT_EQ(CountInLog("the addresses that it had are used"), 1U) << gateway_.Stderr();
  dns_.Start();
  EXPECT_TRUE(kit::Eventually([&] { return Names("fresh") == 1; }));
  EXPECT_EQ(CountInLog("a target's name leads to addresses again"), 1U);
}

TEST_F(NamedUpstream, ANameThatIsNotThereIs503UntilItIs) {
  Serve(To("gone.example", upstream_.port()));
  const kit::HttpAnswer answer = Get();
  EXPECT_EQ(answer.status, 503);
  EXPECT_THAT(answer.body, AllOf(HasSubstr("problems/upstream-none-ready"),
                                 HasSubstr("The upstream's name leads to no address just now."),
                                 Not(HasSubstr("gone.example"))));
  EXPECT_TRUE(kit::Eventually([&] {
    return gateway_.AccessLog().find("\"reason\":\"name-unresolved\"") != std::string::npos;
  })) << gateway_.AccessLog();
  EXPECT_EQ(Names("unknown"), 1);
  EXPECT_EQ(CountInLog("leads to no address"), 1U) << gateway_.Stderr();
  dns_.Put("gone.example", {"127.0.0.1"});
  EXPECT_TRUE(kit::Eventually([&] { return Get().status == 200; }));
}

TEST_F(NamedUpstream, NameServersThatAreNotThereAre503) {
  dns_.Kill();
  Serve(To("legacy.example", upstream_.port()));
  EXPECT_EQ(Get().status, 503);
  EXPECT_THAT(Get().body, HasSubstr("problems/upstream-none-ready"));
  dns_.Put("legacy.example", {"127.0.0.1"});
  dns_.Start();
  EXPECT_TRUE(kit::Eventually([&] { return Get().status == 200; }));
}

TEST_F(NamedUpstream, ANameThatIsNoMoreHasNoAddressesLeft) {
  dns_.Put("legacy.example", {"127.0.0.1"});
  Serve(To("legacy.example", upstream_.port()));
  EXPECT_EQ(Get().status, 200);
  dns_.Remove("legacy.example");
  EXPECT_TRUE(kit::Eventually([&] { return Get().status == 503; }));
}

// Only IPv4 is served there, and nothing is tried again.
TEST_F(NamedUpstream, EitherFamilyWillDo) {
  dns_.Put("legacy.example", {"::1", "127.0.0.1"});
  Serve(To("legacy.example", upstream_.port()), "", ", retry: {attempts: 0}");
  upstream_.SetAnswer("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok");
  for (int i = 0; i < 20; ++i) EXPECT_EQ(Get().status, 200);
  EXPECT_EQ(gateway_.Metric("tollgate_upstream_endpoints{state=\"ready\"}"), 2);
}

TEST_F(NamedUpstream, ItsAddressesAreProbed) {
  dns_.Put("legacy.example", {"127.0.0.1"});
  Serve(To("legacy.example", upstream_.port()), "",
        ", health: {active: {path: /healthz, interval: 100ms, unhealthyAfter: 1}}");
  const auto endpoints = [this](const std::string& state) {
    return gateway_.Metric("tollgate_upstream_endpoints{state=\"" + state + "\"}");
  };
  EXPECT_TRUE(kit::Eventually([&] { return !upstream_.Complete().empty(); }));
  EXPECT_THAT(upstream_.Complete().at(0).head,
              AllOf(HasSubstr("GET /healthz HTTP/1.1\r\n"), HasSubstr("Host: legacy.example:")));
  dns_.Put("legacy.example", {"127.0.0.1", "127.0.0.2"});  // where nobody listens
  EXPECT_TRUE(kit::Eventually([&] { return endpoints("ready") == 1 && endpoints("unhealthy") == 1; }));
  dns_.Put("legacy.example", {"127.0.0.1"});
  EXPECT_TRUE(kit::Eventually([&] { return endpoints("unhealthy") == 0; }));
}

TEST_F(NamedUpstream, ItProvesTheNameOfItsUrl) {
  const kit::Certificate authority = kit::MakeAuthority("ours");
  const kit::TlsUpstream upstream(kit::Issue(authority, "server", {"legacy.example"}));
  gateway_.Write("ca.yaml", kit::AuthorityMap("test", "ca", authority));
  dns_.Put("legacy.example", {"127.0.0.1"});
  dns_.Put("other.example", {"127.0.0.1"});
  const std::string port = ":" + std::to_string(upstream.port());
  const std::string trust = ", tls: {caCertificateRefs: [{kind: ConfigMap, name: ca}]}";
  Serve("https://legacy.example" + port, trust);
  EXPECT_THAT(Get().body, AllOf(HasSubstr("name=legacy.example\n"), HasSubstr("host=legacy.example" + port)));
  WriteRoute("https://other.example" + port, trust);
  EXPECT_TRUE(kit::Eventually([&] { return Get().status == 502; }));
  EXPECT_TRUE(
      kit::Eventually([&] { return gateway_.AccessLog().find("tls-name-mismatch") != std::string::npos; }));
  // Without authorities of its own it is judged by the system's.
  WriteRoute("https://legacy.example" + port);
  EXPECT_TRUE(kit::Eventually([&] {
    (void)Get();
    return gateway_.AccessLog().find("tls-certificate-untrusted") != std::string::npos;
  }));
}

TEST_F(NamedUpstream, AnAddressIsNotLookedUp) {
  Serve(To("127.0.0.1", upstream_.port()));
  EXPECT_EQ(Get().status, 200);
  EXPECT_EQ(Names("fresh"), 0);
}

TEST_F(NamedUpstream, ANameIsLeftWithTheLastRouteThatHasIt) {
  dns_.Put("legacy.example", {"127.0.0.1"});
  Serve(To("legacy.example", upstream_.port()));
  EXPECT_EQ(Names("fresh"), 1);
  WriteRoute(To("127.0.0.1", upstream_.port()));
  EXPECT_TRUE(kit::Eventually([&] {
    (void)Get();  // a core lets go of a configuration with its next request
    return Names("fresh") == 0;
  }));
}

TEST_F(NamedUpstream, WhatIsNoListOfNameServersIsWrongUse) {
  EXPECT_FALSE(gateway_.Start({"--dns-servers=localhost"}));
  EXPECT_THAT(gateway_.Stderr(), AllOf(HasSubstr("--dns-servers"), HasSubstr("127.0.0.1:5353")));
}

}  // namespace
}  // namespace tollgate
