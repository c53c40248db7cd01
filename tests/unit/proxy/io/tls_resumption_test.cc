// Sessions are resumed by tickets, with keys of ours, under the terms that they began with.
#include <gtest/gtest.h>

#include <vector>

#include "proxy/io/ticket_keys.h"
#include "tests/unit/proxy/io/tls_fixture.h"

namespace tollgate::io {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

// Several connections of one client, one after the other.
class TlsResumptionTest : public TlsFixture {
 protected:
  using Owned = std::unique_ptr<SSL_SESSION, decltype(&SSL_SESSION_free)>;

  void Offer(size_t connections) {
    for (size_t i = 0; i < connections; ++i) {
      NewConnection();
      clients_.push_back(std::move(client_));
      Start(ServeOne(std::move(plain_)));
    }
  }
  // Whether the handshake resumed `session`; the session to resume next goes there.
  bool Resumes(size_t number, TlsClient::Wish wish, Owned& session) {
    TlsClient& client = *clients_[number];
    wish.session = session.get();
    EXPECT_TRUE(client.Connect(wish));
    EXPECT_EQ(client.Read(1), "x");  // tickets have come before it
    const bool resumed = SSL_session_reused(client.ssl()) == 1;
    session.reset(SSL_get1_session(client.ssl()));
    client.CloseCleanly();
    return resumed;
  }

  // What the client expects, one after the other, beside the loop.
  void RunExpectations() {
    thread_ = std::thread([this] {
      for (const auto& expect : expectations_) expect();
    });
    RunBoth();
  }

  std::vector<std::unique_ptr<TlsClient>> clients_;
  std::vector<std::function<void()>> expectations_;

 private:
  Task<void> ServeOne(std::unique_ptr<Stream> plain) {
    Task<TlsAccepted> accept = server_.Accept(std::move(plain), names_, SteadyNow() + seconds(60));
    const TlsAccepted accepted = co_await accept;
    EXPECT_NE(accepted.stream, nullptr);
    if (accepted.stream == nullptr) co_return;
    Task<IoResult> write = kit::WriteAll(*accepted.stream, "x");
    (void)co_await write;
    Task<IoResult> read = kit::ReadSome(*accepted.stream, text_);
    (void)co_await read;  // until the client has ended it
  }
};

TEST_F(TlsResumptionTest, ASessionIsResumed) {
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    TlsClient::Wish wish;
    wish.newest = version;
    const size_t first = clients_.size();
    Offer(2);
    expectations_.push_back([this, wish, first] {
      Owned session(nullptr, SSL_SESSION_free);
      EXPECT_FALSE(Resumes(first, wish, session));
      EXPECT_TRUE(Resumes(first + 1, wish, session));
    });
  }
  RunExpectations();
}

TEST_F(TlsResumptionTest, OtherTermsBeginAnew) {
  names_.terms["other.example"] = Terms(certificate_, TlsVersion::k12, "other terms");
  names_.terms["sibling.example"] = Terms(certificate_, TlsVersion::k12);
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    TlsClient::Wish wish;
    wish.newest = version;
    const size_t first = clients_.size();
    Offer(3);
    expectations_.push_back([this, wish, first] {
      Owned session(nullptr, SSL_SESSION_free);
      EXPECT_FALSE(Resumes(first, wish, session));
      TlsClient::Wish other = wish;
      other.server_name = "other.example";
      Owned kept(session.get(), SSL_SESSION_free);
      SSL_SESSION_up_ref(kept.get());
      EXPECT_FALSE(Resumes(first + 1, other, kept));
      EXPECT_TRUE(Resumes(first + 2, wish, session));
    });
  }
  RunExpectations();
}

TEST(TicketKeys, AKeyIsTakenForAsLongAgainAsItSeals) {
  const SteadyTime start = SteadyNow();
  TicketKeys keys(start);
  const TicketKeys::Name first = keys.Sealing(start).name;
  EXPECT_EQ(keys.Sealing(start + hours(1)).name, first);
  EXPECT_FALSE(keys.Find(first, start + hours(1))->renew);
  EXPECT_NE(keys.Sealing(start + hours(3)).name, first);
  EXPECT_TRUE(keys.Find(first, start + hours(3))->renew);
  EXPECT_FALSE(keys.Find(first, start + hours(5)));
}

TEST(TicketKeys, AKeyThatNobodyUsedForLongIsForgotten) {
  const SteadyTime start = SteadyNow();
  TicketKeys keys(start);
  const TicketKeys::Name first = keys.Sealing(start).name;
  EXPECT_FALSE(keys.Find(first, start + hours(5)));
  EXPECT_FALSE(keys.Find(TicketKeys::Name{}, start + hours(5)));
}

}  // namespace
}  // namespace tollgate::io
