#include "api/snapshot_hash.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <random>

#include "api/base/digest.h"

namespace tollgate::api {
namespace {

using ::testing::HasSubstr;

class SnapshotHashTest : public ::testing::Test {
 protected:
  SnapshotHashTest() {
    snapshot_.set_schema(kSnapshotSchema);
    snapshot_.set_installation("tollgate");
    for (int i = 0; i < 20; ++i) {
      Upstream upstream;
      upstream.add_endpoints()->set_port(static_cast<uint32_t>(i));
      Put(UPSTREAM, "market/service-" + std::to_string(i), upstream);
    }
    Plan plan;
    plan.set_name("gold");
    Put(PLAN, "market/gold", plan);
    SealSnapshot(snapshot_);
  }

  void Put(ResourceKind kind, const std::string& name, const google::protobuf::MessageLite& body) {
    *snapshot_.add_resources() = MakeResource(kind, name, body);
  }

  std::string Refusal() const {
    const Status<> verified = VerifySnapshot(snapshot_);
    return verified.ok() ? "accepted" : verified.error().message;
  }

  Snapshot snapshot_;
};

TEST_F(SnapshotHashTest, SealedSnapshotIsAccepted) { EXPECT_EQ(Refusal(), "accepted"); }

TEST_F(SnapshotHashTest, EmptySnapshotIsAccepted) {
  snapshot_.clear_resources();
  SealSnapshot(snapshot_);
  EXPECT_EQ(Refusal(), "accepted");
}

TEST_F(SnapshotHashTest, VersionHas32Bytes) { EXPECT_EQ(snapshot_.version().size(), 32U); }

TEST_F(SnapshotHashTest, OrderDoesNotMatter) {
  std::mt19937_64 random(4);
  auto shuffled = snapshot_.resources();
  for (int i = 0; i < 50; ++i) {
    std::shuffle(shuffled.pointer_begin(), shuffled.pointer_end(), random);
    EXPECT_EQ(SnapshotVersion(shuffled), snapshot_.version());
  }
}

TEST_F(SnapshotHashTest, SealingSortsByKindThenName) {
  const auto& resources = snapshot_.resources();
  EXPECT_EQ(resources[0].kind(), PLAN);
  EXPECT_EQ(resources[1].name(), "market/service-0");
  EXPECT_EQ(resources[2].name(), "market/service-1");
  EXPECT_EQ(resources[3].name(), "market/service-10");
}

// The format itself: a proxy of another release computes the same.
TEST(SnapshotVersion, IsTheRootThatTheHeaderDescribes) {
  google::protobuf::RepeatedPtrField<Resource> resources;
  *resources.Add() = MakeResource(PLAN, "a/b", Plan());
  const std::string key("\x02\0\0\0\x03\0\0\0a/b", 11);
  const std::string leaf = key + std::string(AsBytes(Sha256("")));
  std::string buckets;
  for (int i = 0; i < 256; ++i) buckets += AsBytes(Sha256(i == Sha256(key)[0] ? leaf : ""));
  EXPECT_EQ(SnapshotVersion(resources), AsBytes(Sha256(buckets)));
}

TEST_F(SnapshotHashTest, NameAndContentCannotTradePlaces) {
  google::protobuf::RepeatedPtrField<Resource> one;
  *one.Add() = MakeResource(PLAN, "ab", Plan());
  google::protobuf::RepeatedPtrField<Resource> other;
  *other.Add() = MakeResource(PLAN, "a", Plan());
  other[0].set_hash("b" + other[0].hash());
  EXPECT_NE(SnapshotVersion(one), SnapshotVersion(other));
}

TEST_F(SnapshotHashTest, EveryBitOfABodyCounts) {
  for (int r = 0; r < snapshot_.resources_size(); ++r) {
    const std::string body = snapshot_.resources(r).body();
    for (size_t bit = 0; bit < body.size() * 8; ++bit) {
      (*snapshot_.mutable_resources(r)->mutable_body())[bit / 8] ^= static_cast<char>(1 << bit % 8);
      EXPECT_THAT(Refusal(), HasSubstr("does not match its hash")) << r << " " << bit;
      snapshot_.mutable_resources(r)->set_body(body);
    }
  }
}

TEST_F(SnapshotHashTest, EveryBitOfAHashCounts) {
  const std::string hash = snapshot_.resources(0).hash();
  for (size_t bit = 0; bit < hash.size() * 8; ++bit) {
    (*snapshot_.mutable_resources(0)->mutable_hash())[bit / 8] ^= static_cast<char>(1 << bit % 8);
    EXPECT_NE(SnapshotVersion(snapshot_.resources()), snapshot_.version());
    EXPECT_NE(Refusal(), "accepted") << bit;
    snapshot_.mutable_resources(0)->set_hash(hash);
  }
}

TEST_F(SnapshotHashTest, EveryBitOfANameCounts) {
  for (int r = 0; r < snapshot_.resources_size(); ++r) {
    const std::string name = snapshot_.resources(r).name();
    for (size_t bit = 0; bit < name.size() * 8; ++bit) {
      (*snapshot_.mutable_resources(r)->mutable_name())[bit / 8] ^= static_cast<char>(1 << bit % 8);
      EXPECT_NE(SnapshotVersion(snapshot_.resources()), snapshot_.version());
      EXPECT_NE(Refusal(), "accepted") << r << " " << bit;
      snapshot_.mutable_resources(r)->set_name(name);
    }
  }
}

TEST_F(SnapshotHashTest, KindCounts) {
  snapshot_.mutable_resources(0)->set_kind(ROUTE);
  EXPECT_THAT(Refusal(), HasSubstr("do not add up to its version"));
}

TEST_F(SnapshotHashTest, EveryBitOfTheVersionCounts) {
  const std::string version = snapshot_.version();
  for (size_t bit = 0; bit < version.size() * 8; ++bit) {
    (*snapshot_.mutable_version())[bit / 8] ^= static_cast<char>(1 << bit % 8);
    EXPECT_THAT(Refusal(), HasSubstr("do not add up to its version"));
    snapshot_.set_version(version);
  }
}

TEST_F(SnapshotHashTest, EmptyVersionIsRefused) {
  snapshot_.clear_version();
  EXPECT_THAT(Refusal(), HasSubstr("do not add up to its version"));
}

TEST_F(SnapshotHashTest, MissingResourceIsRefused) {
  snapshot_.mutable_resources()->DeleteSubrange(3, 1);
  EXPECT_THAT(Refusal(), HasSubstr("do not add up to its version"));
}

TEST_F(SnapshotHashTest, AddedResourceIsRefused) {
  Put(UPSTREAM, "market/zzz", Upstream());
  EXPECT_THAT(Refusal(), HasSubstr("do not add up to its version"));
}

TEST_F(SnapshotHashTest, UnsortedResourcesAreRefused) {
  snapshot_.mutable_resources()->SwapElements(2, 3);
  EXPECT_THAT(Refusal(), HasSubstr("not sorted or not distinct at UPSTREAM \"market/service-1\""));
}

TEST_F(SnapshotHashTest, RepeatedResourceIsRefused) {
  Put(UPSTREAM, "market/service-9", Upstream());
  SealSnapshot(snapshot_);
  EXPECT_THAT(Refusal(), HasSubstr("not sorted or not distinct at UPSTREAM \"market/service-9\""));
}

TEST_F(SnapshotHashTest, NewerSchemaIsRefusedWithTheRemedy) {
  snapshot_.set_schema(kSnapshotSchema + 1);
  EXPECT_THAT(Refusal(), HasSubstr("upgrade the proxies"));
}

TEST_F(SnapshotHashTest, MissingSchemaIsRefused) {
  snapshot_.clear_schema();
  EXPECT_THAT(Refusal(), HasSubstr("has schema 0"));
}

TEST_F(SnapshotHashTest, SameMessageMakesTheSameResource) {
  Plan plan;
  plan.set_name("gold");
  EXPECT_EQ(MakeResource(PLAN, "a/gold", plan).SerializeAsString(),
            MakeResource(PLAN, "a/gold", plan).SerializeAsString());
}

}  // namespace
}  // namespace tollgate::api
