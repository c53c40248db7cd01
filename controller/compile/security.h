// What a route asks of every request before its caller is known. It compiles apart from the rules and is
// never kept from before: a token that cannot be had refuses everyone, at once. Pure; any thread.
#pragma once

#include "api/snapshot.pb.h"
#include "controller/compile/compiler.h"
#include "controller/compile/regexes.h"
#include "controller/compile/route_conditions.h"

namespace tollgate::compile {

// Adds it to a route, and to the findings what is wrong with it.
void AddSecurity(const resource::GatewayRoute& route, const store::ObjectSet& objects,
                 const CompilerOptions& options, const RegexTable& regexes, api::Route& compiled,
                 RouteFindings& findings);

}  // namespace tollgate::compile
