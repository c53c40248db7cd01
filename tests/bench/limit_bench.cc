// What a decision over limits costs in process: the store alone, and the whole stage with its header values.
#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "proxy/limit/limiter.h"
#include "proxy/store/memory_limit_store.h"
#include "tests/unit/proxy/limit/catalog_builder.h"

namespace tollgate::limit {
namespace {

constexpr int kConsumers = 10'000;

// Two limits a consumer, that admit everything.
CatalogBuilder TwoLimits(uint64_t burst, bool quota) {
  CatalogBuilder catalog;
  api::Plan plan = CatalogBuilder::Plan("gold");
  CatalogBuilder::AddLimit(plan, "second", 1'000'000'000, kSecond, burst);
  CatalogBuilder::AddLimit(plan, "hour", 4'000'000'000, kHour, burst);
  if (quota) CatalogBuilder::SetQuota(plan, UINT64_MAX);
  catalog.Add(plan);
  for (int i = 0; i < kConsumers; ++i) {
    catalog.Add(CatalogBuilder::Consumer("consumer-" + std::to_string(i), "gold"));
  }
  catalog.AddRoute("quotes", {"gold"}, {"read"});
  return catalog;
}

class Stage {
 public:
  Stage(uint64_t burst, bool quota)
      : catalog_(TwoLimits(burst, quota).Build()), table_(*LimitTable::Make(*catalog_)), store_(clock_, 42) {}

  exchange::Permitted Caller(size_t consumer) const {
    exchange::Permitted permitted{};
    permitted.routed = {&catalog_->routes()[0], &catalog_->rules()[0], 0, nullptr};
    permitted.identity = {&catalog_->plans()[0], 0, &catalog_->consumers()[consumer].spec};
    return permitted;
  }
  size_t Decide(const exchange::Permitted& permitted) {
    exchange::Arena arena;
    Limiter::Deciding deciding(limiter_, table_, permitted, peer_, arena);
    benchmark::DoNotOptimize(deciding.await_ready());
    const LimitDecision decision = deciding.await_resume();
    return decision.rate_limit.size();
  }

 private:
  const std::shared_ptr<const snapshot::Catalog> catalog_;
  const LimitTable table_;
  const SystemWallClock clock_;
  store::MemoryLimitStore store_;
  Limiter limiter_{store_};
  const io::Address peer_ = *io::Address::FromLiteral("192.0.2.1", 4711);
};

void DecideFor(benchmark::State& state, uint64_t burst, bool quota, size_t consumers) {
  Stage stage(burst, quota);
  std::vector<exchange::Permitted> callers;
  for (size_t i = 0; i < consumers; ++i) callers.push_back(stage.Caller(i * 7919 % kConsumers));
  size_t next = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(stage.Decide(callers[next]));
    if (++next == consumers) next = 0;
  }
}
BENCHMARK_CAPTURE(DecideFor, two_buckets_one_caller, 1'000'000, false, 1);
BENCHMARK_CAPTURE(DecideFor, two_windows_one_caller, 0, false, 1);
BENCHMARK_CAPTURE(DecideFor, two_windows_and_quota_one_caller, 0, true, 1);
BENCHMARK_CAPTURE(DecideFor, two_buckets_ten_thousand_callers, 1'000'000, false, kConsumers);
BENCHMARK_CAPTURE(DecideFor, two_windows_ten_thousand_callers, 0, false, kConsumers);

void StoreDecides(benchmark::State& state, uint64_t burst) {
  const SystemWallClock clock;
  store::MemoryLimitStore store(clock, 42);
  store::LimitRequest request;
  request.keys = {store::Key128{1, 2}};
  request.limit_count = 2;
  const store::RateTerms second{1'000'000'000, kSecond, burst};
  const store::RateTerms hour{4'000'000'000, kHour, burst};
  request.limits[0] = {store::KeyGroup::kConsumer, 1, &second};
  request.limits[1] = {store::KeyGroup::kConsumer, 2, &hour};
  for (auto _ : state) {
    store::LimitStore::DecideAwaiter decide = store.Decide(request);
    benchmark::DoNotOptimize(decide.await_ready());
  }
}
BENCHMARK_CAPTURE(StoreDecides, two_buckets, 1'000'000);
BENCHMARK_CAPTURE(StoreDecides, two_windows, 0);

void MakeTable(benchmark::State& state) {
  CatalogBuilder builder = TwoLimits(0, true);
  const auto catalog = builder.Build();
  for (auto _ : state) benchmark::DoNotOptimize(LimitTable::Make(*catalog));
  state.SetItemsProcessed(state.iterations() * kConsumers);
}
BENCHMARK(MakeTable)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace tollgate::limit
