#include "proxy/net/drain.h"

#include <algorithm>

#include "api/base/log.h"

namespace tollgate::net {
namespace {

using std::chrono::milliseconds;

// How often the cores are asked whether they have finished.
constexpr milliseconds kLook{10};

// True when all has been finished in time.
bool AwaitFinish(const Gateway& gateway, const DrainTerms& terms) {
  const SteadyTime deadline = SteadyNow() + terms.limit;
  while (!gateway.finished()) {
    if (SteadyNow() >= deadline || terms.hurried(kLook)) return false;
  }
  return true;
}

}  // namespace

size_t Drain(Gateway& gateway, const DrainTerms& terms) {
  gateway.BeginGrace();
  const bool hurried = terms.grace.count() > 0 && terms.hurried(terms.grace);
  if (!hurried) gateway.Finish();
  const bool finished = !hurried && AwaitFinish(gateway, terms);
  const size_t cut = finished ? 0 : gateway.OpenConnections();
  gateway.Stop();
  if (cut > 0) {
    log::Warning(
        "connections were cut at the end of the drain; requests under way on them stand in the "
        "access log with the reason drain-cut",
        {{"connections", std::to_string(cut)}});
  }
  return cut;
}

}  // namespace tollgate::net
