// Who wins where two objects want the same thing: the older one, then the one whose namespace and name come
// first (from files all are equally old). The same on every replica and after any restart. Pure; any thread.
#pragma once

#include <algorithm>
#include <tuple>
#include <vector>

#include "controller/store/resource_store.h"

namespace tollgate::compile {

inline bool Older(const resource::ObjectMeta& a, const resource::ObjectMeta& b) {
  return std::tie(a.created, a.name) < std::tie(b.created, b.name);
}

// The objects of a map, oldest first.
template <class T>
std::vector<const T*> OldestFirst(const store::ObjectMap<T>& objects) {
  std::vector<const T*> sorted;
  sorted.reserve(objects.size());
  for (const auto& [name, object] : objects) sorted.push_back(object.get());
  std::sort(sorted.begin(), sorted.end(), [](const T* a, const T* b) { return Older(a->meta, b->meta); });
  return sorted;
}

}  // namespace tollgate::compile
