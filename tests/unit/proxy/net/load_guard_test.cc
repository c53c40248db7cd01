// What a process takes on, counted over all of its cores.
#include "proxy/pipeline/load_guard.h"

#include <gtest/gtest.h>

namespace tollgate::pipeline {
namespace {

TEST(LoadGuard, ConnectionsBeyondTheLimitAreNotCounted) {
  LoadGuard guard({.connections = 2});
  EXPECT_TRUE(guard.AddConnection());
  EXPECT_TRUE(guard.AddConnection());
  EXPECT_FALSE(guard.AddConnection());
  EXPECT_EQ(guard.refused_connections(), 1U);
  guard.RemoveConnection();
  EXPECT_TRUE(guard.AddConnection());
}

TEST(LoadGuard, TheNewestRequestIsTheOneThatIsRefused) {
  LoadGuard guard({.requests = 1});
  const LoadGuard::Turn first(&guard);
  EXPECT_EQ(first.refused_by(), "");
  {
    const LoadGuard::Turn second(&guard);
    EXPECT_EQ(second.refused_by(), "request-limit");
    EXPECT_EQ(guard.requests(), 2U);
  }
  EXPECT_EQ(guard.requests(), 1U);
}

TEST(LoadGuard, WithoutLimitsWhateverComesIsTaken) {
  LoadGuard guard({});
  guard.LookAtMemory();
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(guard.AddConnection());
  const LoadGuard::Turn first(&guard);
  const LoadGuard::Turn second(&guard);
  EXPECT_EQ(second.refused_by(), "");
  EXPECT_EQ(LoadGuard::Turn(nullptr).refused_by(), "");
}

TEST(LoadGuard, MemoryCountsFromTheNextLookOn) {
  LoadGuard full({.memory_bytes = 1});
  EXPECT_EQ(LoadGuard::Turn(&full).refused_by(), "");
  full.LookAtMemory();
  EXPECT_EQ(LoadGuard::Turn(&full).refused_by(), "memory-limit");
  LoadGuard roomy({.memory_bytes = full.memory_bytes() * 1000});
  roomy.LookAtMemory();
  EXPECT_EQ(LoadGuard::Turn(&roomy).refused_by(), "");
}

}  // namespace
}  // namespace tollgate::pipeline
