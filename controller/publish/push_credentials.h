// Makes the certificates of the push: an authority of the installation's own, a certificate for the
// controller and one for its proxies. Pure but for the random numbers of keys; time is passed in. Any thread.
#pragma once

#include <string>
#include <vector>

#include "api/base/clock.h"
#include "api/base/result.h"

namespace tollgate::publish {

// A certificate and its private key as PEM text (EC P-256, PKCS #8). Never logged.
struct PemPair {
  std::string certificate;
  std::string key;
};

// A new authority for ten years: longer than a cluster is likely to keep it, since every turn of it has to
// reach every proxy. It can issue end certificates only.
Result<PemPair> MakeAuthority(const std::string& installation, WallMicros now);

// What the controller shows: for a year, to clients that call it by one of `names` (DNS names or IP
// addresses, at least one). Not valid as a client's.
Result<PemPair> IssueServerCertificate(const PemPair& authority, const std::vector<std::string>& names,
                                       WallMicros now);

// Whether all of these can stand in a server's certificate: for names that are given long before it is made.
Status<> CheckServerNames(const std::vector<std::string>& names);

// What the proxies show: for a year. Not valid as a server's, so that no proxy can pose as a controller.
Result<PemPair> IssueClientCertificate(const PemPair& authority, const std::string& name, WallMicros now);

}  // namespace tollgate::publish
