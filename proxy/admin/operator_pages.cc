#include "proxy/admin/operator_pages.h"

#include <algorithm>

#include "api/base/json_text.h"
#include "proxy/admin/config_dump.h"

namespace tollgate::admin {
namespace {

using std::chrono::milliseconds;

// A core that is busy for longer is told as such.
constexpr milliseconds kPatience{1'000};

AdminAnswer Json(std::string body) { return {200, "application/json", std::move(body)}; }

AdminAnswer NoConfiguration() {
  return {503, "text/plain; charset=utf-8", "there is no configuration yet; ask again when /readyz is 200\n"};
}

void AppendNumber(std::string_view name, uint64_t value, std::string& json) {
  json.append(",\"").append(name).append("\":").append(std::to_string(value));
}

void AppendEndpoint(const forward::Endpoint& endpoint, bool terminating, SteadyTime now, std::string& json) {
  const bool available = endpoint.health.Available(now);
  const bool failing = endpoint.health.failing();
  const uint32_t share = available ? endpoint.health.Share(now) : 0;
  json += "{\"endpoint\":";
  AppendJsonString(endpoint.name, json);
  json.append(",\"state\":\"")
      .append(failing       ? "unhealthy"
              : !available  ? "ejected"
              : terminating ? "terminating"
                            : "ready")
      .append("\"");
  if (!available && !failing) {
    const auto left = std::chrono::ceil<milliseconds>(endpoint.health.available_at() - now);
    AppendNumber("ejectedForMs", static_cast<uint64_t>(std::max<int64_t>(left.count(), 0)), json);
  }
  if (available && share < forward::EndpointHealth::kWholeShare) {
    AppendNumber("warmingPercent", uint64_t{share} * 100 / forward::EndpointHealth::kWholeShare, json);
  }
  AppendNumber("activeRequests", endpoint.active_requests.load(std::memory_order_relaxed), json);
  AppendNumber("connections", endpoint.permits->open(), json);
  json += "}";
}

void AppendEndpoints(const forward::UpstreamEndpoints& upstream, SteadyTime now, std::string& json) {
  const char* separator = "\n ";
  for (const bool terminating : {false, true}) {
    for (const auto& endpoint : terminating ? upstream.terminating : upstream.ready) {
      json += separator;
      separator = ",\n ";
      AppendEndpoint(*endpoint, terminating, now, json);
    }
  }
}

void AppendPool(const std::string& endpoint, const forward::PoolState& pool, std::string& json) {
  json += "{\"endpoint\":";
  AppendJsonString(endpoint, json);
  AppendNumber("idle", pool.idle, json);
  AppendNumber("http2", pool.http2, json);
  AppendNumber("http2Requests", pool.http2_requests, json);
  AppendNumber("waiting", pool.waiting, json);
  json += "}";
}

void AppendReport(const net::ConnectionReport& report, std::string& json) {
  const net::SessionTally& sessions = report.sessions;
  const size_t begun = sessions.http1 + sessions.http2 + sessions.tunnels;
  json += ",\"callers\":{\"open\":" + std::to_string(report.open);
  AppendNumber("http1", sessions.http1, json);
  AppendNumber("http2", sessions.http2, json);
  AppendNumber("http2Requests", sessions.http2_requests, json);
  AppendNumber("webSockets", sessions.tunnels, json);
  AppendNumber("overTls", sessions.secure, json);
  AppendNumber("beginning", report.open > begun ? report.open - begun : 0, json);
  json += "},\"upstreams\":[";
  const char* separator = "\n ";
  for (const auto& [endpoint, pool] : report.upstreams) {
    json += separator;
    separator = ",\n ";
    AppendPool(endpoint, pool, json);
  }
  json += "]";
}

}  // namespace

std::string ClustersText(const pipeline::ServingState& state, SteadyTime now) {
  std::string json = "{\"upstreams\":[";
  const auto& upstreams = state.catalog->upstreams();
  const forward::UpstreamTable& table = state.forwarding.upstreams;
  forward::LiveNamedTable::Reader names(table.names());
  for (snapshot::UpstreamIndex i = 0; i < upstreams.size(); ++i) {
    json += i == 0 ? "\n{\"upstream\":" : ",\n{\"upstream\":";
    AppendJsonString(upstreams[i].name, json);
    json += ",\"endpoints\":[";
    AppendEndpoints(*table.EndpointsOf(i, &names), now, json);
    json += "]}";
  }
  return json + "]}\n";
}

std::string ConnectionsText(const std::vector<std::optional<net::ConnectionReport>>& cores, uint64_t moved) {
  std::string json = "{\"movedBetweenCores\":" + std::to_string(moved) + ",\"cores\":[";
  for (size_t i = 0; i < cores.size(); ++i) {
    json += i == 0 ? "\n{\"core\":" : ",\n{\"core\":";
    json += std::to_string(i);
    if (cores[i]) {
      AppendReport(*cores[i], json);
    } else {
      json += ",\"busy\":true";
    }
    json += "}";
  }
  return json + "]}\n";
}

std::map<std::string, AdminServer::Page> OperatorPages(const net::Gateway& gateway,
                                                       const std::function<void()>& drain) {
  const auto shown = [&gateway](auto text) {
    return AdminServer::Page{[&gateway, text] {
      const std::shared_ptr<const pipeline::ServingState> state = gateway.serving();
      return state == nullptr ? NoConfiguration() : Json(text(*state));
    }};
  };
  return {
      {"/config_dump", shown([](const auto& state) { return ConfigDump(*state.catalog); })},
      {"/clusters", shown([](const auto& state) { return ClustersText(state, SteadyNow()); })},
      {"/connections", {[&gateway] {
         return Json(ConnectionsText(gateway.Connections(kPatience), gateway.moved_connections()));
       }}},
      {"/drain",
       {[drain] {
          drain();
          return AdminAnswer{202, "text/plain; charset=utf-8", "draining\n"};
        },
        true}},
  };
}

}  // namespace tollgate::admin
