#include "controller/publish/status_input.h"

namespace tollgate::publish {

UidTable UidsOf(const store::ObjectSet& objects) {
  UidTable uids;
  for (const auto& [name, route] : objects.routes) uids[{"GatewayRoute", name}] = route->meta.uid;
  for (const auto& [name, plan] : objects.plans) uids[{"ApiPlan", name}] = plan->meta.uid;
  return uids;
}

}  // namespace tollgate::publish
