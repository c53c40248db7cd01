#include "controller/publish/enforcement.h"

#include <algorithm>

#include "controller/publish/status_bounds.h"

namespace tollgate::publish {
namespace {

using Finding = Enforcement::Finding;

// Enough to know where to look.
constexpr size_t kProxiesNamed = 3;

Finding FindingOn(const ProxyState& proxy) {
  const auto limits = proxy.stores.find(kLimitsStore);
  if (limits == proxy.stores.end()) return Finding::kUnreported;
  if (!limits->second.configured) return Finding::kNotShared;
  if (!limits->second.reachable) return Finding::kUnreachable;
  return limits->second.evicting ? Finding::kEvicting : Finding::kReached;
}

// "Proxy a", "Proxies a, b, c and 4 more".
std::string Subject(const std::vector<std::string>& proxies) {
  std::string subject = proxies.size() == 1 ? "Proxy " : "Proxies ";
  const size_t named = std::min(proxies.size(), kProxiesNamed);
  for (size_t i = 0; i < named; ++i) subject += (i > 0 ? ", " : "") + proxies[i];
  if (proxies.size() > named) subject += " and " + std::to_string(proxies.size() - named) + " more";
  return subject;
}

// What is true of whoever is there is not to be written anew whenever somebody comes or goes.
bool NamesProxies(Finding finding, bool is_all) {
  const bool is_theirs = finding == Finding::kUnreachable || finding == Finding::kUnreported;
  return is_theirs || (finding == Finding::kNotShared && !is_all);
}

std::string Meanwhile(api::WhenStoreIsDown when_store_is_down) {
  switch (when_store_is_down) {
    case api::LOCAL:
      return "each holds callers to its own part of this plan's limits meanwhile (whenStoreIsDown: Local)";
    case api::OPEN:
      return "callers of this plan are admitted without limit and only counted meanwhile (whenStoreIsDown: "
             "Open)";
    default: return "callers of this plan are answered 503 there meanwhile (whenStoreIsDown: Closed)";
  }
}

std::string Unreachable(const Enforcement& enforcement, api::WhenStoreIsDown when_store_is_down) {
  const std::string why = enforcement.why.empty() ? "" : " (" + enforcement.why + ")";
  const bool is_one = enforcement.proxies.size() == 1;
  return Subject(enforcement.proxies) + (is_one ? " does" : " do") + " not reach the limits store" + why +
         "; " + Meanwhile(when_store_is_down) +
         ": see that the store runs, that --limits-store names it, and that the network lets the proxies "
         "through";
}

std::string NotShared(const Enforcement& enforcement) {
  if (enforcement.proxies.empty()) {
    return "Several proxies are connected and each counts for itself, so that a caller may get the plan's "
           "limits from each of them: give all of them the same --limits-store, or run one proxy";
  }
  const bool is_one = enforcement.proxies.size() == 1;
  return Subject(enforcement.proxies) + (is_one ? " counts for itself" : " count for themselves") +
         " while others share a limits store, so that a caller may get the plan's limits more than once: "
         "give all proxies the same --limits-store";
}

std::string Unreported(const Enforcement& enforcement) {
  return Subject(enforcement.proxies) +
         " did not say yet what the limits are counted in: where that lasts, upgrade the proxies to the "
         "controller's release";
}

StatusCondition Say(const char* status, const char* why, const std::string& message, int64_t generation) {
  return {.type = condition::kEnforced,
          .status = status,
          .reason = why,
          .message = Clip(message, kMessageBytes),
          .observed_generation = generation};
}

}  // namespace

std::optional<Enforcement> JudgeEnforcement(const std::vector<ProxyState>& proxies) {
  Enforcement enforcement{.finding = Finding::kReached, .proxies = {}, .why = {}};
  size_t connected = 0;
  for (const ProxyState& proxy : proxies) {
    if (!proxy.connected) continue;
    ++connected;
    const Finding finding = FindingOn(proxy);
    if (finding > enforcement.finding) continue;
    if (finding < enforcement.finding) enforcement = {.finding = finding, .proxies = {}, .why = {}};
    if (finding == Finding::kUnreachable && enforcement.proxies.empty()) {
      enforcement.why = proxy.stores.at(kLimitsStore).reason;
    }
    enforcement.proxies.push_back(proxy.proxy);
  }
  if (connected == 0) return std::nullopt;
  const bool is_all = enforcement.proxies.size() == connected;
  if (enforcement.finding == Finding::kNotShared && connected == 1) enforcement.finding = Finding::kInProcess;
  if (!NamesProxies(enforcement.finding, is_all)) enforcement.proxies.clear();
  return enforcement;
}

StatusCondition EnforcedCondition(const Enforcement& enforcement, api::WhenStoreIsDown when_store_is_down,
                                  int64_t generation) {
  switch (enforcement.finding) {
    case Finding::kUnreachable:
      return Say("False", reason::kStoreUnreachable, Unreachable(enforcement, when_store_is_down),
                 generation);
    case Finding::kEvicting:
      return Say(
          "False", reason::kEvictingStore,
          "The limits store may drop what it counts when its memory is full, and callers would get more "
          "than the plan grants: set its maxmemory-policy to noeviction",
          generation);
    case Finding::kUnreported:
      return Say("Unknown", reason::kNotReported, Unreported(enforcement), generation);
    case Finding::kNotShared: return Say("False", reason::kNoSharedStore, NotShared(enforcement), generation);
    case Finding::kInProcess:
      return Say(
          "True", reason::kInProcess,
          "One proxy is connected and counts in its own memory: the plan's limits hold until it restarts",
          generation);
    case Finding::kReached: break;
  }
  return Say("True", reason::kStoreReached,
             "Every connected proxy reaches the limits store, which counts for all of them", generation);
}

}  // namespace tollgate::publish
