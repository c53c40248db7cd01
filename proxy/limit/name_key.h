// How names become the keys of shared records. Every proxy of an installation, of this version and the next,
// has to come to the same keys, and no tenant may find a name that shares another's: so SHA-256, cut. Pure.
#pragma once

#include <initializer_list>
#include <string_view>

#include "proxy/store/limit_store.h"

namespace tollgate::limit {

// `parts` of one kind of thing; no part contains a NUL.
store::Key128 KeyOf(std::string_view kind, std::initializer_list<std::string_view> parts);

// Half of the above: enough among the few records of one owner.
inline uint64_t MarkOf(std::string_view kind, std::initializer_list<std::string_view> parts) {
  return KeyOf(kind, parts).high;
}

}  // namespace tollgate::limit
