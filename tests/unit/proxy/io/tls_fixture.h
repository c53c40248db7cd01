// One TLS connection between a TlsServer in the test's loop and a client that is OpenSSL alone.
#pragma once

#include <sys/socket.h>

#include <csignal>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>

#include "proxy/io/tls.h"
#include "tests/kit/certificate.h"
#include "tests/kit/loop_fixture.h"
#include "tests/unit/proxy/io/tls_client.h"

namespace tollgate::io {

class KnownNames final : public TlsNames {
 public:
  std::shared_ptr<const TlsTerms> Find(std::string_view name) override {
    const auto known = terms.find(name);
    return known == terms.end() ? nullptr : known->second;
  }
  std::map<std::string, std::shared_ptr<const TlsTerms>, std::less<>> terms;
};

inline std::shared_ptr<const TlsTerms> Terms(const kit::Certificate& certificate, TlsVersion least,
                                             std::string_view identity = "terms") {
  const std::array<TlsCertificate, 1> texts = {{{certificate.chain, certificate.key}}};
  auto terms = MakeTlsTerms(texts, least, identity);
  EXPECT_TRUE(terms.ok()) << (terms.ok() ? "" : terms.error().message);
  return *terms;
}

class TlsFixture : public kit::LoopFixture {
 public:
  TlsFixture() {
    ::signal(SIGPIPE, SIG_IGN);  // as programs do (api/base/termination.h)
    names_.terms["a.example"] = Terms(certificate_, TlsVersion::k12);
    names_.terms["new.example"] = Terms(certificate_, TlsVersion::k13);
    NewConnection();
  }
  ~TlsFixture() override {
    if (thread_.joinable()) thread_.join();
  }

  void NewConnection() {
    std::array<int, 2> sockets{};
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets.data()), 0);
    client_ = std::make_unique<TlsClient>(sockets[1]);
    plain_ = Adopt(sockets[0]);
  }
  // What the client does, beside the loop.
  template <class Script>
  void Client(Script script) {
    thread_ = std::thread([this, script] { script(*client_); });
  }
  // A handshake, and then `serve`.
  template <class Serve>
  void Server(Serve serve, std::chrono::seconds limit = std::chrono::seconds(60)) {
    Start([](TlsFixture& test, Serve serve_stream, SteadyTime deadline) -> Task<void> {
      Task<TlsAccepted> accept = test.server_.Accept(std::move(test.plain_), test.names_, deadline);
      TlsAccepted accepted = co_await accept;
      test.accepted_ = std::move(accepted);
      if (test.accepted_.stream == nullptr) co_return;
      Task<void> served = serve_stream(test, *test.accepted_.stream);
      co_await served;
    }(*this, serve, SteadyNow() + limit));
  }
  static Task<void> Nothing(TlsFixture&, Stream&) { co_return; }
  void RunBoth() {
    Run();
    if (thread_.joinable()) thread_.join();
  }

  const kit::Certificate certificate_ = kit::MakeCertificate({"a.example"});
  KnownNames names_;
  TlsServer server_;
  std::unique_ptr<TlsClient> client_;
  std::unique_ptr<Stream> plain_;
  TlsAccepted accepted_;
  std::string text_;
  std::thread thread_;
};

}  // namespace tollgate::io
