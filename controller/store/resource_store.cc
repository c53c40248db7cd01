#include "controller/store/resource_store.h"

#include <type_traits>
#include <utility>

namespace tollgate::store {
namespace {

using resource::ApiPlan;
using resource::ConfigMap;
using resource::ConsumerSecret;
using resource::EndpointSlice;
using resource::GatewayRoute;
using resource::ObjectMeta;
using resource::OpaqueSecret;
using resource::Service;
using resource::TlsSecret;

// Kinds that are given a verdict. Its observedGeneration follows the object's generation even where the
// edit changed nothing that is compiled, and an object made anew under its old name has no status yet.
template <class T>
constexpr bool kHasVerdict = std::is_same_v<T, GatewayRoute> || std::is_same_v<T, ApiPlan>;

// Kinds among which the oldest object wins.
template <class T>
constexpr bool kAgeCounts = std::is_same_v<T, GatewayRoute> || std::is_same_v<T, ConsumerSecret>;

template <class T>
bool SameMeta(const ObjectMeta& a, const ObjectMeta& b) {
  if (kHasVerdict<T> && (a.uid != b.uid || a.generation != b.generation)) return false;
  return !kAgeCounts<T> || a.created == b.created;
}

// The content is compared by the struct's own operator==, so that no field added later can be forgotten
// here; the copy costs less than the parse that came before.
template <class T>
bool Interchangeable(const T& a, const T& b) {
  if (!SameMeta<T>(a.meta, b.meta)) return false;
  T candidate = a;
  candidate.meta = b.meta;
  return candidate == b;
}

template <class T>
bool SameObjects(const ObjectMap<T>& a, const ObjectMap<T>& b) {
  if (a.size() != b.size()) return false;
  for (auto left = a.begin(), right = b.begin(); left != a.end(); ++left, ++right) {
    if (left->first != right->first || !Interchangeable(*left->second, *right->second)) return false;
  }
  return true;
}

template <class T>
bool UpsertInto(ObjectMap<T>& map, T object) {
  auto& slot = map[object.meta.name];
  const bool matters = slot == nullptr || !Interchangeable(object, *slot);
  // Also where nothing that matters changed: the newest resource version is the one to keep.
  slot = std::make_shared<const T>(std::move(object));
  return matters;
}

}  // namespace

bool ResourceStore::Upsert(resource::Object object) {
  return std::visit([this]<class T>(T& value) { return UpsertInto(MapOf<T>(objects_), std::move(value)); },
                    object);
}

template <class T>
bool ResourceStore::Remove(const resource::ObjectName& name) {
  return MapOf<T>(objects_).erase(name) > 0;
}

template <class T>
bool ResourceStore::ReplaceAll(ObjectMap<T> objects) {
  ObjectMap<T>& current = MapOf<T>(objects_);
  const bool matters = !SameObjects(objects, current);
  current = std::move(objects);
  return matters;
}

template bool ResourceStore::Remove<GatewayRoute>(const resource::ObjectName&);
template bool ResourceStore::Remove<ApiPlan>(const resource::ObjectName&);
template bool ResourceStore::Remove<ConsumerSecret>(const resource::ObjectName&);
template bool ResourceStore::Remove<OpaqueSecret>(const resource::ObjectName&);
template bool ResourceStore::Remove<TlsSecret>(const resource::ObjectName&);
template bool ResourceStore::Remove<ConfigMap>(const resource::ObjectName&);
template bool ResourceStore::Remove<Service>(const resource::ObjectName&);
template bool ResourceStore::Remove<EndpointSlice>(const resource::ObjectName&);

template bool ResourceStore::ReplaceAll<GatewayRoute>(ObjectMap<GatewayRoute>);
template bool ResourceStore::ReplaceAll<ApiPlan>(ObjectMap<ApiPlan>);
template bool ResourceStore::ReplaceAll<ConsumerSecret>(ObjectMap<ConsumerSecret>);
template bool ResourceStore::ReplaceAll<OpaqueSecret>(ObjectMap<OpaqueSecret>);
template bool ResourceStore::ReplaceAll<TlsSecret>(ObjectMap<TlsSecret>);
template bool ResourceStore::ReplaceAll<ConfigMap>(ObjectMap<ConfigMap>);
template bool ResourceStore::ReplaceAll<Service>(ObjectMap<Service>);
template bool ResourceStore::ReplaceAll<EndpointSlice>(ObjectMap<EndpointSlice>);

}  // namespace tollgate::store
