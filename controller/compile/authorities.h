// References to the certificates of authorities become the texts that a proxy trusts. One that leads to none
// yields nothing at all: to trust those that are left could be to refuse whom the author meant, and to trust
// everybody is never right. Pure; any thread.
#pragma once

#include <string>
#include <vector>

#include "controller/compile/compiler.h"
#include "controller/compile/conditions.h"

namespace tollgate::compile {

struct ResolvedAuthorities {
  std::string pem;  // empty where one is unresolved
  std::vector<UnresolvedRef> unresolved;
};

// `field` is that of the list, `space` the route's namespace.
ResolvedAuthorities ResolveAuthorities(const std::vector<resource::AuthorityRef>& refs,
                                       const std::string& space, const std::string& field,
                                       const store::ObjectSet& objects, const CompilerOptions& options);

}  // namespace tollgate::compile
