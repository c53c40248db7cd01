#include "api/base/tls_identity.h"
#include "controller/kube/text_source.h"
#include "controller/publish/certificate_check.h"
#include "controller/publish/push_secrets.h"

namespace tollgate::publish {

Result<TlsIdentity> ReadPushFolder(const std::string& folder, WallMicros now) {
  TlsIdentity identity;
  for (const auto& [name, into] :
       {std::pair("ca.crt", &identity.authorities), std::pair("tls.crt", &identity.certificate),
        std::pair("tls.key", &identity.key)}) {
    Result<std::string> text = kube::ReadFile(folder + "/" + name);
    if (!text) {
      return Fault{
          text.error().message +
          " --push-tls-dir names a folder with ca.crt, tls.crt and tls.key that this process may read."};
    }
    *into = std::move(*text);
  }
  if (const Status<> readable = CheckReadable(identity); !readable) {
    return Fault{"the files in " + folder + " cannot be used: " + readable.error().message};
  }
  const Result<Validity> validity = ReadValidity(identity.certificate);
  if (!validity) return Fault{folder + "/tls.crt cannot be used: " + validity.error().message};
  if (!validity->Covers(now)) {
    return Fault{folder + "/tls.crt is valid from " + FormatTime(validity->begins) + " to " +
                 FormatTime(validity->ends) + ", and it is " + FormatTime(now) + "; put a new one there"};
  }
  return identity;
}

}  // namespace tollgate::publish
