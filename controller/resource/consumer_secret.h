// The callers of a plan, as read from one Secret of type tollgate.dev/api-keys. Only digests are kept: a
// plain key is digested while the Secret is parsed and goes no further. Plain data; any thread.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "api/base/digest.h"
#include "controller/resource/object.h"

namespace tollgate::resource {

inline constexpr char kApiKeySecretType[] = "tollgate.dev/api-keys";
inline constexpr char kPlanLabel[] = "tollgate.dev/plan";

struct KeyLine {
  Sha256Digest digest;
  int64_t expires_us = 0;  // microseconds since 1970; 0: never

  bool operator==(const KeyLine&) const = default;
};

// One data entry of a Secret.
struct ConsumerEntry {
  std::string entry;  // the entry's name
  std::string id;     // what stands after "namespace/" in the consumer's id: the entry's name or `id=`
  std::vector<KeyLine> keys;
  bool suspended = false;
  std::string group;
  std::map<std::string, uint64_t> limits;  // rate limit's name → requests
  std::optional<uint64_t> credits;
  std::map<std::string, std::string> attributes;

  bool operator==(const ConsumerEntry&) const = default;
};

struct ConsumerSecret {
  ObjectMeta meta;
  std::string plan;                    // name of the ApiPlan in the same namespace
  std::vector<ConsumerEntry> entries;  // sorted by entry name
  bool has_plain_keys = false;
  // Lines that are no key: `field` is the entry's name, the message never contains the line.
  std::vector<Mistake> mistakes;

  bool operator==(const ConsumerSecret&) const = default;
};

}  // namespace tollgate::resource
