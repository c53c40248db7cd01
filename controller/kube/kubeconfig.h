// Reads the text of a kubeconfig file; LoadKubeconfig (credentials.h) adds the file. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

#include "api/base/result.h"
#include "controller/kube/credentials.h"

namespace tollgate::kube {

// The current context of `text`. `path` is where the text comes from: errors name it, and files that the text
// names relatively are looked for beside it (and not read here).
Result<Credentials> ParseKubeconfig(std::string_view text, const std::string& path);

}  // namespace tollgate::kube
