// What every Kubernetes object carries, as far as Tollgate uses it. Plain data; any thread.
#pragma once

#include <compare>
#include <cstdint>
#include <string>

namespace tollgate::resource {

// Where an object stands: its identity for references and for sorting.
struct ObjectName {
  std::string space;  // the Kubernetes namespace
  std::string name;

  auto operator<=>(const ObjectName&) const = default;
  std::string ToString() const { return space + "/" + name; }
};

struct ObjectMeta {
  ObjectName name;
  std::string uid;
  std::string resource_version;
  int64_t generation = 0;
  int64_t created = 0;  // seconds since 1970; from files: 0

  bool operator==(const ObjectMeta&) const = default;
};

// A user's mistake: where it stands ("spec.rules[1].upstream.targets[0].serviceRef") and one sentence.
struct Mistake {
  std::string field;
  std::string message;
  // The apiserver takes the object all the same: the mistake is beyond what a CRD can say, or in a Secret's
  // lines.
  bool admissible = false;

  auto operator<=>(const Mistake&) const = default;
};

}  // namespace tollgate::resource
