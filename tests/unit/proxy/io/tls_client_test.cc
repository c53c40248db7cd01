// TLS to upstreams, with a TlsServer as the upstream: who proves to be somebody else is nobody.
#include "proxy/io/tls_client.h"

#include <gtest/gtest.h>

#include "tests/unit/proxy/io/tls_fixture.h"

namespace tollgate::io {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

class TlsClientTest : public kit::LoopFixture {
 protected:
  TlsClientTest() {
    ::signal(SIGPIPE, SIG_IGN);
    Serve(kit::Issue(authority_, "server", {"a.example"}));
  }
  void Serve(const kit::Certificate& certificate) {
    names_.terms["a.example"] = Terms(certificate, TlsVersion::k12);
    names_.terms["b.example"] = names_.terms["a.example"];
  }
  static std::shared_ptr<TlsClientTerms> Trusting(const kit::Certificate& authority,
                                                  std::string_view name = "a.example") {
    auto terms = MakeTlsClientTerms({authority.chain, name, {}});
    EXPECT_TRUE(terms.ok());
    return *terms;
  }
  // Connects, sends a byte and reads one; what came of it is in connected_ then.
  void Connect(std::shared_ptr<TlsClientTerms> terms, std::chrono::seconds limit = seconds(60)) {
    kit::LoopFixture::Pair pair = ConnectedPair();
    Start(ServeOne(std::move(pair.theirs)));
    Start(Ask(std::move(pair.ours), std::move(terms), SteadyNow() + limit));
  }
  std::string ReasonFor(const std::shared_ptr<TlsClientTerms>& terms) {
    Connect(terms);
    Run();
    EXPECT_EQ(connected_.stream, nullptr);
    return std::string(connected_.reason);
  }

  const kit::Certificate authority_ = kit::MakeAuthority("ours");
  KnownNames names_;
  TlsServer server_;
  TlsConnected connected_;
  std::vector<bool> resumed_;
  std::string received_;

 private:
  Task<void> ServeOne(std::unique_ptr<Stream> plain) {
    Task<TlsAccepted> accept = server_.Accept(std::move(plain), names_, SteadyNow() + seconds(60));
    const TlsAccepted accepted = co_await accept;
    if (accepted.stream == nullptr) co_return;
    asked_for_ = accepted.server_name;
    Task<IoResult> read = kit::ReadSome(*accepted.stream, received_);
    (void)co_await read;
    Task<IoResult> write = kit::WriteAll(*accepted.stream, "x");
    (void)co_await write;
  }
  Task<void> Ask(std::unique_ptr<Stream> plain, std::shared_ptr<TlsClientTerms> terms, SteadyTime deadline) {
    Task<TlsConnected> start = StartTls(std::move(plain), std::move(terms), deadline);
    connected_ = co_await start;
    if (connected_.stream == nullptr) co_return;
    resumed_.push_back(connected_.resumed);
    Task<IoResult> write = kit::WriteAll(*connected_.stream, "y");
    (void)co_await write;
    std::string answer;
    Task<IoResult> read = kit::ReadSome(*connected_.stream, answer);  // and the tickets before it
    (void)co_await read;
    EXPECT_EQ(answer, "x");
    connected_.stream.reset();
  }

 protected:
  std::string asked_for_;
};

TEST_F(TlsClientTest, WhoProvesToBeTheOneAskedForIsSpokenTo) {
  Connect(Trusting(authority_));
  Run();
  EXPECT_EQ(asked_for_, "a.example");
  EXPECT_EQ(received_, "y");
  EXPECT_EQ(resumed_, std::vector<bool>{false});
}

TEST_F(TlsClientTest, ACertificateThatSignsItselfMayBeTrustedAsSuch) {
  const kit::Certificate lone = kit::MakeCertificate({"a.example"});
  Serve(lone);
  Connect(Trusting(lone));
  Run();
  EXPECT_EQ(received_, "y");
}

TEST_F(TlsClientTest, AnotherAuthorityIsNotTrusted) {
  EXPECT_EQ(ReasonFor(Trusting(kit::MakeAuthority("theirs"))), "tls-certificate-untrusted");
  EXPECT_EQ(received_, "");
}

TEST_F(TlsClientTest, WithoutAuthoritiesThoseOfTheSystemAreTrusted) {
  EXPECT_EQ(ReasonFor(*MakeTlsClientTerms({{}, "a.example", {}})), "tls-certificate-untrusted");
}

TEST_F(TlsClientTest, ACertificateForAnotherNameProvesNothing) {
  EXPECT_EQ(ReasonFor(Trusting(authority_, "b.example")), "tls-name-mismatch");
}

// SNI has names alone (RFC 6066, section 3).
TEST_F(TlsClientTest, AnAddressIsProvedAsOneAndNotSent) {
  names_.terms[""] = Terms(kit::Issue(authority_, "server", {"192.0.2.1", "2001:db8::1"}), TlsVersion::k12);
  asked_for_ = "nothing yet";
  Connect(Trusting(authority_, "2001:db8::1"));
  Run();
  EXPECT_EQ(asked_for_, "");
  EXPECT_EQ(received_, "y");
}

TEST_F(TlsClientTest, AnotherAddressProvesNothing) {
  names_.terms[""] = Terms(kit::Issue(authority_, "server", {"192.0.2.1"}), TlsVersion::k12);
  EXPECT_EQ(ReasonFor(Trusting(authority_, "192.0.2.2")), "tls-name-mismatch");
}

TEST_F(TlsClientTest, TheCommonNameIsNoName) {
  Serve(kit::Issue(authority_, "a.example", {}));
  EXPECT_EQ(ReasonFor(Trusting(authority_)), "tls-name-mismatch");
}

TEST_F(TlsClientTest, AnExpiredCertificateProvesNothing) {
  Serve(kit::Issue(authority_, "server", {"a.example"}, -hours(1)));
  EXPECT_EQ(ReasonFor(Trusting(authority_)), "tls-certificate-expired");
}

TEST_F(TlsClientTest, WhoRefusesTheNameFails) {
  names_.terms.clear();
  EXPECT_EQ(ReasonFor(Trusting(authority_)), "tls-handshake-failed");
}

TEST_F(TlsClientTest, ASilentPeerMeetsTheDeadline) {
  kit::LoopFixture::Pair pair = ConnectedPair();
  Start([](std::unique_ptr<Stream> plain, std::shared_ptr<TlsClientTerms> terms,
           TlsConnected& connected) -> Task<void> {
    Task<TlsConnected> start = StartTls(std::move(plain), std::move(terms), SteadyNow());
    connected = co_await start;
  }(std::move(pair.ours), Trusting(authority_), connected_));
  Run();
  EXPECT_EQ(connected_.reason, "tls-timeout");
}

// One after the other, in one loop.
class TlsClientResumptionTest : public TlsClientTest {
 protected:
  void ConnectOneAfterTheOther(std::vector<std::shared_ptr<TlsClientTerms>> all) {
    Start([](TlsClientResumptionTest& test,
             std::vector<std::shared_ptr<TlsClientTerms>> terms_of_each) -> Task<void> {
      for (const std::shared_ptr<TlsClientTerms>& terms : terms_of_each) {
        const size_t before = test.resumed_.size();
        test.Connect(terms);
        while (test.resumed_.size() == before || test.connected_.stream != nullptr) {
          Loop::Sleeper pause = test.loop_.Sleep(std::chrono::milliseconds(1));
          co_await pause;
        }
      }
    }(*this, std::move(all)));
    Run();
  }
};

TEST_F(TlsClientResumptionTest, SessionsAreResumedUnderTheSameTermsAlone) {
  const auto terms = Trusting(authority_);
  ConnectOneAfterTheOther({terms, terms, Trusting(authority_), terms});
  EXPECT_EQ(resumed_, (std::vector<bool>{false, true, false, true}));
}

TEST(TlsClientTerms, WhatCannotBeReadIsRefused) {
  EXPECT_FALSE(MakeTlsClientTerms({"no certificate", "a.example", {}}).ok());
  const kit::Certificate one = kit::MakeCertificate({"a.example"});
  const kit::Certificate two = kit::MakeCertificate({"a.example"});
  EXPECT_FALSE(MakeTlsClientTerms({one.chain, "a.example", {one.chain, two.key}}).ok());
}

}  // namespace
}  // namespace tollgate::io
