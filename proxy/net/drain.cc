#include "proxy/net/drain.h"

#include <algorithm>

#include "api/base/log.h"
#include "api/base/termination.h"

namespace tollgate::net {
namespace {

using std::chrono::milliseconds;

// How often the cores are asked whether they have finished.
constexpr milliseconds kLook{10};

enum class Waited { kFinished, kTooLong, kHurried };

Waited AwaitFinish(const Gateway& gateway, milliseconds limit, const DrainTerms& terms) {
  const SteadyTime deadline = SteadyNow() + limit;
  while (!gateway.finished()) {
    if (SteadyNow() >= deadline) return Waited::kTooLong;
    if (terms.hurried(kLook)) return Waited::kHurried;
  }
  return Waited::kFinished;
}

// True when it shall end now.
bool SpendGrace(const Gateway& gateway, const DrainTerms& terms) {
  if (terms.handed_over) return AwaitFinish(gateway, terms.grace, terms) == Waited::kHurried;
  return terms.grace.count() > 0 && terms.hurried(terms.grace);
}

}  // namespace

DrainTerms ToTerms(milliseconds grace, milliseconds limit, int signals, bool handed_over) {
  int passed_over = handed_over ? 1 : 0;
  const auto hurried = [signals, passed_over](milliseconds wait) mutable {
    const SteadyTime deadline = SteadyNow() + wait;
    do {
      const auto left = std::chrono::ceil<milliseconds>(deadline - SteadyNow());
      if (!TerminationWithin(signals, left)) return false;
    } while (passed_over-- > 0);
    return true;
  };
  return {grace, limit, handed_over, hurried};
}

size_t Drain(Gateway& gateway, const DrainTerms& terms) {
  gateway.BeginGrace();
  if (terms.handed_over) gateway.StopAccepting();
  const bool hurried = SpendGrace(gateway, terms);
  if (!hurried) gateway.Finish();
  const bool finished = !hurried && AwaitFinish(gateway, terms.limit, terms) == Waited::kFinished;
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
