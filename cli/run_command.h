// `tollgatectl run DIR`: the whole gateway in one process, from a folder of the manifests that a cluster
// would be given.
#pragma once

#include "api/base/flags.h"

namespace tollgate::cli {

void AddRunCommand(FlagSet& flags);

}  // namespace tollgate::cli
