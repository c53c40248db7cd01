// Two gateways and one redis-server: what one has stored, the other answers, and nothing else. And what the
// two do when the server is killed, frozen, or holds what nobody can read.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>

#include "api/base/digest.h"
#include "tests/kit/eventually.h"
#include "tests/kit/gateway.h"
#include "tests/kit/recording_upstream.h"
#include "tests/kit/redis_server.h"

namespace tollgate {
namespace {

using kit::Eventually;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr char kAnn[] = "a-key-for-ann-of-the-cache-test";
constexpr char kBen[] = "a-key-for-ben-of-the-cache-test";

// Two public hosts with one cache for all, and one whose callers have a cache each.
std::string Manifests() {
  const std::string upstream =
      "upstream: {targets: [{type: Service, serviceRef: {name: upstream, port: http}}]}";
  return R"(
apiVersion: tollgate.dev/v1alpha1
kind: GatewayRoute
metadata: {name: open, namespace: test}
spec:
  hosts: [a.example, b.example]
  access: Public
  rules: [{name: all, )" +
         upstream + R"(, cache: {ttl: 1h, scope: Shared}}]
---
apiVersion: tollgate.dev/v1alpha1
kind: GatewayRoute
metadata: {name: guarded, namespace: test}
spec:
  hosts: [guarded.example]
  plans: [{name: plan}]
  rules: [{name: all, )" +
         upstream + R"(, cache: {ttl: 1h}}]
---
apiVersion: v1
kind: Secret
metadata: {name: callers, namespace: test, labels: {tollgate.dev/plan: plan}}
type: tollgate.dev/api-keys
stringData:
  ann: "sha256:)" +
         ToHex(AsBytes(Sha256(kAnn))) + R"("
  ben: "sha256:)" +
         ToHex(AsBytes(Sha256(kBen))) + R"("
---
apiVersion: tollgate.dev/v1alpha1
kind: ApiPlan
metadata: {name: plan, namespace: test}
spec:
  displayName: Plan
  credentials: {apiKeys: {from: [{type: Header, name: X-Api-Key}]}}
)";
}

std::string AnswerOf(const std::string& body, const std::string& lines = "") {
  return "HTTP/1.1 200 OK\r\n" + lines + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

// One of the gateways, and a client of its own.
class Node {
 public:
  Node(int upstream, const std::string& store, const std::vector<std::string>& further = {}) {
    gateway.WriteService("test", "upstream", upstream).Write("routes.yaml", Manifests());
    // A machine that runs other tests may be slow to answer; what a deadline does, other tests show.
    std::vector<std::string> flags = {"--threads=1", "--cache-deadline=5s", "--cache-store=" + store};
    flags.insert(flags.end(), further.begin(), further.end());
    EXPECT_TRUE(gateway.Start(flags)) << gateway.Stderr();
    client = std::make_unique<kit::HttpClient>(gateway.port());
  }

  kit::HttpAnswer Get(const std::string& target, std::vector<std::string> headers = {},
                      const std::string& host = "a.example") {
    headers.push_back("Host: " + host);
    return client->Get(target, headers);
  }
  std::string Status(const std::string& target) { return Get(target).Header("cache-status"); }

  // Waits until it asks the store.
  void AwaitStore() {
    EXPECT_TRUE(Eventually([this] {
      // A target of its own each time: what is in memory is not looked for in the store.
      Get("/is-the-store-there/" + std::to_string(gateway.port()) + "/" + std::to_string(++tries_));
      return Lookups("miss") + Lookups("hit") > 0 && Circuit() == 0;
    })) << gateway.Stderr();
  }
  // 0 before the first.
  double Lookups(const std::string& result) {
    return std::max(
        0.0, gateway.Metric("tollgate_cache_lookups_total{route=\"test/open\",tier=\"shared\",result=\"" +
                            result + "\"}"));
  }
  double Writes(const std::string& result) {
    return gateway.Metric("tollgate_cache_writes_total{tier=\"shared\",result=\"" + result + "\"}");
  }
  // Whether its log says that a server is not used, what happens meanwhile, what to do, and which one it is.
  bool TellsOf(const kit::RedisServer& redis) const {
    const std::string said = gateway.Stderr();
    const size_t at = said.find("the store cannot be used: ");
    if (at == std::string::npos) return false;
    const std::string line = said.substr(at, said.find('\n', at) - at);
    const auto has = [&](const std::string& part) { return line.find(part) != std::string::npos; };
    return has("until it can, each proxy answers from its own memory alone") &&
           has("see that it runs, and check --cache-store") && has("\"store\":\"cache\"") &&
           has("\"address\":\"" + redis.url() + "\"");
  }
  double Circuit() { return gateway.Metric("tollgate_store_circuit_open{store=\"cache\"}"); }

  kit::Gateway gateway;
  std::unique_ptr<kit::HttpClient> client;

 private:
  int tries_ = 0;
};

class SharedCache : public testing::Test {
 protected:
  void SetUp() override {
    one_.AwaitStore();
    two_.AwaitStore();
    upstream_.Forget();
  }

  // Lets the first gateway store an answer, and waits until the store has it.
  void Store(const std::string& target, const std::string& body, const std::string& lines = "",
             const std::vector<std::string>& headers = {}, const std::string& host = "a.example") {
    // An answer that varies is two: itself, and the names that it varies by.
    const int writes = lines.starts_with("Vary") ? 2 : 1;
    const double before = one_.Writes("stored");
    upstream_.SetAnswer(AnswerOf(body, lines));
    EXPECT_EQ(one_.Get(target, headers, host).body, body);
    EXPECT_TRUE(Eventually([&] { return one_.Writes("stored") >= before + writes; })) << target;
  }

  kit::RedisServer redis_{{"--maxmemory", "64mb", "--maxmemory-policy", "allkeys-lfu"}};
  kit::RecordingUpstream upstream_{AnswerOf("anything")};
  Node one_{upstream_.port(), redis_.url()};
  Node two_{upstream_.port(), redis_.url()};
};

TEST_F(SharedCache, AnAnswerThatOneGatewayStoredIsAHitOnTheOther) {
  Store("/quote", "41.5", "Content-Type: text/plain\r\nX-Made-By: upstream\r\n");
  const kit::HttpAnswer shared = two_.Get("/quote");
  EXPECT_EQ(shared.status, 200);
  EXPECT_EQ(shared.body, "41.5");
  EXPECT_EQ(shared.Header("content-type"), "text/plain");
  EXPECT_EQ(shared.Header("x-made-by"), "upstream");
  EXPECT_THAT(shared.Header("cache-status"), StartsWith("tollgate; hit; ttl=3"));
  EXPECT_THAT(shared.Header("cache-status"), EndsWith("; detail=shared"));
  EXPECT_EQ(upstream_.Complete().size(), 1u);
  EXPECT_EQ(two_.Lookups("hit"), 1);
  EXPECT_GE(two_.gateway.Metric("tollgate_store_duration_seconds_count{store=\"cache\"}"), 1);
}

TEST_F(SharedCache, AHitFillsMemory) {
  Store("/quote", "41.5");
  ASSERT_THAT(two_.Status("/quote"), EndsWith("detail=shared"));
  redis_.Kill();
  EXPECT_THAT(two_.Status("/quote"), StartsWith("tollgate; hit; ttl=3"));
  EXPECT_EQ(upstream_.Complete().size(), 1u);
}

TEST_F(SharedCache, QueriesNeverMix) {
  Store("/a?x=1", "one");
  Store("/a?x=2", "two");
  Store("/a", "none");
  EXPECT_EQ(two_.Get("/a?x=1").body, "one");
  EXPECT_EQ(two_.Get("/a?x=2").body, "two");
  EXPECT_EQ(two_.Get("/a").body, "none");
  EXPECT_EQ(two_.Lookups("hit"), 3);
  EXPECT_EQ(two_.Status("/a?x=3"), "tollgate; fwd=uri-miss; stored");
}

TEST_F(SharedCache, ConsumersNeverMix) {
  const auto with = [](const std::string& key) { return std::vector<std::string>{"X-Api-Key: " + key}; };
  Store("/mine", "ann's", "", with(kAnn), "guarded.example");
  upstream_.SetAnswer(AnswerOf("ben's"));
  EXPECT_EQ(two_.Get("/mine", with(kBen), "guarded.example").body, "ben's");
  EXPECT_EQ(two_.Get("/mine", with(kAnn), "guarded.example").body, "ann's");
  EXPECT_EQ(two_.Get("/mine", {}, "guarded.example").status, 401);
}

TEST_F(SharedCache, HostsNeverMix) {
  Store("/where", "at a");
  upstream_.SetAnswer(AnswerOf("at b"));
  EXPECT_EQ(two_.Get("/where", {}, "b.example").body, "at b");
  EXPECT_EQ(two_.Get("/where", {}, "a.example").body, "at a");
}

TEST_F(SharedCache, InstallationsNeverMix) {
  Store("/quote", "of one installation");
  Node other(upstream_.port(), redis_.url(), {"--installation=other"});
  other.AwaitStore();
  upstream_.SetAnswer(AnswerOf("of the other"));
  EXPECT_EQ(other.Get("/quote").body, "of the other");
  EXPECT_EQ(two_.Get("/quote").body, "of one installation");
}

TEST_F(SharedCache, VariantsAreFoundByWhatTheyVaryBy) {
  const std::string vary = "Vary: Accept-Language\r\n";
  Store("/hello", "hello", vary, {"Accept-Language: en"});
  Store("/hello", "bonjour", vary, {"Accept-Language: fr"});
  EXPECT_EQ(two_.Get("/hello", {"Accept-Language: en"}).body, "hello");
  EXPECT_EQ(two_.Get("/hello", {"Accept-Language: fr"}).body, "bonjour");
  upstream_.SetAnswer(AnswerOf("hallo", vary));
  const kit::HttpAnswer german = two_.Get("/hello", {"Accept-Language: de"});
  EXPECT_EQ(german.body, "hallo");
  EXPECT_EQ(german.Header("cache-status"), "tollgate; fwd=vary-miss; stored");
}

TEST_F(SharedCache, TheTimeToLiveIsTheAnswersOwnInBothTiers) {
  Store("/quote", "41.5", "Cache-Control: max-age=100\r\nAge: 40\r\n");
  const std::vector<std::string> keys = redis_.Keys("tg:tollgate:cache:*}:*");
  long longest = 0;
  for (const std::string& key : keys) {
    const long left = std::stol(redis_.Ask({"PTTL", key}));
    EXPECT_GT(left, 0) << key << " never expires";
    if (left <= 60'000) longest = std::max(longest, left);
  }
  EXPECT_GT(longest, 0) << "none of " << keys.size() << " expires with the answer";
  const kit::HttpAnswer shared = two_.Get("/quote");
  EXPECT_GE(std::stol(shared.Header("age")), 40);
  EXPECT_LE(std::stol(shared.Header("age")), 100);
}

TEST_F(SharedCache, AnAnswerThatHasExpiredIsInNeitherTier) {
  Store("/quote", "old", "Cache-Control: max-age=2\r\n");
  upstream_.SetAnswer(AnswerOf("new"));
  EXPECT_TRUE(Eventually([&] { return two_.Get("/quote").body == "new"; }));
  EXPECT_TRUE(Eventually([&] { return one_.Get("/quote").body == "new"; }));
}

TEST_F(SharedCache, ALargeBodyIsSharedWhole) {
  std::string body(900'000, ' ');
  for (size_t i = 0; i < body.size(); ++i) body[i] = static_cast<char>('a' + i * 7 % 26);
  Store("/large", body);
  const kit::HttpAnswer shared = two_.Get("/large");
  EXPECT_TRUE(shared.body == body) << shared.body.size() << " bytes";
  EXPECT_THAT(shared.Header("cache-status"), EndsWith("detail=shared"));
}

TEST_F(SharedCache, AnUnsafeRequestForgetsForBoth) {
  Store("/quote", "old");
  kit::HttpRequest put{.method = "PUT", .target = "/quote", .headers = {"Host: a.example"}, .body = "new"};
  const size_t before = redis_.Keys("*}").size();
  EXPECT_EQ(one_.client->Send(put).status, 200);
  EXPECT_TRUE(Eventually([&] { return redis_.Keys("*}").size() < before; })) << "its edition is there still";
  upstream_.SetAnswer(AnswerOf("new"));
  EXPECT_EQ(one_.Get("/quote").body, "new");
  EXPECT_EQ(two_.Get("/quote").body, "new");
}

TEST_F(SharedCache, ADamagedValueIsAMiss) {
  Store("/quote", "41.5");
  for (const std::string& key : redis_.Keys("*}:*")) redis_.Ask({"SETRANGE", key, "40", "damage"});
  upstream_.SetAnswer(AnswerOf("from upstream"));
  const kit::HttpAnswer answer = two_.Get("/quote");
  EXPECT_EQ(answer.body, "from upstream");
  EXPECT_EQ(answer.Header("cache-status"), "tollgate; fwd=uri-miss; stored");
  EXPECT_EQ(two_.Lookups("damaged"), 1);
}

TEST_F(SharedCache, AKilledServerCostsMissesAndIsUsedAgainWhenItIsBack) {
  Store("/quote", "41.5");
  redis_.Kill();
  EXPECT_TRUE(Eventually([&] { return one_.Circuit() == 1 && two_.Circuit() == 1; }));
  for (const Node* node : {&one_, &two_}) EXPECT_TRUE(node->TellsOf(redis_)) << node->gateway.Stderr();
  for (int i = 0; i < 20; ++i) EXPECT_EQ(two_.Get("/during/" + std::to_string(i)).status, 200);
  EXPECT_EQ(two_.Lookups("down"), 20);
  redis_.Start();
  EXPECT_TRUE(Eventually([&] { return one_.Circuit() == 0 && two_.Circuit() == 0; }));
  int tries = 0;
  EXPECT_TRUE(Eventually([&] {
    const std::string target = "/after/" + std::to_string(++tries);
    EXPECT_EQ(one_.Get(target).status, 200);
    const double before = two_.Lookups("hit");
    EXPECT_EQ(two_.Get(target).status, 200);
    return two_.Lookups("hit") > before;
  }));
}

TEST_F(SharedCache, AFrozenServerCostsNoAnswer) {
  Store("/quote", "41.5");
  redis_.Freeze();
  for (int i = 0; i < 20; ++i) EXPECT_EQ(two_.Get("/during/" + std::to_string(i)).status, 200);
  EXPECT_TRUE(Eventually([&] { return two_.Circuit() == 1; }));
  EXPECT_TRUE(two_.TellsOf(redis_)) << two_.gateway.Stderr();
  redis_.Thaw();
  EXPECT_TRUE(Eventually([&] { return two_.Circuit() == 0; }));
  EXPECT_THAT(two_.gateway.Stderr(), HasSubstr("the store is used again"));
  EXPECT_TRUE(Eventually([&] {
    kit::HttpAnswer answer = two_.Get("/quote", {"Cache-Control: only-if-cached"});
    return answer.body == "41.5";
  }));
}

// Whoever may list the keys learns nothing of callers, paths or queries.
TEST_F(SharedCache, KeysNameNobody) {
  Store("/somebody", "body", "", {std::string("X-Api-Key: ") + kAnn}, "guarded.example");
  for (const std::string& key : redis_.Keys()) {
    EXPECT_THAT(key, testing::MatchesRegex("tg:tollgate:cache:[{][0-9a-f]{32}[}](:[0-9a-f]{32})?"));
  }
}

class SharedCacheFlags : public testing::Test {
 protected:
  // What it says when it does not start.
  std::string WhyNot(const std::vector<std::string>& flags) {
    kit::Gateway gateway;
    EXPECT_FALSE(gateway.Start(flags));
    EXPECT_EQ(gateway.process().Wait(), 2);
    return gateway.Stderr();
  }
  kit::TempFolder folder_;
};

TEST_F(SharedCacheFlags, WhatIsWrongIsNamedAndNoPasswordShown) {
  EXPECT_THAT(WhyNot({"--cache-store=localhost:6379"}),
              HasSubstr("--cache-store is not an address of a store"));
  const std::string said = WhyNot({"--cache-store=redis://:hunter2@localhost:x"});
  EXPECT_THAT(said, HasSubstr("--cache-store has no port between 1 and 65535"));
  EXPECT_THAT(said, Not(HasSubstr("hunter2")));
  EXPECT_THAT(WhyNot({"--cache-store=redis://localhost", "--cache-password-file=" + (folder_ / "none")}),
              HasSubstr("--cache-password-file " + (folder_ / "none")));
  EXPECT_THAT(WhyNot({"--cache-deadline=0s"}), HasSubstr("--cache-deadline must be longer than 0"));
  EXPECT_THAT(WhyNot({"--cache-password-file=" + (folder_ / "none")}), HasSubstr("--cache-store is memory"));
}

TEST_F(SharedCacheFlags, TheProxyTakesThemToo) {
  kit::Process proxy({kit::ProgramPath("tollgate-proxy"), "--controller=controller:9443", "--tls-cert=cert",
                      "--tls-key=key", "--tls-ca=ca", "--cache-store=redis://"});
  EXPECT_EQ(proxy.Wait(), 2);
  EXPECT_THAT(proxy.Stderr(), HasSubstr("--cache-store names no host"));
}

TEST_F(SharedCacheFlags, ThePasswordMayStandInAFile) {
  const kit::RedisServer redis({"--requirepass", "hunter2"});
  const kit::RecordingUpstream upstream;
  folder_.Write("right", "hunter2\n");
  Node node(upstream.port(), redis.url(), {"--cache-password-file=" + (folder_ / "right")});
  node.AwaitStore();
  EXPECT_THAT(node.gateway.Stderr(), Not(HasSubstr("hunter2")));
}

TEST_F(SharedCacheFlags, AWrongPasswordIsSaidAndCostsNoAnswer) {
  const kit::RedisServer redis({"--requirepass", "hunter2"});
  const kit::RecordingUpstream upstream;
  folder_.Write("wrong", "hunter3\n");
  Node node(upstream.port(), redis.url(), {"--cache-password-file=" + (folder_ / "wrong")});
  EXPECT_EQ(node.Get("/").status, 200);
  EXPECT_TRUE(Eventually([&] { return node.gateway.Stderr().find("WRONGPASS") != std::string::npos; }));
  EXPECT_EQ(node.Circuit(), 1);
  EXPECT_THAT(node.gateway.Stderr(), Not(HasSubstr("hunter")));
}

TEST_F(SharedCacheFlags, AStoreThatIsMissingAtTheStartCostsNoAnswer) {
  kit::RedisServer redis;
  redis.Kill();
  const kit::RecordingUpstream upstream;
  Node node(upstream.port(), redis.url());
  EXPECT_EQ(node.Get("/").status, 200);
  EXPECT_EQ(node.Circuit(), 1);
  EXPECT_TRUE(node.TellsOf(redis)) << node.gateway.Stderr();
  redis.Start();
  node.AwaitStore();
}

}  // namespace
}  // namespace tollgate
