// Objects in, snapshot and verdicts out. Pure: no I/O, no clock, no thread; the same objects in any order
// give the same bytes on any replica. Any thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "api/regex.h"
#include "api/snapshot.pb.h"
#include "controller/compile/condition.h"
#include "controller/compile/consumer_bounds.h"
#include "controller/compile/consumers.h"
#include "controller/store/resource_store.h"

namespace tollgate::compile {

// In the place of a namespace's name.
inline constexpr char kEverySpace[] = "*";

struct CompilerOptions {
  std::string installation = "tollgate";
  // Serves objects that name no installation.
  bool default_installation = true;
  // --host-policy=Open: hosts belong to nobody, and a route may name none.
  bool open_hosts = false;
  // Namespaces whose Secrets are read; absent: all. Plans of others are broken, not empty.
  std::optional<std::vector<std::string>> secret_namespaces = {};
  // Of those, the ones whose Secrets could not be listed: likewise. kEverySpace: all were asked for at once.
  std::vector<std::string> secrets_denied_in = {};
  // The Service that the proxies stand behind: its ready endpoints are how many there are. None: not told.
  std::optional<resource::ObjectName> proxy_service = {};
  ConsumerBounds consumer_bounds = {};
  size_t most_regexes = api::kMostRegexes;
  // Seconds since 1970, by which conditions tell that a certificate has expired; 0: they tell of none. The
  // snapshot does not depend on it.
  int64_t now = 0;
};

struct Compiled {
  api::Snapshot snapshot;
  std::vector<ObjectVerdict> verdicts;  // of this installation's objects, sorted by kind and name
  // Of Secrets, which have no status to say it in (stray_secrets.h).
  std::vector<ObjectVerdict> stray_secrets;
  // From when on the same objects give other conditions, in seconds since 1970; 0: never.
  int64_t valid_until = 0;
};

// `cache` is for those who compile again and again, the same one each time.
Compiled Compile(const store::ObjectSet& objects, const CompilerOptions& options,
                 ConsumerCache* cache = nullptr);

}  // namespace tollgate::compile
