// The controller's identity in the push, out of Secrets that it makes and renews itself:
// <installation>-push-ca holds the authority, <installation>-push-client what proxies show and whom they
// trust. Secrets that somebody else made are used and never changed. One thread.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "api/base/clock.h"
#include "api/base/result.h"
#include "api/base/tls_identity.h"
#include "controller/publish/push_authority.h"
#include "controller/publish/push_credentials.h"
#include "controller/publish/secret_record.h"
#include "controller/publish/secret_store.h"

namespace tollgate::publish {

struct PushSecretsOptions {
  std::string installation;
  std::string space;  // the controller's namespace, for sentences
  // What proxies call the controller by: DNS names or IP addresses, at least one.
  std::vector<std::string> server_names;
  std::optional<SecretOwner> owner = std::nullopt;  // of the Secrets that it makes
};

class PushSecrets {
 public:
  // `store` must outlive it.
  PushSecrets(SecretStore& store, PushSecretsOptions options);

  // Makes and renews what is missing, due or of another owner, and says what the server shows. Call at start,
  // and from then on every few seconds: new proxies wait for a Secret that somebody deleted. The same
  // identity comes back until it has to change. The server's own certificate is stored nowhere.
  Result<TlsIdentity> Refresh(WallMicros now);

 private:
  using Values = std::map<std::string, std::string>;
  // What a Secret has to hold, judged by what it does: nothing where it may stay.
  using Judge = std::function<Result<std::optional<Values>>(const SecretRecord& present)>;

  Result<PushAuthority> RefreshAuthority(WallMicros now);
  Status<> RefreshClient(const PushAuthority& authority, WallMicros now);
  Result<PemPair> RefreshServer(const PushAuthority& authority, WallMicros now);

  Result<std::optional<Values>> JudgeAuthority(const SecretRecord& present, WallMicros now) const;
  Result<std::optional<Values>> JudgeClient(const SecretRecord& present, const PushAuthority& authority,
                                            WallMicros now) const;
  Result<Values> Settle(const std::string& name, const Judge& judge);
  bool HasLostOwner(const SecretRecord& present) const;
  Result<SecretRecord> Read(const std::string& name);
  Result<bool> Write(const std::string& name, const SecretRecord& present, const Values& wanted);
  Fault Refused(const std::string& what, const std::string& name, const kube::Answer& answer) const;

  SecretStore& store_;
  const PushSecretsOptions options_;
  std::optional<PemPair> server_;
};

// The server's identity from ca.crt, tls.crt and tls.key in a folder (--push-tls-dir). Refused, with a
// sentence that names the file: what cannot be read, and a certificate that is not valid at `now`.
Result<TlsIdentity> ReadPushFolder(const std::string& folder, WallMicros now);

}  // namespace tollgate::publish
