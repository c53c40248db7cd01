// A certificate with its key, as read from a Secret of type kubernetes.io/tls. Plain data; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "controller/resource/authorities.h"

namespace tollgate::resource {

inline constexpr char kTlsSecretType[] = "kubernetes.io/tls";

struct TlsSecret {
  ObjectMeta meta;
  std::string chain;               // PEM: its own certificate first
  std::string key;                 // PEM; private: never logged, nor told in any other way
  std::vector<std::string> names;  // the certificate's DNS names, lower case
  int64_t expires = 0;             // seconds since 1970
  // Not empty: why it can prove nothing, with the remedy. Everything above but `meta` is then empty.
  std::string fault;
  Authorities authorities;  // of others; whatever becomes of its own certificate
  // What the apiserver would not have taken.
  std::vector<Mistake> mistakes;

  bool operator==(const TlsSecret&) const = default;
};

}  // namespace tollgate::resource
