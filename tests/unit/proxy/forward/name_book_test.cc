// Upstreams by their names: "localhost", which every machine knows without asking anybody.
#include "proxy/forward/name_book.h"

#include <gtest/gtest.h>

#include "proxy/forward/upstream_table.h"
#include "tests/kit/eventually.h"
#include "tests/kit/snapshot_builder.h"

namespace tollgate::forward {
namespace {

using std::chrono::seconds;

class NameBookTest : public ::testing::Test {
 protected:
  NameBookTest() { names().Configure({.servers = "127.0.0.1:1", .rules = {}}); }
  NameBook& names() { return book_.names(); }
  const UpstreamTable& Load() {
    catalog_ = builder_.Build();
    table_.emplace(*catalog_, book_);
    names().AwaitFirst(seconds(60));
    return *table_;
  }

  EndpointBook book_;
  kit::SnapshotBuilder builder_;
  std::shared_ptr<const snapshot::Catalog> catalog_;
  std::optional<UpstreamTable> table_;
};

TEST_F(NameBookTest, TheAddressesOfANameAreEndpoints) {
  builder_.Upstream("http://localhost:80", {"localhost"});
  const UpstreamTable& table = Load();
  ASSERT_TRUE(table.IsNamed(0));
  LiveNamedTable::Reader reader(table.names());
  const auto endpoints = table.EndpointsOf(0, &reader);
  ASSERT_FALSE(endpoints->ready.empty());
  EXPECT_EQ(table.Tally(SteadyNow()).ready, endpoints->ready.size());
  for (const auto& endpoint : endpoints->ready) {
    EXPECT_TRUE(endpoint->name == "127.0.0.1:80" || endpoint->name == "[::1]:80") << endpoint->name;
    const Endpoint* const other = endpoints->OtherFamily(*endpoint);
    EXPECT_EQ(other != nullptr, endpoints->ready.size() == 2);
    EXPECT_NE(other, endpoint.get());
  }
}

TEST_F(NameBookTest, AnUnknownNameHasNone) {
  builder_.Upstream("http://a.invalid:80", {"a.invalid"});
  const UpstreamTable& table = Load();
  LiveNamedTable::Reader reader(table.names());
  EXPECT_TRUE(table.EndpointsOf(0, &reader)->ready.empty());
  EXPECT_EQ(names().tally().unknown, 1U);
}

TEST_F(NameBookTest, UpstreamsOfOneHostAreFollowedOnceAndKeptApart) {
  const auto first = names().Get("http://localhost:80", "localhost", 80);
  const auto second = names().Get("http://localhost:81", "localhost", 81);
  EXPECT_EQ(names().Get("http://localhost:80", "localhost", 80), first);
  EXPECT_NE(first->slot, second->slot);
  names().AwaitFirst(seconds(60));
  EXPECT_EQ(names().tally().fresh, 1U);
  const auto table = names().live().Get();
  EXPECT_EQ((*table)[first->slot]->ready.at(0)->address.port(), 80);
  EXPECT_EQ((*table)[second->slot]->ready.at(0)->address.port(), 81);
}

TEST_F(NameBookTest, WhatNobodyHasIsForgotten) {
  auto held = names().Get("http://localhost:80", "localhost", 80);
  names().AwaitFirst(seconds(60));
  names().Forget();
  EXPECT_EQ(names().tally().fresh, 1U);
  const size_t slot = held->slot;
  held.reset();
  names().Forget();
  EXPECT_TRUE(kit::Eventually([&] { return names().tally().fresh == 0; }));
  EXPECT_EQ(names().Get("http://b.invalid:80", "b.invalid", 80)->slot, slot);
}

TEST(OtherFamily, IsTheSameForTheSameEndpointAndNoneWhereThereIsOne) {
  EndpointBook book;
  UpstreamEndpoints endpoints{book.GetUpstream("a"), {}};
  for (const char* address : {"10.0.0.1", "10.0.0.2", "2001:db8::1"}) {
    endpoints.ready.push_back(book.Get(address, 80));
  }
  EXPECT_EQ(endpoints.OtherFamily(*endpoints.ready[0]), endpoints.ready[2].get());
  EXPECT_EQ(endpoints.OtherFamily(*endpoints.ready[1]), endpoints.ready[2].get());
  const Endpoint* const other = endpoints.OtherFamily(*endpoints.ready[2]);
  EXPECT_FALSE(other->address.is_ipv6());
  EXPECT_EQ(endpoints.OtherFamily(*endpoints.ready[2]), other);
  endpoints.ready.pop_back();
  EXPECT_EQ(endpoints.OtherFamily(*endpoints.ready[0]), nullptr);
}

}  // namespace
}  // namespace tollgate::forward
