#include "controller/store/resource_store.h"

#include <gtest/gtest.h>

#include "tests/unit/controller/compile/objects.h"

namespace tollgate::store {
namespace {

using compile::At;
using compile::MakeEntry;
using compile::MakePlan;
using compile::MakeRoute;
using compile::MakeSecret;
using compile::MakeService;
using compile::MakeSlice;
using compile::NameOf;
using resource::GatewayRoute;

// What the watch reports when only metadata or status of an object changed.
template <class T>
T Touched(T object) {
  object.meta.resource_version = "2";
  return object;
}

template <class T>
T Regenerated(T object) {
  object.meta.generation = 2;
  return object;
}

TEST(ResourceStore, NewObjectMatters) {
  ResourceStore store;
  EXPECT_TRUE(store.Upsert(MakeRoute("market/quotes")));
  EXPECT_EQ(store.objects().routes.size(), 1u);
}

TEST(ResourceStore, NewResourceVersionAloneMattersForNoKind) {
  ResourceStore store;
  store.Upsert(MakeRoute("market/quotes"));
  store.Upsert(MakePlan("market/gold"));
  store.Upsert(MakeSecret("market/keys", "gold", {MakeEntry("alice", {"k"})}));
  store.Upsert(MakeService("market/quotes"));
  store.Upsert(MakeSlice("market/quotes-1", "quotes", {At("10.0.0.1")}));
  EXPECT_FALSE(store.Upsert(Touched(MakeRoute("market/quotes"))));
  EXPECT_FALSE(store.Upsert(Touched(MakePlan("market/gold"))));
  EXPECT_FALSE(store.Upsert(Touched(MakeSecret("market/keys", "gold", {MakeEntry("alice", {"k"})}))));
  EXPECT_FALSE(store.Upsert(Touched(MakeService("market/quotes"))));
  EXPECT_FALSE(store.Upsert(Touched(MakeSlice("market/quotes-1", "quotes", {At("10.0.0.1")}))));
}

TEST(ResourceStore, NewestResourceVersionIsKept) {
  ResourceStore store;
  store.Upsert(MakeRoute("market/quotes"));
  store.Upsert(Touched(MakeRoute("market/quotes")));
  EXPECT_EQ(store.objects().routes.begin()->second->meta.resource_version, "2");
}

// The verdict carries the generation into observedGeneration.
TEST(ResourceStore, GenerationMattersForObjectsThatGetAVerdict) {
  ResourceStore store;
  store.Upsert(MakeRoute("market/quotes"));
  store.Upsert(MakePlan("market/gold"));
  EXPECT_TRUE(store.Upsert(Regenerated(MakeRoute("market/quotes"))));
  EXPECT_TRUE(store.Upsert(Regenerated(MakePlan("market/gold"))));
}

TEST(ResourceStore, GenerationMattersForNoOtherObject) {
  ResourceStore store;
  store.Upsert(MakeService("market/quotes"));
  store.Upsert(MakeSlice("market/quotes-1", "quotes", {At("10.0.0.1")}));
  EXPECT_FALSE(store.Upsert(Regenerated(MakeService("market/quotes"))));
  EXPECT_FALSE(store.Upsert(Regenerated(MakeSlice("market/quotes-1", "quotes", {At("10.0.0.1")}))));
}

TEST(ResourceStore, ObjectMadeAnewMattersSinceItHasNoStatus) {
  ResourceStore store;
  store.Upsert(MakeRoute("market/quotes"));
  GatewayRoute again = MakeRoute("market/quotes");
  again.meta.uid = "another";
  EXPECT_TRUE(store.Upsert(again));
}

TEST(ResourceStore, AgeMattersWhereTheOldestWins) {
  ResourceStore store;
  store.Upsert(MakeRoute("market/quotes", 100));
  store.Upsert(MakeSecret("market/keys", "gold", {}, 100));
  EXPECT_TRUE(store.Upsert(MakeRoute("market/quotes", 200)));
  EXPECT_TRUE(store.Upsert(MakeSecret("market/keys", "gold", {}, 200)));
}

TEST(ResourceStore, ContentMattersForEveryKind) {
  ResourceStore store;
  GatewayRoute route = MakeRoute("market/quotes");
  resource::ApiPlan plan = MakePlan("market/gold");
  resource::Service service = MakeService("market/quotes");
  store.Upsert(route);
  store.Upsert(plan);
  store.Upsert(MakeSecret("market/keys", "gold", {MakeEntry("alice", {"k"})}));
  store.Upsert(service);
  store.Upsert(MakeSlice("market/quotes-1", "quotes", {At("10.0.0.1")}));
  route.rules[0].timeouts.idle = std::chrono::seconds(5);
  plan.mistakes = {{"spec", "is no object: write one"}};
  service.is_external_name = true;
  EXPECT_TRUE(store.Upsert(route));
  EXPECT_TRUE(store.Upsert(plan));
  EXPECT_TRUE(store.Upsert(MakeSecret("market/keys", "gold", {MakeEntry("alice", {"another"})})));
  EXPECT_TRUE(store.Upsert(service));
  EXPECT_TRUE(store.Upsert(MakeSlice("market/quotes-1", "quotes", {At("10.0.0.2")})));
}

TEST(ResourceStore, KindsOfOneNameAreApart) {
  ResourceStore store;
  store.Upsert(MakeRoute("market/quotes"));
  store.Upsert(MakeService("market/quotes"));
  EXPECT_TRUE(store.Remove<GatewayRoute>(NameOf("market/quotes")));
  EXPECT_EQ(store.objects().services.size(), 1u);
}

TEST(ResourceStore, RemoveSaysWhetherTheObjectWasThere) {
  ResourceStore store;
  store.Upsert(MakeRoute("market/quotes"));
  EXPECT_TRUE(store.Remove<GatewayRoute>(NameOf("market/quotes")));
  EXPECT_FALSE(store.Remove<GatewayRoute>(NameOf("market/quotes")));
}

ObjectMap<GatewayRoute> ListOf(const std::vector<GatewayRoute>& routes) {
  ObjectMap<GatewayRoute> list;
  for (const GatewayRoute& route : routes)
    list[route.meta.name] = std::make_shared<const GatewayRoute>(route);
  return list;
}

TEST(ResourceStore, RelistThatBringsNothingNewDoesNotMatter) {
  ResourceStore store;
  store.ReplaceAll(ListOf({MakeRoute("market/a"), MakeRoute("market/b")}));
  EXPECT_FALSE(store.ReplaceAll(ListOf({Touched(MakeRoute("market/a")), MakeRoute("market/b")})));
}

TEST(ResourceStore, RelistMattersWhereObjectsCameWentOrChanged) {
  ResourceStore store;
  EXPECT_TRUE(store.ReplaceAll(ListOf({MakeRoute("market/a")})));
  EXPECT_TRUE(store.ReplaceAll(ListOf({MakeRoute("market/b")})));
  EXPECT_TRUE(store.ReplaceAll(ListOf({MakeRoute("market/b"), MakeRoute("market/c")})));
  EXPECT_TRUE(store.ReplaceAll(ListOf({MakeRoute("market/b"), MakeRoute("market/c", 7)})));
  EXPECT_TRUE(store.ReplaceAll(ListOf({})));
  EXPECT_TRUE(store.objects().routes.empty());
}

// A copy that the compiler holds is not changed by what the watch brings meanwhile.
TEST(ResourceStore, CopiesOfTheSetStay) {
  ResourceStore store;
  store.Upsert(MakeRoute("market/quotes", 100));
  const ObjectSet copy = store.objects();
  store.Upsert(MakeRoute("market/quotes", 200));
  EXPECT_EQ(copy.routes.begin()->second->meta.created, 100);
}

}  // namespace
}  // namespace tollgate::store
