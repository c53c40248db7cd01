// What the tests of the shared tier share: two proxies over one store in the test's hands.
#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "proxy/cache/shared_tier.h"
#include "tests/kit/run_task.h"
#include "tests/unit/proxy/cache/cache_kit.h"
#include "tests/unit/proxy/cache/fake_cache_store.h"

namespace tollgate::cache {

using std::chrono::seconds;

// A proxy's cache over a store that others use too: the pipeline's part.
class Proxy final : private WallClock {
 public:
  explicit Proxy(FakeCacheStore& store, ResponseCache::Options options = {})
      : gateway(options), tier(store, gateway.cache, *this) {}

  // The look-up under way, which the store may hold back.
  struct Asking {
    Asking(Proxy& proxy, Request& request_in)
        : request(request_in.get()), lookup(proxy.gateway.Ask(request_in)) {
      if (lookup.missed()) found.emplace(Both(proxy.tier, *this));
    }
    static io::Task<bool> Both(SharedTier& tier, Asking& self) {
      io::Task<void> find = tier.Find(self.request, self.lookup);
      co_await find;
      co_return true;
    }
    CacheRequest request;
    Lookup lookup;
    std::optional<kit::Started<bool>> found;
  };

  Lookup Ask(Request& request) {
    Asking asking(*this, request);
    EXPECT_TRUE(!asking.found || asking.found->done());
    return asking.lookup;
  }
  bool AskAndAnswer(Request& request, const Reply& reply) {
    return gateway.Answer(request, Ask(request), reply);
  }
  void Changed(Request& request, std::string_view method = "PUT", int status = 204) {
    tier.AnswerSeen(method, request.host, request.path, status);
  }

  Gateway gateway;
  SharedTier tier;

 private:
  WallMicros Now() const override { return gateway.now; }
};

class SharedTierTest : public testing::Test {
 protected:
  // What a fresh look-up of a proxy finds: its body, or "".
  static std::string Body(Proxy& proxy, Request& request) {
    const Lookup lookup = proxy.Ask(request);
    return lookup.kind == Lookup::Kind::kHit ? lookup.response->body : "";
  }
  void Pass(seconds time) {
    store_.Pass(time);
    for (Proxy* proxy : {&one_, &two_}) proxy->gateway.now += time.count() * kSecond;
  }

  Rule rule_;
  FakeCacheStore store_;
  Proxy one_{store_};
  Proxy two_{store_};
};

}  // namespace tollgate::cache
