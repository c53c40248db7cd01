// The same objects give the same bytes, in whatever order and by whatever way they came.
#include "tests/unit/controller/compile/object_soup.h"

namespace tollgate::compile {
namespace {

constexpr unsigned kSeeds = 100;

std::string BytesOf(const Compiled& compiled) { return compiled.snapshot.SerializeAsString(); }

Compiled CompileInOrder(const std::vector<resource::Object>& objects) {
  store::ResourceStore store;
  for (const resource::Object& object : objects) store.Upsert(object);
  return Compile(store.objects(), {});
}

// An object as the watch would show it after something changed that no snapshot or verdict depends on.
resource::Object Touched(resource::Object object) {
  std::visit([](auto& value) { value.meta.resource_version += "0"; }, object);
  return object;
}

void Remove(const resource::Object& object, store::ResourceStore& store) {
  std::visit([&]<class T>(const T& value) { store.Remove<T>(value.meta.name); }, object);
}

TEST(Purity, OrderOfArrivalDoesNotMatter) {
  for (unsigned seed = 0; seed < kSeeds; ++seed) {
    ObjectSoup soup(seed);
    std::vector<resource::Object> objects = soup.Objects();
    const Compiled first = CompileInOrder(objects);
    soup.Shuffle(objects);
    const Compiled second = CompileInOrder(objects);
    ASSERT_EQ(BytesOf(first), BytesOf(second)) << "seed " << seed;
    ASSERT_EQ(first.verdicts, second.verdicts) << "seed " << seed;
  }
}

TEST(Purity, HistoryDoesNotMatter) {
  for (unsigned seed = 0; seed < kSeeds; ++seed) {
    store::ResourceStore store;
    for (resource::Object& object : ObjectSoup(seed + kSeeds).Objects()) store.Upsert(std::move(object));
    store.ReplaceAll(store::ObjectMap<resource::GatewayRoute>());
    store.ReplaceAll(store::ObjectMap<resource::ApiPlan>());
    store.ReplaceAll(store::ObjectMap<resource::ConsumerSecret>());
    store.ReplaceAll(store::ObjectMap<resource::OpaqueSecret>());
    store.ReplaceAll(store::ObjectMap<resource::TlsSecret>());
    store.ReplaceAll(store::ObjectMap<resource::Service>());
    store.ReplaceAll(store::ObjectMap<resource::EndpointSlice>());
    const std::vector<resource::Object> objects = ObjectSoup(seed).Objects();
    for (const resource::Object& object : objects) store.Upsert(object);
    ASSERT_EQ(BytesOf(Compile(store.objects(), {})), BytesOf(CompileInOrder(objects))) << "seed " << seed;
  }
}

TEST(Purity, WhatTheStoreCallsNoMatterChangesNothing) {
  for (unsigned seed = 0; seed < kSeeds; ++seed) {
    const std::vector<resource::Object> objects = ObjectSoup(seed).Objects();
    store::ResourceStore store;
    for (const resource::Object& object : objects) store.Upsert(object);
    const Compiled before = Compile(store.objects(), {});
    for (const resource::Object& object : objects) ASSERT_FALSE(store.Upsert(Touched(object)));
    const Compiled after = Compile(store.objects(), {});
    ASSERT_EQ(BytesOf(before), BytesOf(after)) << "seed " << seed;
    ASSERT_EQ(before.verdicts, after.verdicts) << "seed " << seed;
  }
}

// What a compile leaves to the next one saves time and changes nothing, whatever is edited in between.
TEST(Purity, WhatWasCompiledBeforeDoesNotMatter) {
  for (unsigned seed = 0; seed < kSeeds; ++seed) {
    store::ResourceStore store;
    ConsumerCache cache;
    for (unsigned edit = 0; edit < 20; ++edit) {
      ObjectSoup soup(seed * 1'000 + edit);
      for (const resource::Object& object : soup.Objects()) {
        if (soup.OneIn(4)) soup.OneIn(2) ? Remove(object, store) : static_cast<void>(store.Upsert(object));
      }
      const Compiled cached = Compile(store.objects(), {}, &cache);
      const Compiled whole = Compile(store.objects(), {});
      ASSERT_EQ(cached.snapshot.version(), whole.snapshot.version()) << "seed " << seed << ", edit " << edit;
      ASSERT_TRUE(BytesOf(cached) == BytesOf(whole)) << "seed " << seed << ", edit " << edit;
      ASSERT_TRUE(cached.verdicts == whole.verdicts) << "seed " << seed << ", edit " << edit;
    }
  }
}

TEST(Purity, SnapshotsAreWhatTheySay) {
  for (unsigned seed = 0; seed < kSeeds; ++seed) {
    const Status<> status = api::VerifySnapshot(CompileInOrder(ObjectSoup(seed).Objects()).snapshot);
    ASSERT_TRUE(status.ok()) << "seed " << seed << ": " << status.error().message;
  }
}

}  // namespace
}  // namespace tollgate::compile
