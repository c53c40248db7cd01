// A connection to a real redis-server: order, loss, silence, and who is let in.
#include <gmock/gmock.h>

#include "proxy/store/redis/connection.h"
#include "tests/feature/redis_fixture.h"

namespace tollgate::store {
namespace {

using ::testing::Each;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

class RedisConnectionTest : public RedisFixture {
 protected:
  // Why a connection is refused.
  std::string WhyNot(const StoreAddress& address) {
    std::string why = "connected";
    Run(With(address, [&](Opened opened) -> io::Task<void> {
      if (!opened) why = opened.error().message;
      if (opened) (*opened)->Close("the test has seen enough");
      co_return;
    }));
    return why;
  }
};

TEST_F(RedisConnectionTest, RepliesGoToTheirCommandsInOrder) {
  const kit::RedisServer server;
  Diary diary;
  std::vector<std::string> expected;
  Run(With(AddressOf(server), [&](Opened opened) -> io::Task<void> {
    if (!opened) co_return Missing(opened);
    const std::shared_ptr<RedisConnection> connection = *opened;
    for (int i = 0; i < 2'000; ++i) {
      const std::string text = std::to_string(i);
      const std::array<std::string_view, 2> echo{"ECHO", text};
      connection->Send(echo, diary.Waiter(text));
      expected.push_back(text + ": " + text);
    }
    EXPECT_EQ(connection->unanswered(), 2'000u);
    io::Task<void> until = Until([&] { return diary.lines().size() == expected.size(); });
    co_await until;
    EXPECT_EQ(connection->unanswered(), 0u);
    connection->Close("the test has seen enough");
  }));
  EXPECT_EQ(diary.lines(), expected);
}

TEST_F(RedisConnectionTest, AWaiterMayAskAgainAtOnce) {
  const kit::RedisServer server;
  std::string counted;
  Run(With(AddressOf(server), [&](Opened opened) -> io::Task<void> {
    if (!opened) co_return Missing(opened);
    const std::shared_ptr<RedisConnection> connection = *opened;
    for (int i = 0; i < 50; ++i) {
      io::Task<std::string> append = Ask(*connection, {"APPEND", "counted", "x"});
      (void)co_await append;
    }
    io::Task<std::string> get = Ask(*connection, {"GET", "counted"});
    counted = co_await get;
    connection->Close("the test has seen enough");
  }));
  EXPECT_EQ(counted, std::string(50, 'x'));
}

TEST_F(RedisConnectionTest, AMebibyteOfAnyBytesComesBackAsItWas) {
  const kit::RedisServer server;
  std::string body(1 << 20, '\0');
  for (size_t i = 0; i < body.size(); ++i) body[i] = static_cast<char>(i * 7 + i / 251);
  std::string back;
  Run(With(AddressOf(server), [&](Opened opened) -> io::Task<void> {
    if (!opened) co_return Missing(opened);
    const std::shared_ptr<RedisConnection> connection = *opened;
    io::Task<std::string> set = Ask(*connection, {"SET", "body", body});
    (void)co_await set;
    io::Task<std::string> get = Ask(*connection, {"GET", "body"});
    back = co_await get;
    connection->Close("the test has seen enough");
  }));
  EXPECT_TRUE(back == body) << back.size() << " bytes came back";
}

TEST_F(RedisConnectionTest, ALostConnectionTellsEveryWaiterOnce) {
  kit::RedisServer server;
  Diary diary;
  std::vector<std::string> ends;
  Run(With(AddressOf(server), [&](Opened opened) -> io::Task<void> {
    if (!opened) co_return Missing(opened);
    const std::shared_ptr<RedisConnection> connection = *opened;
    connection->Watch([&](const std::string& why) { ends.push_back(why); });
    server.Freeze();
    const std::array<std::string_view, 1> ping{"PING"};
    for (int i = 0; i < 100; ++i) connection->Send(ping, diary.Waiter(std::to_string(i)));
    server.Kill();
    io::Task<void> until = Until([&] { return !ends.empty(); });
    co_await until;
    EXPECT_FALSE(connection->open());
    EXPECT_EQ(connection->unanswered(), 0u);
  }));
  EXPECT_EQ(diary.lines().size(), 100u);
  EXPECT_THAT(diary.lines(), Each(EndsWith(": lost")));
  EXPECT_EQ(ends.size(), 1u);
}

TEST_F(RedisConnectionTest, CloseTellsEveryWaiterAndTheWatcher) {
  const kit::RedisServer server;
  Diary diary;
  std::vector<std::string> ends;
  Run(With(AddressOf(server), [&](Opened opened) -> io::Task<void> {
    if (!opened) co_return Missing(opened);
    const std::shared_ptr<RedisConnection> connection = *opened;
    connection->Watch([&](const std::string& why) { ends.push_back(why); });
    server.Freeze();
    const std::array<std::string_view, 1> ping{"PING"};
    connection->Send(ping, diary.Waiter("a"));
    connection->Close("the circuit is open");
    EXPECT_TRUE(diary.lines().empty()) << "told from inside Close()";
    connection->Close("a second time");
    io::Task<void> until = Until([&] { return !ends.empty(); });
    co_await until;
  }));
  EXPECT_EQ(diary.lines(), std::vector<std::string>{"a: lost"});
  EXPECT_EQ(ends, std::vector<std::string>{"the circuit is open"});
}

// Its kernel still takes what is sent, and acknowledges it.
TEST_F(RedisConnectionTest, AFrozenServerIsNoticedThoughNobodyAsks) {
  const kit::RedisServer server;
  std::string end;
  Run(With(AddressOf(server), [&](Opened opened) -> io::Task<void> {
    if (!opened) co_return Missing(opened);
    const std::shared_ptr<RedisConnection> connection = *opened;
    connection->Watch([&](const std::string& why) { end = why; });
    server.Freeze();
    io::Task<void> until = Until([&] { return !end.empty(); });
    co_await until;
  }));
  EXPECT_EQ(end, "it has not answered for 250 ms");
}

TEST_F(RedisConnectionTest, AFrozenServerIsNoticedUnderAFlood) {
  const kit::RedisServer server;
  std::string end;
  size_t sent = 0;
  Diary diary;
  Run(With(AddressOf(server), [&](Opened opened) -> io::Task<void> {
    if (!opened) co_return Missing(opened);
    const std::shared_ptr<RedisConnection> connection = *opened;
    connection->Watch([&](const std::string& why) { end = why; });
    server.Freeze();
    // More than the sockets of both sides hold.
    const std::string body(1 << 20, 'x');
    const std::array<std::string_view, 3> set{"SET", "body", body};
    for (; sent < 16; ++sent) connection->Send(set, diary.Waiter("set"));
    io::Task<void> until = Until([&] { return !end.empty(); });
    co_await until;
  }));
  EXPECT_EQ(end, "it has not answered for 250 ms");
  EXPECT_EQ(diary.lines(), std::vector<std::string>(sent, "set: lost"));
}

TEST_F(RedisConnectionTest, WhoeverClosesTheConnectionSaysSo) {
  const kit::RedisServer server;
  std::string end;
  Run(With(AddressOf(server), [&](Opened opened) -> io::Task<void> {
    if (!opened) co_return Missing(opened);
    const std::shared_ptr<RedisConnection> connection = *opened;
    connection->Watch([&](const std::string& why) { end = why; });
    (void)server.Ask({"CLIENT", "KILL", "TYPE", "normal"});
    io::Task<void> until = Until([&] { return !end.empty(); });
    co_await until;
  }));
  EXPECT_EQ(end, "it closed the connection");
}

TEST_F(RedisConnectionTest, TheDatabaseIsChosen) {
  const kit::RedisServer server;
  StoreAddress address = AddressOf(server);
  address.database = 3;
  Run(With(address, [&](Opened opened) -> io::Task<void> {
    if (!opened) co_return Missing(opened);
    const std::shared_ptr<RedisConnection> connection = *opened;
    io::Task<std::string> set = Ask(*connection, {"SET", "a", "1"});
    (void)co_await set;
    connection->Close("the test has seen enough");
  }));
  EXPECT_EQ(server.Ask({"DBSIZE"}), "0");
  EXPECT_THAT(server.Ask({"INFO", "keyspace"}), HasSubstr("db3:keys=1"));
}

TEST_F(RedisConnectionTest, ADatabaseThatIsNotThereIsAFault) {
  const kit::RedisServer server;
  StoreAddress address = AddressOf(server);
  address.database = 99;
  EXPECT_THAT(WhyNot(address), HasSubstr("it refuses SELECT: ERR DB index is out of range"));
}

class PasswordTest : public RedisConnectionTest {
 protected:
  StoreAddress With(const std::string& user, const std::string& password) const {
    StoreAddress address = AddressOf(server_);
    address.user = user;
    address.password = password;
    return address;
  }
  const kit::RedisServer server_{{"--requirepass", "the-right-one"}};
};

TEST_F(PasswordTest, TheRightOneIsLetIn) { EXPECT_EQ(WhyNot(With("", "the-right-one")), "connected"); }

TEST_F(PasswordTest, TheWrongOneIsNamedByItsErrorAndNotShown) {
  const std::string why = WhyNot(With("", "the-wrong-one"));
  EXPECT_THAT(why, HasSubstr("it refuses AUTH: WRONGPASS"));
  EXPECT_THAT(why, Not(HasSubstr("the-wrong-one")));
}

TEST_F(PasswordTest, NoneAtAllIsAFaultBeforeTheFirstCommand) {
  EXPECT_THAT(WhyNot(With("", "")), HasSubstr("it refuses PING: NOAUTH"));
}

TEST_F(PasswordTest, AUserMayHaveOneOfItsOwn) {
  ASSERT_EQ(server_.Ask({"ACL", "SETUSER", "proxy", "on", ">its-own", "~*", "+@all"}), "OK");
  EXPECT_EQ(WhyNot(With("proxy", "its-own")), "connected");
}

TEST_F(PasswordTest, TheDefaultUsersIsNotAnotherUsers) {
  ASSERT_EQ(server_.Ask({"ACL", "SETUSER", "proxy", "on", ">its-own", "~*", "+@all"}), "OK");
  EXPECT_THAT(WhyNot(With("proxy", "the-right-one")), HasSubstr("WRONGPASS"));
}

TEST_F(RedisConnectionTest, AServerThatRepeatsThePasswordIsNotQuoted) {
  const kit::RedisServer server({"--rename-command", "AUTH", ""});
  StoreAddress address = AddressOf(server);
  address.password = "a-password-that-nobody-may-see";
  EXPECT_EQ(WhyNot(address), "it refuses AUTH: ERR unknown command 'AUTH'");
}

TEST_F(RedisConnectionTest, AServerThatIsGoneIsAFault) {
  kit::RedisServer server;
  server.Kill();
  EXPECT_EQ(WhyNot(AddressOf(server)), "cannot connect: Connection refused");
}

TEST_F(RedisConnectionTest, AServerThatLoadsIsAFault) {
  kit::RedisServer server({"--key-load-delay", "20000", "--loading-process-events-interval-bytes", "1024"});
  ASSERT_EQ(server.Ask({"DEBUG", "POPULATE", "1000", "key", "100"}), "OK");
  ASSERT_EQ(server.Ask({"SAVE"}), "OK");
  server.Kill();
  server.StartUnawaited();
  const std::string refused = "cannot connect: Connection refused";
  std::string why = refused;
  const auto try_until_it_listens = [&]() -> io::Task<void> {
    while (why == refused && !loop_.stopping()) {
      io::Task<void> tried = With(AddressOf(server), [&](Opened opened) -> io::Task<void> {
        why = opened ? "connected" : opened.error().message;
        co_return;
      });
      co_await tried;
    }
  };
  Run(try_until_it_listens());
  EXPECT_THAT(why, HasSubstr("it refuses PING: LOADING"));
}

TEST_F(RedisConnectionTest, WhatIsNoRedisIsAFault) {
  const std::unique_ptr<io::Acceptor> other =
      *io::Acceptor::Listen(loop_, *io::Address::Parse("127.0.0.1:0"), io::Sharing::kNone);
  const auto answer = [&]() -> io::Task<void> {
    std::unique_ptr<io::Stream> stream = co_await other->Accept();
    (void)co_await kit::WriteAll(*stream, "HTTP/1.1 400 Bad Request\r\n\r\n");
  };
  Start(answer());
  StoreAddress address;
  address.host = "127.0.0.1";
  address.port = other->local().port();
  EXPECT_EQ(WhyNot(address), "what it sends is not Redis' protocol");
}

}  // namespace
}  // namespace tollgate::store
