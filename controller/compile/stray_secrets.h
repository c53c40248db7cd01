// Secrets of callers that no plan takes in: there is no object whose status could tell, and all that their
// callers see is 401. Pure; any thread.
#pragma once

#include <vector>

#include "controller/compile/condition.h"
#include "controller/store/resource_store.h"

namespace tollgate::compile {

// A verdict on each Secret whose label names no ApiPlan, sorted by name. `objects` are those of all
// installations: a plan of another one is not ours to miss.
std::vector<ObjectVerdict> JudgeStraySecrets(const store::ObjectSet& objects);

}  // namespace tollgate::compile
