// What a Secret of any type holds. Any thread.
#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "controller/resource/object.h"

namespace tollgate::resource {

// Notes where `data` or `stringData` is no mapping.
void CheckSecretEntries(const nlohmann::json& object, std::vector<Mistake>& mistakes);

// The entries as bytes, sorted by name. `stringData` wins, as when the apiserver merges it into `data`. A
// mistake never holds what an entry does.
std::map<std::string, std::string> SecretEntries(const nlohmann::json& object,
                                                 std::vector<Mistake>& mistakes);

}  // namespace tollgate::resource
