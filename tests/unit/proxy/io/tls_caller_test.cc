// Callers who prove by a certificate who they are, with a client of our own whose certificate is chosen.
#include <gmock/gmock.h>

#include "proxy/io/tls_client.h"
#include "tests/unit/proxy/io/tls_fixture.h"

namespace tollgate::io {
namespace {

using std::chrono::hours;
using std::chrono::seconds;
using ::testing::ElementsAre;

class TlsCallerTest : public kit::LoopFixture {
 protected:
  TlsCallerTest() {
    ::signal(SIGPIPE, SIG_IGN);
    Ask(TlsProof::kRequired);
  }
  void Ask(TlsProof proof) {
    const std::array<TlsCertificate, 1> own = {{{server_.chain, server_.key}}};
    auto terms = MakeTlsTerms(own, TlsVersion::k12, "terms", {proof, authority_.chain, "callers"});
    ASSERT_TRUE(terms.ok());
    names_.terms["a.example"] = *terms;
  }
  // What the handshakes of a caller come to who shows this, one after the other.
  void Connect(const kit::Certificate& shown, size_t times = 1) {
    TlsClientOptions options{server_.chain, "a.example", {shown.chain, shown.key}};
    auto terms = MakeTlsClientTerms(options);
    ASSERT_TRUE(terms.ok());
    Start(ConnectOften(*terms, times));
    Run();
  }

  const kit::Certificate server_ = kit::MakeCertificate({"a.example"});
  const kit::Certificate authority_ = kit::MakeAuthority("partners");
  const kit::Certificate known_ = kit::Issue(authority_, "known", {"known.example"});
  KnownNames names_;
  TlsServer tls_server_;
  TlsAccepted accepted_;
  bool resumed_ = false;

 private:
  Task<void> ConnectOften(std::shared_ptr<TlsClientTerms> terms, size_t times) {
    for (size_t i = 0; i < times; ++i) {
      kit::LoopFixture::Pair pair = ConnectedPair();
      Event served;
      Detach(Serve(std::move(pair.theirs), served));
      Task<TlsConnected> start = StartTls(std::move(pair.ours), terms, SteadyNow() + seconds(60));
      TlsConnected connected = co_await start;
      resumed_ = connected.resumed;
      std::string text;
      if (connected.stream != nullptr) {
        Task<IoResult> read = kit::ReadSome(*connected.stream, text);
        (void)co_await read;  // a ticket comes before it
      }
      connected.stream.reset();
      co_await served;
    }
  }
  Task<void> Serve(std::unique_ptr<Stream> plain, Event& served) {
    Task<TlsAccepted> accept = tls_server_.Accept(std::move(plain), names_, SteadyNow() + seconds(60));
    accepted_ = co_await accept;
    if (accepted_.stream != nullptr) {
      Task<IoResult> write = kit::WriteAll(*accepted_.stream, "x");
      (void)co_await write;
    }
    served.Set();
  }
};

TEST_F(TlsCallerTest, ACertificateThatIsTrustedSaysWhoItIs) {
  Connect(known_);
  EXPECT_EQ(accepted_.outcome, TlsOutcome::kDone);
  ASSERT_TRUE(accepted_.caller);
  EXPECT_EQ(accepted_.caller->subject, "CN=known");
  EXPECT_THAT(accepted_.caller->names, ElementsAre("DNS:known.example"));
  EXPECT_EQ(accepted_.caller->sha256.size(), 64U);
  EXPECT_EQ(accepted_.callers, "callers");
}

TEST_F(TlsCallerTest, WithoutTheOneThatIsRequiredThereIsNoConnection) {
  Connect({});
  EXPECT_EQ(accepted_.outcome, TlsOutcome::kCallerRefused);
  EXPECT_EQ(accepted_.stream, nullptr);
}

TEST_F(TlsCallerTest, WhereItIsRequestedOneMayBeMissing) {
  Ask(TlsProof::kRequested);
  Connect({});
  EXPECT_EQ(accepted_.outcome, TlsOutcome::kDone);
  EXPECT_FALSE(accepted_.caller);
}

TEST_F(TlsCallerTest, OneThatIsNotTrustedIsRefused) {
  Connect(kit::Issue(kit::MakeAuthority("strangers"), "known", {}));
  EXPECT_EQ(accepted_.outcome, TlsOutcome::kCallerRefused);
}

TEST_F(TlsCallerTest, OneThatIsNotTrustedIsRefusedWhereNoneIsRequired) {
  Ask(TlsProof::kRequested);
  Connect(kit::Issue(kit::MakeAuthority("strangers"), "known", {}));
  EXPECT_EQ(accepted_.outcome, TlsOutcome::kCallerRefused);
}

TEST_F(TlsCallerTest, OneThatHasExpiredIsRefused) {
  Connect(kit::Issue(authority_, "known", {}, -hours(1)));
  EXPECT_EQ(accepted_.outcome, TlsOutcome::kCallerRefused);
}

TEST_F(TlsCallerTest, NobodyIsAskedWhereNobodyIsToBe) {
  Ask(TlsProof::kNone);
  Connect(known_);
  EXPECT_EQ(accepted_.outcome, TlsOutcome::kDone);
  EXPECT_FALSE(accepted_.caller);
}

TEST_F(TlsCallerTest, AResumedSessionKeepsWhoItIs) {
  Connect(known_, 2);
  EXPECT_TRUE(resumed_);
  ASSERT_TRUE(accepted_.caller);
  EXPECT_EQ(accepted_.caller->subject, "CN=known");
}

TEST_F(TlsCallerTest, AuthoritiesThatCannotBeReadMakeNoTerms) {
  const std::array<TlsCertificate, 1> own = {{{server_.chain, server_.key}}};
  EXPECT_FALSE(MakeTlsTerms(own, TlsVersion::k12, "terms", {TlsProof::kRequested, "", "callers"}).ok());
}

}  // namespace
}  // namespace tollgate::io
