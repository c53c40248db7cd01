// TLS on the side of the callers, by OpenSSL: streams that were accepted become encrypted ones, under terms
// that the caller's choice of a name decides (SNI). No header of OpenSSL stands in here.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "api/base/clock.h"
#include "api/base/result.h"
#include "proxy/io/stream.h"
#include "proxy/io/task.h"
#include "proxy/io/tls_identity.h"

namespace tollgate::io {

// What a server shows under a name: certificates with their keys, and what it asks of callers. Immutable, any
// thread. A connection that began under terms keeps them, whatever replaces them.
struct TlsTerms;

// PEM texts. Holds a private key: never logged.
struct TlsCertificate {
  std::string_view chain;  // the server's own first
  std::string_view key;
};

enum class TlsVersion : uint8_t { k12, k13 };

// Whether callers are asked to prove by a certificate who they are; one that is shown has to be trusted.
enum class TlsProof : uint8_t { kNone, kRequested, kRequired };

struct TlsCallers {
  TlsProof proof = TlsProof::kNone;
  std::string_view authorities = {};  // PEM: who is trusted
  std::string_view identity = {};     // tells this from other ways of asking
};

// At least one certificate is needed; of several with the same kind of key (RSA, ECDSA) the first counts.
// Callers resume a session under terms of the same `identity` only. The sentence never holds a key.
Result<std::shared_ptr<const TlsTerms>> MakeTlsTerms(std::span<const TlsCertificate> certificates,
                                                     TlsVersion least, std::string_view identity,
                                                     const TlsCallers& callers = {});

// Knows whose names are served.
class TlsNames {
 public:
  // `name` is in lower case and without a last dot; empty where the caller names none. nullptr: refused.
  // Called on the thread of the connection.
  virtual std::shared_ptr<const TlsTerms> Find(std::string_view name) = 0;

 protected:
  ~TlsNames() = default;
};

enum class TlsOutcome : uint8_t {
  kDone,
  kNameRefused,    // TlsNames has no terms for it
  kCallerRefused,  // it has shown no certificate and has to, or one that is not trusted
  kTimeout,
  kFailed,  // no version, suite or protocol in common, no TLS at all, or the caller went away
};

struct TlsAccepted {
  TlsOutcome outcome = TlsOutcome::kFailed;
  std::unique_ptr<Stream> stream;        // nullptr unless done
  std::string server_name;               // as TlsNames was asked for it
  std::string_view version = {};         // "TLSv1.2" or "TLSv1.3"
  std::string callers;                   // the identity of the TlsCallers by which it was asked
  std::optional<TlsCaller> caller = {};  // nothing: it has shown no certificate
  bool http2 = false;  // what ALPN (RFC 7301) came to; else HTTP/1.1, or nothing was offered
};

// What all connections of a process share: the keys that session tickets are sealed with. Any thread.
class TlsServer {
 public:
  TlsServer();
  ~TlsServer();

  // co_await: the handshake, which ends by the deadline. `accepted` comes from an Acceptor.
  Task<TlsAccepted> Accept(std::unique_ptr<Stream> accepted, TlsNames& names, SteadyTime deadline);

 private:
  struct State;
  const std::unique_ptr<State> state_;
};

}  // namespace tollgate::io
