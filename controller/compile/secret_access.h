// Secrets are read by namespace, as far as the controller's account may. Pure; any thread.
#pragma once

#include <string>

#include "controller/compile/compiler.h"

namespace tollgate::compile {

// Why the Secrets of a namespace are not known, what follows from it (`effect`: "so nobody is admitted") and
// the remedy; empty where they are known.
std::string WhyNoSecrets(const std::string& space, const CompilerOptions& options, const std::string& effect);

}  // namespace tollgate::compile
