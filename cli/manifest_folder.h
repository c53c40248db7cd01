// The objects in a folder of manifests, read as one apply: all of it is accepted, or nothing is. One thread.
#pragma once

#include <string>
#include <vector>

#include "api/base/result.h"
#include "controller/store/resource_store.h"

namespace tollgate::cli {

// Reads every .yaml, .yml and .json file below the paths (files or folders), in sorted order. Where something
// cannot be read, or a cluster would refuse it, nothing is returned but every mistake, each as one line with
// file and line. Kinds that Tollgate has no use for are passed over.
Result<store::ObjectSet, std::vector<std::string>> ReadFolder(const std::vector<std::string>& paths);

// Every folder below the paths: what must be watched to notice a change.
std::vector<std::string> FoldersOf(const std::vector<std::string>& paths);

}  // namespace tollgate::cli
