// The first step: which objects this installation serves. The others get no verdict and leave no trace in the
// snapshot; another installation looks after them. Pure; any thread.
#pragma once

#include <optional>
#include <string>

#include "controller/compile/compiler.h"

namespace tollgate::compile {

// Whether an object that names `installation` (or none) is this installation's.
bool IsOurs(const std::optional<std::string>& installation, const CompilerOptions& options);

// The routes and plans of this installation, and all of the kinds that name none.
store::ObjectSet SelectInstallation(const store::ObjectSet& objects, const CompilerOptions& options);

}  // namespace tollgate::compile
