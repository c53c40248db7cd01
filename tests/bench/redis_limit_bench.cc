// What decisions over a real redis-server cost one core: how many it gets in a second, and how much of its
// own time each takes. The server runs on the machine's other core.
#include <benchmark/benchmark.h>
#include <time.h>

#include <future>
#include <string>
#include <thread>
#include <vector>

#include "proxy/store/redis/limit_node.h"
#include "proxy/store/redis/redis_limit_store.h"
#include "tests/kit/redis_server.h"

namespace tollgate::store {
namespace {

using std::chrono::seconds;

// Much more than anything takes here: nothing is to be answered without the store.
constexpr seconds kPatience{60};

// All that a request needs, and that must stay: a ring and a bucket which admit everything.
struct Caller {
  RateTerms ring;
  RateTerms bucket{1'000'000'000, 1'000'000, 1'000'000'000};
  LimitRequest request;
};

// `ring`: requests in a millisecond. One caller among few gets more than a ring of a second could admit.
std::vector<Caller> Callers(size_t count, bool quota) {
  std::vector<Caller> callers(count, {.ring = {100, count == 1 ? 100 : 1'000'000, 0}, .request = {}});
  for (size_t i = 0; i < count; ++i) {
    Caller& caller = callers[i];
    caller.request.keys[static_cast<size_t>(KeyGroup::kConsumer)] = {i * 0x9e3779b97f4a7c15, i};
    caller.request.limits[0] = {KeyGroup::kConsumer, 1, &caller.ring};
    caller.request.limits[1] = {KeyGroup::kConsumer, 2, &caller.bucket};
    caller.request.limit_count = 2;
    if (!quota) continue;
    const WallMicros now = SystemWallClock().Now();
    const int64_t hour = 3'600'000'000;
    caller.request.has_quota = true;
    caller.request.quota = {3, UINT64_MAX, 1, false, {now - hour, now + hour, now + 2 * hour}};
  }
  return callers;
}

class Core {
 public:
  Core()
      : shared_({.address = *StoreAddress::Parse(server_.url()),
                 .installation = "bench",
                 .deadline = kPatience,
                 .slow_after = kPatience,
                 .refusals_kept = std::chrono::milliseconds(0)},
                clock_, 1),
        store_(loop_, shared_, 42) {
    shared_.node().AwaitFirstVerdict(seconds(10));
    thread_ = std::thread([this] { loop_.Run(); });
  }
  ~Core() {
    loop_.Stop();
    thread_.join();
  }

  struct Cost {
    std::chrono::nanoseconds cpu{};  // of the core's thread
    size_t unanswered = 0;           // what the store did not decide, or refused
  };
  // Makes so many decisions, `depth` of them at a time.
  Cost Decide(const std::vector<Caller>& callers, size_t count, size_t depth) {
    std::promise<Cost> done;
    loop_.Post([&] {
      left_ = count;
      running_ = depth;
      cost_ = {};
      began_ = ThreadTime();
      for (size_t i = 0; i < depth; ++i) io::Detach(Ask(callers, done));
    });
    return done.get_future().get();
  }
  // Of the server, since its start.
  double ServerSeconds() const {
    double sum = 0;
    const std::string info = server_.Ask({"INFO", "cpu"});
    for (const std::string_view field : {"used_cpu_sys:", "used_cpu_user:"}) {
      sum += std::stod(info.substr(info.find(field) + field.size()));
    }
    return sum;
  }

 private:
  static std::chrono::nanoseconds ThreadTime() {
    timespec time{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
  }

  io::Task<void> Ask(const std::vector<Caller>& callers, std::promise<Cost>& done) {
    while (left_ > 0) {
      --left_;
      next_ = (next_ + 7919) % callers.size();
      LimitStore::DecideAwaiter decide = store_.Decide(callers[next_].request);
      const LimitReply& reply = co_await decide;
      if (reply.answerer != Answerer::kStore || reply.verdict != LimitVerdict::kAdmitted) ++cost_.unanswered;
    }
    if (--running_ > 0) co_return;
    cost_.cpu = ThreadTime() - began_;
    done.set_value(cost_);
  }

  kit::RedisServer server_{{"--maxmemory-policy", "noeviction"}};
  SystemWallClock clock_;
  LimitNode shared_;
  io::Loop loop_;
  RedisLimitStore store_;
  size_t left_ = 0;
  size_t running_ = 0;
  size_t next_ = 0;
  Cost cost_;
  std::chrono::nanoseconds began_{};
  std::thread thread_;
};

// Arguments: how many are under way at a time, how many callers there are.
void Decide(benchmark::State& state, bool quota) {
  constexpr size_t kBatch = 2000;
  const auto depth = static_cast<size_t>(state.range(0));
  const std::vector<Caller> callers = Callers(static_cast<size_t>(state.range(1)), quota);
  Core core;
  core.Decide(callers, kBatch, depth);
  const double server_before = core.ServerSeconds();
  Core::Cost sum;
  while (state.KeepRunningBatch(kBatch)) {
    const Core::Cost cost = core.Decide(callers, kBatch, depth);
    sum.cpu += cost.cpu;
    sum.unanswered += cost.unanswered;
  }
  const auto decisions = static_cast<double>(state.iterations());
  if (sum.unanswered * 100 > static_cast<size_t>(state.iterations()))
    state.SkipWithError("more than 1 % was not admitted by the store");
  state.SetItemsProcessed(state.iterations());
  state.counters["core_ns"] = static_cast<double>(sum.cpu.count()) / decisions;
  state.counters["server_ns"] = (core.ServerSeconds() - server_before) * 1e9 / decisions;
}
void Cases(benchmark::internal::Benchmark* cases) {
  cases->ArgNames({"depth", "callers"})->Args({1, 10'000})->Args({256, 10'000})->UseRealTime();
}
BENCHMARK_CAPTURE(Decide, ring_and_bucket, false)->Apply(Cases);
// Of one caller's credits a core has one batch under way at a time: those who wait go together.
BENCHMARK_CAPTURE(Decide, ring_bucket_and_credits, true)->Apply(Cases)->Args({256, 1});

}  // namespace
}  // namespace tollgate::store
