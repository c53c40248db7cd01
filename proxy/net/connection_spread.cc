#include "proxy/net/connection_spread.h"

namespace tollgate::net {

size_t ConnectionSpread::Place(size_t acceptor) {
  const size_t chosen = Choose(acceptor);
  cores_[chosen].open.fetch_add(1, std::memory_order_relaxed);
  if (chosen != acceptor) moved_.fetch_add(1, std::memory_order_relaxed);
  return chosen;
}

size_t ConnectionSpread::Choose(size_t acceptor) const {
  const size_t own = open(acceptor);
  if (own < kFewest) return acceptor;
  size_t all = 0;
  size_t least = acceptor;
  for (size_t core = 0; core < cores_.size(); ++core) {
    all += open(core);
    if (open(core) < open(least)) least = core;
  }
  // own >= 1.25 * all / cores
  return own * 4 * cores_.size() >= all * 5 ? least : acceptor;
}

}  // namespace tollgate::net
