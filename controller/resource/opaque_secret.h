// What the entries of a Secret of type Opaque are known by: their digests. The values themselves are kept
// nowhere. Plain data; any thread.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "api/base/digest.h"
#include "controller/resource/object.h"

namespace tollgate::resource {

inline constexpr char kOpaqueSecretType[] = "Opaque";

struct OpaqueSecret {
  ObjectMeta meta;
  // By the entry's name, of its value without the line end that files have. Entries that are empty are left
  // out: nobody proves anything by sending nothing.
  std::map<std::string, Sha256Digest> digests;
  // What the apiserver would not have taken.
  std::vector<Mistake> mistakes;

  bool operator==(const OpaqueSecret&) const = default;
};

}  // namespace tollgate::resource
