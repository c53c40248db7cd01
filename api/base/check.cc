#include "api/base/check.h"

#include <cstdlib>

#include "api/base/log.h"

namespace tollgate {

void DieOfBrokenPromise(const char* condition, const char* function) {
  log::Error("this cannot happen, so the process ends; please report it",
             {{"condition", condition}, {"function", function}});
  std::abort();
}

}  // namespace tollgate
