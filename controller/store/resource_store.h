// The watched objects, newest version of each. Level-based: an event only says that something may have
// changed; the store answers whether it matters, and the compiler looks at all that is here.
// Not thread-safe: owned by the rebuild loop.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

#include "controller/resource/parse.h"

namespace tollgate::store {

template <class T>
using ObjectMap = std::map<resource::ObjectName, std::shared_ptr<const T>>;

// What the compiler sees: every object that matters, sorted by namespace and name. Cheap to copy.
struct ObjectSet {
  ObjectMap<resource::GatewayRoute> routes;
  ObjectMap<resource::ApiPlan> plans;
  ObjectMap<resource::ConsumerSecret> consumer_secrets;
  ObjectMap<resource::OpaqueSecret> opaque_secrets;
  ObjectMap<resource::TlsSecret> tls_secrets;
  ObjectMap<resource::ConfigMap> config_maps;
  ObjectMap<resource::Service> services;
  ObjectMap<resource::EndpointSlice> endpoint_slices;
};

// The objects of one kind.
template <class T>
const ObjectMap<T>& MapOf(const ObjectSet& objects) {
  if constexpr (std::is_same_v<T, resource::GatewayRoute>) {
    return objects.routes;
  } else if constexpr (std::is_same_v<T, resource::ApiPlan>) {
    return objects.plans;
  } else if constexpr (std::is_same_v<T, resource::ConsumerSecret>) {
    return objects.consumer_secrets;
  } else if constexpr (std::is_same_v<T, resource::OpaqueSecret>) {
    return objects.opaque_secrets;
  } else if constexpr (std::is_same_v<T, resource::TlsSecret>) {
    return objects.tls_secrets;
  } else if constexpr (std::is_same_v<T, resource::ConfigMap>) {
    return objects.config_maps;
  } else if constexpr (std::is_same_v<T, resource::Service>) {
    return objects.services;
  } else {
    static_assert(std::is_same_v<T, resource::EndpointSlice>);
    return objects.endpoint_slices;
  }
}

template <class T>
ObjectMap<T>& MapOf(ObjectSet& objects) {
  return const_cast<ObjectMap<T>&>(MapOf<T>(std::as_const(objects)));
}

class ResourceStore {
 public:
  // Puts an object in, or replaces the one of the same kind and name. True when a snapshot or a condition
  // may depend on the difference.
  bool Upsert(resource::Object object);

  // Takes an object out. True when it was there.
  template <class T>
  bool Remove(const resource::ObjectName& name);

  // Replaces all objects of one kind (after a list). True when anything changed.
  template <class T>
  bool ReplaceAll(ObjectMap<T> objects);

  const ObjectSet& objects() const { return objects_; }

 private:
  ObjectSet objects_;
};

}  // namespace tollgate::store
