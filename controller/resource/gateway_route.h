// A GatewayRoute as its author wrote it: parsed and checked, defaults not yet applied (absent stays absent;
// the compiler applies defaults, so that `explain` can show them). Plain data; any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "controller/resource/client_certificate.h"
#include "controller/resource/cors.h"
#include "controller/resource/error_templates.h"
#include "controller/resource/header_edits.h"
#include "controller/resource/object.h"
#include "controller/resource/own_answer.h"
#include "controller/resource/security.h"
#include "controller/resource/target_tls.h"
#include "controller/resource/target_url.h"
#include "controller/resource/upstream_policy.h"

namespace tollgate::resource {

enum class Access { kPlans, kPublic };

struct PathMatch {
  enum class Type { kExact, kPrefix, kTemplate, kRegex };
  Type type = Type::kExact;
  std::string value;

  bool operator==(const PathMatch&) const = default;
};

// A condition on a header, query parameter or cookie.
struct ValueMatch {
  enum class Type { kExact, kPrefix, kRegex, kPresent };
  std::string name;
  Type type = Type::kExact;
  std::string value;  // empty for kPresent

  bool operator==(const ValueMatch&) const = default;
};

struct Match {
  std::vector<std::string> methods;
  std::optional<PathMatch> path;
  std::vector<ValueMatch> headers = {};
  std::vector<ValueMatch> query = {};
  std::vector<ValueMatch> cookies = {};

  bool operator==(const Match&) const = default;
};

// A Service's port by name or number, in the route's own namespace.
struct ServiceRef {
  std::string name;
  std::variant<std::string, int> port;

  bool operator==(const ServiceRef&) const = default;
};

// Where copies of requests go.
struct Mirror {
  ServiceRef service;
  std::optional<int> percent;

  bool operator==(const Mirror&) const = default;
};

// Which host a target is asked for.
struct HostRewrite {
  enum class Type { kOriginal, kUpstream, kName };
  Type type = Type::kOriginal;
  std::string name;  // of kName

  bool operator==(const HostRewrite&) const = default;
};

struct Target {
  ServiceRef service;
  std::optional<TargetUrl> url = {};  // in place of the Service
  int weight = 1;
  std::optional<std::string> rewrite_path;
  std::optional<HostRewrite> rewrite_host = {};
  Protocol protocol = Protocol::kHttp;
  TargetTls tls = {};  // of a protocol over TLS

  bool operator==(const Target&) const = default;
};

struct Timeouts {
  std::optional<std::chrono::milliseconds> connect;
  std::optional<std::chrono::milliseconds> first_byte;
  std::optional<std::chrono::milliseconds> idle;
  std::optional<std::chrono::milliseconds> total;

  bool operator==(const Timeouts&) const = default;
};

enum class CacheScope { kShared, kPlan, kConsumer };

struct CacheKey {
  bool query_listed = false;
  std::vector<std::string> query_names;
  std::vector<std::string> headers;

  bool operator==(const CacheKey&) const = default;
};

struct CachePolicy {
  std::optional<std::chrono::milliseconds> ttl;
  std::vector<int> statuses;
  std::optional<CacheScope> scope;
  CacheKey key;

  bool operator==(const CachePolicy&) const = default;
};

struct Rule {
  std::string name;
  std::vector<Match> matches;
  std::optional<std::string> operation;
  // One of these three says what becomes of requests.
  std::vector<Target> targets;
  std::optional<Redirect> redirect = {};
  std::optional<Respond> respond = {};
  Timeouts timeouts;
  std::optional<Retry> retry;
  std::optional<PassiveHealth> passive_health;
  std::optional<ActiveHealth> active_health = {};
  std::optional<Mirror> mirror = {};
  std::optional<Balancing> balancing;
  ConnectionLimits limits;
  std::optional<CachePolicy> cache;
  bool web_socket = false;
  HeaderEdits request_headers = {};
  HeaderEdits response_headers = {};
  std::vector<Coding> compress = {};  // the preferred one first
  bool upstream_headers = true;       // false: of the upstream's only those that belong to its body
  // Not empty: the rule could not be read or breaks a constraint; what could be read of `name` and
  // `matches` is kept, so that it answers 500 where it would have served.
  std::vector<Mistake> mistakes;
  // False: not even the match can be relied on.
  bool matches_readable = true;

  bool operator==(const Rule&) const = default;
};

enum class TlsVersion { k12, k13 };

struct RouteTls {
  std::vector<std::string> certificates;  // names of Secrets in the route's own namespace
  std::optional<TlsVersion> min_version;
  bool redirect_plain_http = false;
  std::optional<ClientCertificate> client_certificate = {};

  bool operator==(const RouteTls&) const = default;
};

struct GatewayRoute {
  ObjectMeta meta;
  std::optional<std::string> installation;
  std::vector<std::string> hosts;
  std::optional<RouteTls> tls;
  Access access = Access::kPlans;
  std::vector<std::string> plans;  // names in the route's own namespace, in order
  std::optional<Security> security;
  std::optional<Cors> cors;
  std::vector<ErrorTemplate> error_templates;
  std::vector<Rule> rules;
  // Mistakes outside any rule: the object as a whole is refused (Accepted=False).
  std::vector<Mistake> mistakes;

  bool operator==(const GatewayRoute&) const = default;
};

}  // namespace tollgate::resource
