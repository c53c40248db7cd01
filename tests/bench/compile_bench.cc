// What a compile costs at the size of a large installation: 10,000 routes in 100 namespaces, 100,000 callers
// in 100 Secrets. Whole, and after an edit of one object, as the controller compiles while it runs.
#include <benchmark/benchmark.h>

#include <string>

#include "controller/compile/compiler.h"
#include "tests/unit/controller/compile/objects.h"

namespace tollgate::compile {
namespace {

constexpr int kSpaces = 100;
constexpr int kRoutesEach = 100;
constexpr int kCallersEach = 1'000;

std::string Space(int number) { return "team-" + std::to_string(number); }

resource::ConsumerSecret Callers(const std::string& space) {
  resource::ConsumerSecret secret = MakeSecret(space + "/callers", "gold", {});
  for (int i = 0; i < kCallersEach; ++i) {
    const std::string name = "caller-" + std::to_string(10'000 + i);
    secret.entries.push_back(MakeEntry(name, {space + name}));
  }
  return secret;
}

resource::GatewayRoute RouteOf(const std::string& space, int number) {
  resource::GatewayRoute route = MakeRoute(space + "/route-" + std::to_string(number));
  route.hosts = {"api-" + std::to_string(number) + "." + space + ".example"};
  return route;
}

store::ResourceStore Large() {
  store::ResourceStore store;
  for (int i = 0; i < kSpaces; ++i) {
    const std::string space = Space(i);
    store.Upsert(MakePlan(space + "/gold"));
    store.Upsert(Callers(space));
    store.Upsert(MakeService(space + "/quotes"));
    store.Upsert(MakeSlice(space + "/quotes-1", "quotes", {At("10.0.0.1"), At("10.0.0.2")}));
    for (int j = 0; j < kRoutesEach; ++j) store.Upsert(RouteOf(space, j));
  }
  return store;
}

void Whole(benchmark::State& state) {
  const store::ResourceStore store = Large();
  for (auto _ : state) benchmark::DoNotOptimize(Compile(store.objects(), {}));
}
BENCHMARK(Whole)->Unit(benchmark::kMillisecond);

// Each time another version of the object, by turns.
template <class Edit>
void AfterEdit(benchmark::State& state, Edit edit) {
  store::ResourceStore store = Large();
  ConsumerCache cache;
  Compile(store.objects(), {}, &cache);
  bool turn = false;
  for (auto _ : state) {
    edit(store, turn = !turn);
    benchmark::DoNotOptimize(Compile(store.objects(), {}, &cache));
  }
}

void AfterEditOfARoute(benchmark::State& state) {
  AfterEdit(state, [](store::ResourceStore& store, bool turn) {
    resource::GatewayRoute route = RouteOf(Space(7), 7);
    route.rules[0].operation = turn ? "read" : "write";
    store.Upsert(route);
  });
}
BENCHMARK(AfterEditOfARoute)->Unit(benchmark::kMillisecond);

void AfterEditOfACaller(benchmark::State& state) {
  AfterEdit(state, [](store::ResourceStore& store, bool turn) {
    resource::ConsumerSecret secret = Callers(Space(7));
    secret.entries[7].suspended = turn;
    store.Upsert(secret);
  });
}
BENCHMARK(AfterEditOfACaller)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace tollgate::compile
