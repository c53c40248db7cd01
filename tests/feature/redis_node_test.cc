// The circuit of a node, and a core's link to it, against a real redis-server.
#include <gmock/gmock.h>

#include <atomic>
#include <thread>

#include "proxy/store/redis/core_link.h"
#include "proxy/store/redis/node.h"
#include "tests/feature/redis_fixture.h"
#include "tests/kit/eventually.h"

namespace tollgate::store {
namespace {

using kit::Eventually;
using ::testing::HasSubstr;

// Answers well to whoever answers at all. A machine that is busy with other tests may take its time.
NodeOptions Options(const StoreAddress& address) {
  return {.name = "test",
          .address = address,
          .probe = [](RedisConnection&) -> io::Task<Status<>> { co_return Done{}; },
          .slow_after = std::chrono::seconds(1),
          .probe_every = std::chrono::milliseconds(20)};
}

TEST(RedisNode, TheCircuitClosesOnceTheServerIsFound) {
  const kit::RedisServer server;
  const RedisNode node(Options(AddressOf(server)));
  node.AwaitFirstVerdict(std::chrono::seconds(10));
  EXPECT_FALSE(node.open());
  EXPECT_EQ(node.trouble(), "");
  EXPECT_EQ(node.outages(), 0u);
  EXPECT_EQ(node.server().port(), server.port());
}

TEST(RedisNode, AServerThatIsMissingIsJudgedToo) {
  kit::RedisServer server;
  server.Kill();
  const RedisNode node(Options(AddressOf(server)));
  node.AwaitFirstVerdict(std::chrono::seconds(10));
  EXPECT_TRUE(node.open());
  EXPECT_EQ(node.trouble(), "cannot connect: Connection refused");
}

TEST(RedisNode, AServerThatStartsLateIsFound) {
  kit::RedisServer server;
  server.Kill();
  const RedisNode node(Options(AddressOf(server)));
  node.AwaitFirstVerdict(std::chrono::seconds(10));
  ASSERT_TRUE(node.open());
  server.Start();
  EXPECT_TRUE(Eventually([&] { return !node.open(); }));
}

TEST(RedisNode, AHostThatNobodyKnowsIsSaid) {
  StoreAddress address;
  address.host = "nobody.invalid";
  const RedisNode node(Options(address));
  node.AwaitFirstVerdict(std::chrono::seconds(30));
  EXPECT_TRUE(node.open());
  EXPECT_THAT(node.trouble(), HasSubstr("its name cannot be looked up"));
}

TEST(RedisNode, AHostMayBeAName) {
  const kit::RedisServer server;
  StoreAddress address = AddressOf(server);
  address.host = "localhost";
  const RedisNode node(Options(address));
  EXPECT_TRUE(Eventually([&] { return !node.open(); })) << node.trouble();
}

TEST(RedisNode, WhatTripsOpensTheCircuitOnceAndGoodProbesCloseIt) {
  const kit::RedisServer server;
  RedisNode node(Options(AddressOf(server)));
  std::atomic<int> told = 0;
  node.Subscribe([&told] { ++told; });
  ASSERT_TRUE(Eventually([&] { return !node.open(); }));
  server.Freeze();
  const int before = told;
  node.Trip("it was too slow");
  node.Trip("it was too slow for another core too");
  EXPECT_TRUE(node.open());
  EXPECT_EQ(node.outages(), 1u);
  EXPECT_EQ(node.trouble(), "it was too slow");
  EXPECT_EQ(told, before + 1);
  server.Thaw();
  EXPECT_TRUE(Eventually([&] { return !node.open() && told == before + 2; }));
  EXPECT_EQ(node.trouble(), "");
  EXPECT_EQ(node.outages(), 1u);
}

TEST(RedisNode, AServerThatAnswersTheProbeBadlyIsNotUsed) {
  const kit::RedisServer server;
  NodeOptions options = Options(AddressOf(server));
  std::atomic<bool> well = false;
  options.probe = [&well](RedisConnection&) -> io::Task<Status<>> {
    if (well) co_return Done{};
    co_return Fault{"it is a replica"};
  };
  const RedisNode node(std::move(options));
  node.AwaitFirstVerdict(std::chrono::seconds(10));
  EXPECT_TRUE(node.open());
  EXPECT_EQ(node.trouble(), "it is a replica");
  well = true;
  EXPECT_TRUE(Eventually([&] { return !node.open(); }));
}

class CoreLinkTest : public RedisFixture {
 protected:
  // Runs `story` on the loop with a link to the node.
  using Story = std::function<io::Task<void>(CoreLink&)>;
  void Tell(RedisNode& node, Story story, CoreLinkOptions options = {}) {
    std::optional<CoreLink> link(std::in_place, loop_, node, std::move(options));
    Run(story(*link));
  }
  io::Task<void> Linked(CoreLink& link) {
    return Until([&link] { return link.connection() != nullptr; });
  }
  static constexpr std::array<std::string_view, 1> kPing{"PING"};
};

TEST_F(CoreLinkTest, ThereIsAConnectionOnceTheCircuitIsClosed) {
  const kit::RedisServer server;
  RedisNode node(Options(AddressOf(server)));
  std::string answer;
  Tell(node, [&](CoreLink& link) -> io::Task<void> {
    io::Task<void> linked = Linked(link);
    co_await linked;
    if (link.connection() == nullptr) co_return;
    io::Task<std::string> ask = Ask(*link.connection(), {"PING"});
    answer = co_await ask;
  });
  EXPECT_EQ(answer, "PONG");
}

TEST_F(CoreLinkTest, ALinkThatIsMadeLateFindsTheCircuitAsItIs) {
  const kit::RedisServer server;
  RedisNode node(Options(AddressOf(server)));
  ASSERT_TRUE(Eventually([&] { return !node.open(); }));
  bool connected = false;
  Tell(node, [&](CoreLink& link) -> io::Task<void> {
    io::Task<void> linked = Linked(link);
    co_await linked;
    connected = link.connection() != nullptr;
  });
  EXPECT_TRUE(connected);
}

TEST_F(CoreLinkTest, AKilledServerOpensTheCircuitAndAStartedOneIsUsedAgain) {
  kit::RedisServer server;
  RedisNode node(Options(AddressOf(server)));
  Diary diary;
  Tell(node, [&](CoreLink& link) -> io::Task<void> {
    io::Task<void> linked = Linked(link);
    co_await linked;
    if (link.connection() == nullptr) co_return;
    server.Freeze();
    link.connection()->Send(kPing, diary.Waiter("a"));
    server.Kill();
    io::Task<void> told = Until([&] { return !diary.lines().empty() && link.connection() == nullptr; });
    co_await told;
    EXPECT_TRUE(node.open());
    EXPECT_NE(node.trouble(), "");
    server.Start();
    io::Task<void> again = Linked(link);
    co_await again;
    EXPECT_NE(link.connection(), nullptr);
  });
  EXPECT_EQ(diary.lines(), std::vector<std::string>{"a: lost"});
  EXPECT_EQ(node.outages(), 1u);
}

TEST_F(CoreLinkTest, AFrozenServerOpensTheCircuitUntilItIsThawed) {
  const kit::RedisServer server;
  RedisNode node(Options(AddressOf(server)));
  Tell(node, [&](CoreLink& link) -> io::Task<void> {
    io::Task<void> linked = Linked(link);
    co_await linked;
    server.Freeze();
    io::Task<void> tripped = Until([&] { return node.open(); });
    co_await tripped;
    EXPECT_EQ(link.connection(), nullptr);
    EXPECT_EQ(node.trouble(), "it has not answered for 250 ms");
    server.Thaw();
    io::Task<void> again = Linked(link);
    co_await again;
    EXPECT_FALSE(node.open());
  });
}

// Also that of a core which has not noticed anything itself.
TEST_F(CoreLinkTest, AnOpenCircuitDropsTheConnectionsOfAllCores) {
  const kit::RedisServer server;
  RedisNode node(Options(AddressOf(server)));
  Diary diary;
  CoreLinkOptions patient;
  patient.connection.longest_silence = std::chrono::minutes(1);
  Tell(
      node,
      [&](CoreLink& link) -> io::Task<void> {
        io::Task<void> linked = Linked(link);
        co_await linked;
        if (link.connection() == nullptr) co_return;
        server.Freeze();
        link.connection()->Send(kPing, diary.Waiter("a"));
        std::thread([&] { node.Trip("another core found it too slow"); }).join();
        EXPECT_NE(link.connection(), nullptr) << "somebody may be about to use it";
        link.connection()->Send(kPing, diary.Waiter("b"));
        io::Loop::Sleeper turn = loop_.Sleep(std::chrono::milliseconds(1));
        co_await turn;
        EXPECT_EQ(link.connection(), nullptr) << "from the next turn on";
        io::Task<void> told = Until([&] { return !diary.lines().empty(); });
        co_await told;
        EXPECT_EQ(node.trouble(), "another core found it too slow");
      },
      patient);
  EXPECT_EQ(diary.lines(), (std::vector<std::string>{"a: lost", "b: lost"}));
}

TEST_F(CoreLinkTest, ANewConnectionIsPreparedBeforeItIsHandedOut) {
  const kit::RedisServer server;
  RedisNode node(Options(AddressOf(server)));
  std::vector<std::string> events;
  CoreLinkOptions options;
  options.prepare = [&](RedisConnection& connection) -> io::Task<Status<>> {
    io::Task<std::string> time = Ask(connection, {"SET", "prepared", "1"});
    events.push_back(co_await time);
    co_return Done{};
  };
  options.changed = [&] { events.push_back("changed"); };
  Tell(
      node,
      [&](CoreLink& link) -> io::Task<void> {
        io::Task<void> linked = Linked(link);
        co_await linked;
      },
      options);
  EXPECT_EQ(events, (std::vector<std::string>{"OK", "changed"}));
}

TEST_F(CoreLinkTest, WhatCannotBePreparedTripsTheNode) {
  const kit::RedisServer server;
  RedisNode node(Options(AddressOf(server)));
  CoreLinkOptions options;
  options.prepare = [](RedisConnection&) -> io::Task<Status<>> { co_return Fault{"it does not know TIME"}; };
  std::string trouble;
  Tell(
      node,
      [&](CoreLink&) -> io::Task<void> {
        io::Task<void> tripped = Until([&] { return node.outages() > 0; });
        co_await tripped;
        trouble = node.trouble();
      },
      options);
  EXPECT_EQ(trouble, "it does not know TIME");
}

// A gateway that drains stops its loops before the node, and says nothing of the server.
TEST_F(CoreLinkTest, TheEndOfTheLoopIsNoOutage) {
  const kit::RedisServer server;
  RedisNode node(Options(AddressOf(server)));
  Tell(node, [&](CoreLink& link) -> io::Task<void> {
    io::Task<void> linked = Linked(link);
    co_await linked;
  });
  EXPECT_EQ(node.outages(), 0u);
  node.Trip("nobody is left to be told");
  EXPECT_TRUE(node.open());
}

// A sanitizer sees what would be told to a loop that is gone.
TEST(CoreLink, TheNodeOutlivesTheLoops) {
  const kit::RedisServer server;
  RedisNode node(Options(AddressOf(server)));
  ASSERT_TRUE(Eventually([&] { return !node.open(); }));
  {
    auto loop = std::make_unique<io::Loop>();
    const CoreLink link(*loop, node);
  }
  node.Trip("nobody is left to be told");
  EXPECT_TRUE(Eventually([&] { return !node.open(); }));
}

}  // namespace
}  // namespace tollgate::store
