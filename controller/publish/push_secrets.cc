#include "controller/publish/push_secrets.h"

#include <utility>

#include "api/base/log.h"
#include "controller/publish/certificate_check.h"

namespace tollgate::publish {
namespace {

constexpr char kCertificate[] = "tls.crt";
constexpr char kKey[] = "tls.key";
constexpr char kTrusted[] = "ca.crt";
constexpr char kNextCertificate[] = "next.crt";
constexpr char kNextKey[] = "next.key";

constexpr int kForbidden = 403;
constexpr int kNotFound = 404;
constexpr int kConflict = 409;
// Each try loses to one other replica that got through, and they all want the same.
constexpr int kTries = 8;

PushAuthority ToAuthority(const std::map<std::string, std::string>& values) {
  SecretRecord record;
  record.values = values;
  PushAuthority authority{{record.Value(kCertificate), record.Value(kKey)}, record.Value(kTrusted), {}};
  // Others who make authorities may leave it out where the issuer is its own root.
  if (authority.trusted.empty()) authority.trusted = authority.issuer.certificate;
  if (values.contains(kNextCertificate)) {
    authority.next = PemPair{record.Value(kNextCertificate), record.Value(kNextKey)};
  }
  return authority;
}

std::map<std::string, std::string> ToValues(const PushAuthority& authority) {
  std::map<std::string, std::string> values = {{kCertificate, authority.issuer.certificate},
                                               {kKey, authority.issuer.key},
                                               {kTrusted, authority.trusted}};
  if (authority.next) {
    values[kNextCertificate] = authority.next->certificate;
    values[kNextKey] = authority.next->key;
  }
  return values;
}

// Whether the other end takes this certificate for as long as it need not be renewed.
Status<> CheckLeaf(const TlsIdentity& leaf, CertificateRole role, WallMicros now) {
  if (Status<> readable = CheckReadable(leaf); !readable) return readable;
  return CheckCertificate(leaf.certificate, leaf.authorities, role, now);
}

bool IsDue(const std::string& certificate, WallMicros now) {
  const Result<Validity> validity = ReadValidity(certificate);
  return !validity || validity->IsDue(now);
}

}  // namespace

PushSecrets::PushSecrets(SecretStore& store, PushSecretsOptions options)
    : store_(store), options_(std::move(options)) {}

Result<TlsIdentity> PushSecrets::Refresh(WallMicros now) {
  const Result<PushAuthority> authority = RefreshAuthority(now);
  if (!authority) return authority.error();
  if (Status<> client = RefreshClient(*authority, now); !client) return client.error();
  const Result<PemPair> server = RefreshServer(*authority, now);
  if (!server) return server.error();
  return TlsIdentity{server->certificate, server->key, authority->trusted};
}

Result<PushAuthority> PushSecrets::RefreshAuthority(WallMicros now) {
  const Result<Values> values = Settle(options_.installation + "-push-ca", [&](const SecretRecord& present) {
    return JudgeAuthority(present, now);
  });
  if (!values) return values.error();
  return ToAuthority(*values);
}

Status<> PushSecrets::RefreshClient(const PushAuthority& authority, WallMicros now) {
  const Result<Values> values =
      Settle(options_.installation + "-push-client",
             [&](const SecretRecord& present) { return JudgeClient(present, authority, now); });
  if (!values) return values.error();
  return Done{};
}

Result<PemPair> PushSecrets::RefreshServer(const PushAuthority& authority, WallMicros now) {
  const bool stays =
      server_ && !IsDue(server_->certificate, now) &&
      CheckLeaf({server_->certificate, server_->key, authority.trusted}, CertificateRole::kServer, now);
  if (stays) return *server_;
  Result<PemPair> issued = IssueServerCertificate(authority.issuer, options_.server_names, now);
  if (issued) server_ = *issued;
  return issued;
}

Result<std::optional<PushSecrets::Values>> PushSecrets::JudgeAuthority(const SecretRecord& present,
                                                                       WallMicros now) const {
  if (present.exists()) {
    const auto turn = TurnAuthority(ToAuthority(present.values), options_.installation, now);
    if (!turn && !present.is_ours) return turn.error();
    if (turn && (!*turn || !present.is_ours)) return std::optional<Values>();
    if (turn) return std::optional<Values>(ToValues(**turn));
  }
  const Result<PushAuthority> fresh = NewAuthority(options_.installation, now);
  if (!fresh) return fresh.error();
  return std::optional<Values>(ToValues(*fresh));
}

Result<std::optional<PushSecrets::Values>> PushSecrets::JudgeClient(const SecretRecord& present,
                                                                    const PushAuthority& authority,
                                                                    WallMicros now) const {
  const TlsIdentity leaf{present.Value(kCertificate), present.Value(kKey), authority.trusted};
  const Status<> fit = CheckLeaf(leaf, CertificateRole::kClient, now);
  if (present.exists() && !present.is_ours) {
    if (!fit) return fit.error();
    return std::optional<Values>();
  }
  if (fit && !IsDue(leaf.certificate, now)) {
    if (present.Value(kTrusted) == authority.trusted) return std::optional<Values>();
    return std::optional<Values>(
        {{kCertificate, leaf.certificate}, {kKey, leaf.key}, {kTrusted, authority.trusted}});
  }
  const Result<PemPair> issued =
      IssueClientCertificate(authority.issuer, "tollgate-proxy " + options_.installation, now);
  if (!issued) return issued.error();
  return std::optional<Values>(
      {{kCertificate, issued->certificate}, {kKey, issued->key}, {kTrusted, authority.trusted}});
}

Result<PushSecrets::Values> PushSecrets::Settle(const std::string& name, const Judge& judge) {
  for (int tries = 0; tries < kTries; ++tries) {
    const Result<SecretRecord> present = Read(name);
    if (!present) return present.error();
    const Result<std::optional<Values>> wanted = judge(*present);
    if (!wanted) {
      return Fault{"Secret " + options_.space + "/" + name + " cannot be used: " + wanted.error().message +
                   " (it was not made by Tollgate, which does not change it: mend it, or delete it)"};
    }
    if (!*wanted && !HasLostOwner(*present)) return present->values;
    const Values& values = *wanted ? **wanted : present->values;
    const Result<bool> written = Write(name, *present, values);
    if (!written) return written.error();
    if (*written) return values;
  }
  return Fault{"Secret " + options_.space + "/" + name +
               " changes faster than it can be written; end what else writes it"};
}

// After an uninstall that an install followed at once, say: garbage collection would take the Secret away
// with an account that is gone, and new proxies would wait for it.
bool PushSecrets::HasLostOwner(const SecretRecord& present) const {
  return present.exists() && present.is_ours && options_.owner && !present.BelongsTo(*options_.owner);
}

Result<SecretRecord> PushSecrets::Read(const std::string& name) {
  const Result<kube::Answer> answer = store_.Read(name);
  if (!answer) return answer.error();
  if (answer->status == kNotFound) return SecretRecord{};
  if (!answer->ok()) return Refused("read", name, *answer);
  Result<SecretRecord> record = ReadSecret(answer->body);
  if (!record) {
    return Fault{"Secret " + options_.space + "/" + name + " cannot be used: " + record.error().message};
  }
  return record;
}

// False: somebody else was faster.
Result<bool> PushSecrets::Write(const std::string& name, const SecretRecord& present, const Values& wanted) {
  const std::string document = SecretDocument(name, {options_.installation, options_.owner}, present, wanted);
  const Result<kube::Answer> answer = store_.Write(name, document, present.exists());
  if (!answer) return answer.error();
  if (answer->status == kConflict || (present.exists() && answer->status == kNotFound)) return false;
  if (!answer->ok()) return Refused(present.exists() ? "renewed" : "created", name, *answer);
  log::Info(present.exists() ? "renewed a Secret of the push" : "created a Secret of the push",
            {{"secret", options_.space + "/" + name}});
  return true;
}

Fault PushSecrets::Refused(const std::string& what, const std::string& name,
                           const kube::Answer& answer) const {
  const std::string secret = "Secret " + options_.space + "/" + name + " could not be " + what;
  if (answer.status == kForbidden) {
    return Fault{secret + ", since the controller's account may not: bind it, in namespace " +
                 options_.space +
                 ", to a Role with the verbs get, create and patch on secrets, or give "
                 "certificates in files with --push-tls-dir"};
  }
  return Fault{secret + ": the API server answered " + std::to_string(answer.status) + ", " +
               answer.Explanation()};
}

}  // namespace tollgate::publish
