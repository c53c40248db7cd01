// The Stream over TLS, with a client that is OpenSSL alone.
#include <future>
#include <random>
#include <vector>

#include "tests/unit/proxy/io/tls_fixture.h"

namespace tollgate::io {
namespace {

using kit::ReadSome;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr milliseconds kSoon{40};

using TlsStreamTest = TlsFixture;

std::string Much() {
  std::string text(5 << 20, ' ');
  std::mt19937_64 random(5);
  for (char& c : text) c = static_cast<char>(random());
  return text;
}

TEST_F(TlsStreamTest, WhatIsSentArrives) {
  std::string answer;
  Client([&](TlsClient& client) {
    EXPECT_TRUE(client.Connect({}));
    client.Send("hello");
    answer = client.Read(3);
  });
  Server([](TlsStreamTest& test, Stream& stream) -> Task<void> {
    Task<IoResult> read = ReadSome(stream, test.text_);
    const IoResult result = co_await read;
    EXPECT_TRUE(result.ok());
    Stream::WriteAwaiter write = stream.Write("a", "", "bc");
    const IoResult written = co_await write;
    EXPECT_TRUE(written.ok());
  });
  RunBoth();
  EXPECT_EQ(accepted_.outcome, TlsOutcome::kDone);
  EXPECT_EQ(accepted_.server_name, "a.example");
  EXPECT_EQ(text_, "hello");
  EXPECT_EQ(answer, "abc");
}

TEST_F(TlsStreamTest, PiecesAreOneRecord) {
  int pending = -1;
  Client([&](TlsClient& client) {
    EXPECT_TRUE(client.Connect({}));
    EXPECT_EQ(client.Read(1), "h");
    pending = SSL_pending(client.ssl());
  });
  Server([](TlsStreamTest&, Stream& stream) -> Task<void> {
    Stream::WriteAwaiter write = stream.Write("head", "size", "body", "end");
    (void)co_await write;
  });
  RunBoth();
  EXPECT_EQ(pending, 14);
}

TEST_F(TlsStreamTest, ANameIsComparedInLowerCase) {
  TlsClient::Wish wish;
  wish.server_name = "A.Example";
  Client([wish](TlsClient& client) { EXPECT_TRUE(client.Connect(wish)); });
  Server(Nothing);
  RunBoth();
  EXPECT_EQ(accepted_.server_name, "a.example");
}

TEST_F(TlsStreamTest, AnUnknownNameIsRefusedWithItsAlert) {
  TlsClient::Wish wish;
  wish.server_name = "b.example";
  Client([wish](TlsClient& client) { EXPECT_FALSE(client.Connect(wish)); });
  Server(Nothing);
  RunBoth();
  EXPECT_EQ(accepted_.outcome, TlsOutcome::kNameRefused);
  EXPECT_EQ(client_->alert(), SSL_AD_UNRECOGNIZED_NAME);
}

TEST_F(TlsStreamTest, WithoutANameNobodyIsMeant) {
  TlsClient::Wish wish;
  wish.server_name = "";
  Client([wish](TlsClient& client) { EXPECT_FALSE(client.Connect(wish)); });
  Server(Nothing);
  RunBoth();
  EXPECT_EQ(accepted_.outcome, TlsOutcome::kNameRefused);
}

TEST_F(TlsStreamTest, AnOlderVersionThanANameWantsIsRefused) {
  TlsClient::Wish wish;
  wish.server_name = "new.example";
  wish.newest = TLS1_2_VERSION;
  Client([wish](TlsClient& client) { EXPECT_FALSE(client.Connect(wish)); });
  Server(Nothing);
  RunBoth();
  EXPECT_EQ(accepted_.outcome, TlsOutcome::kFailed);
  EXPECT_EQ(client_->alert(), SSL_AD_PROTOCOL_VERSION);
}

TEST_F(TlsStreamTest, Tls12IsSpokenWhereItIsAllowed) {
  TlsClient::Wish wish;
  wish.newest = TLS1_2_VERSION;
  Client([wish](TlsClient& client) { EXPECT_TRUE(client.Connect(wish)); });
  Server(Nothing);
  RunBoth();
  EXPECT_EQ(accepted_.outcome, TlsOutcome::kDone);
}

// What the server chooses of those that a client offers.
std::string Chosen(TlsClient& client) {
  const unsigned char* data = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(client.ssl(), &data, &size);
  return {reinterpret_cast<const char*>(data), size};
}

TEST_F(TlsStreamTest, Http1IsChosenAmongProtocols) {
  TlsClient::Wish wish;
  wish.protocols = "\x03xyz\x08http/1.1";
  std::string chosen;
  Client([&chosen, wish](TlsClient& client) {
    EXPECT_TRUE(client.Connect(wish));
    chosen = Chosen(client);
  });
  Server(Nothing);
  RunBoth();
  EXPECT_EQ(chosen, "http/1.1");
  EXPECT_FALSE(accepted_.http2);
}

TEST_F(TlsStreamTest, Http2IsPreferred) {
  TlsClient::Wish wish;
  wish.protocols = "\x08http/1.1\x02h2";
  std::string chosen;
  Client([&chosen, wish](TlsClient& client) {
    EXPECT_TRUE(client.Connect(wish));
    chosen = Chosen(client);
  });
  Server(Nothing);
  RunBoth();
  EXPECT_EQ(chosen, "h2");
  EXPECT_TRUE(accepted_.http2);
}

TEST_F(TlsStreamTest, NoProtocolInCommonIsRefused) {
  TlsClient::Wish wish;
  wish.protocols = "\x03xyz";
  Client([wish](TlsClient& client) { EXPECT_FALSE(client.Connect(wish)); });
  Server(Nothing);
  RunBoth();
  EXPECT_EQ(client_->alert(), SSL_AD_NO_APPLICATION_PROTOCOL);
}

TEST_F(TlsStreamTest, ASilentCallerMeetsTheDeadline) {
  Server(Nothing, seconds(0));
  Run();
  EXPECT_EQ(accepted_.outcome, TlsOutcome::kTimeout);
}

TEST_F(TlsStreamTest, WhatIsNoTlsFails) {
  Client([](TlsClient& client) { client.SendRaw("GET / HTTP/1.1\r\nHost: a.example\r\n\r\n"); });
  Server(Nothing);
  RunBoth();
  EXPECT_EQ(accepted_.outcome, TlsOutcome::kFailed);
}

TEST_F(TlsStreamTest, CloseNotifyIsTheEnd) {
  Client([](TlsClient& client) {
    EXPECT_TRUE(client.Connect({}));
    client.CloseCleanly();
  });
  Server([](TlsStreamTest& test, Stream& stream) -> Task<void> {
    Task<IoResult> read = ReadSome(stream, test.text_);
    const IoResult result = co_await read;
    EXPECT_EQ(result.status, IoStatus::kEof);
  });
  RunBoth();
}

TEST_F(TlsStreamTest, AnEndWithoutCloseNotifyIsAFailure) {
  Client([](TlsClient& client) {
    EXPECT_TRUE(client.Connect({}));
    client.Drop();
  });
  Server([](TlsStreamTest& test, Stream& stream) -> Task<void> {
    Task<IoResult> read = ReadSome(stream, test.text_);
    const IoResult result = co_await read;
    EXPECT_EQ(result.status, IoStatus::kFailed);
  });
  RunBoth();
}

TEST_F(TlsStreamTest, ShutdownSaysThatItIsTheEnd) {
  Client([](TlsClient& client) {
    EXPECT_TRUE(client.Connect({}));
    EXPECT_EQ(client.Read(), "");
  });
  Server([](TlsStreamTest&, Stream& stream) -> Task<void> {
    stream.ShutdownWrite();
    stream.Close();
    co_return;
  });
  RunBoth();
  EXPECT_TRUE(client_->ended_cleanly());
}

TEST_F(TlsStreamTest, CloseAloneDoesNot) {
  Client([](TlsClient& client) {
    EXPECT_TRUE(client.Connect({}));
    EXPECT_EQ(client.Read(), "");
  });
  Server([](TlsStreamTest&, Stream& stream) -> Task<void> {
    stream.Close();
    co_return;
  });
  RunBoth();
  EXPECT_FALSE(client_->ended_cleanly());
}

TEST_F(TlsStreamTest, FiveMebibytesArriveWholeBothWays) {
  const std::string much = Much();
  std::string there;
  std::string back;
  Client([&](TlsClient& client) {
    EXPECT_TRUE(client.Connect({}));
    client.Send(much);
    back = client.Read(much.size());
  });
  Server([&](TlsStreamTest&, Stream& stream) -> Task<void> {
    std::vector<char> buffer(64 * 1024);
    while (there.size() < much.size()) {
      Stream::ReadAwaiter read = stream.Read(buffer);
      const IoResult result = co_await read;
      EXPECT_TRUE(result.ok());
      if (!result.ok()) co_return;
      there.append(buffer.data(), result.bytes);
    }
    const std::string_view all = much;
    Stream::WriteAwaiter write = stream.Write(all.substr(0, 1), all.substr(1, 3'000'000),
                                              all.substr(3'000'001, 2), all.substr(3'000'003));
    const IoResult written = co_await write;
    EXPECT_TRUE(written.ok());
  });
  RunBoth();
  EXPECT_TRUE(there == much);
  EXPECT_TRUE(back == much);
}

TEST_F(TlsStreamTest, StreamLivesOnAfterAReadDeadline) {
  std::promise<void> timed_out;
  Client([&](TlsClient& client) {
    EXPECT_TRUE(client.Connect({}));
    timed_out.get_future().wait();
    client.Send("late");
  });
  Server([&](TlsStreamTest& test, Stream& stream) -> Task<void> {
    stream.SetReadDeadline(SteadyNow() + kSoon);
    Task<IoResult> read = ReadSome(stream, test.text_);
    const IoResult result = co_await read;
    EXPECT_EQ(result.status, IoStatus::kTimeout);
    EXPECT_TRUE(stream.IsQuiet());
    timed_out.set_value();
    stream.SetReadDeadline(SteadyTime::max());
    Task<IoResult> again = ReadSome(stream, test.text_);
    const IoResult second = co_await again;
    EXPECT_TRUE(second.ok());
  });
  RunBoth();
  EXPECT_EQ(text_, "late");
}

TEST_F(TlsStreamTest, LookingTakesNothingAway) {
  Client([](TlsClient& client) {
    EXPECT_TRUE(client.Connect({}));
    client.Send("hello");
  });
  Server([this](TlsStreamTest& test, Stream& stream) -> Task<void> {
    while (stream.IsQuiet()) {
      Loop::Sleeper pause = loop_.Sleep(milliseconds(1));
      co_await pause;
    }
    EXPECT_FALSE(stream.IsQuiet());
    Task<IoResult> read = ReadSome(stream, test.text_);
    (void)co_await read;
  });
  RunBoth();
  EXPECT_EQ(text_, "hello");
}

}  // namespace
}  // namespace tollgate::io
