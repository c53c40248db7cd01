// How long a watch waits after a trouble. Each kind of trouble has its own back-off: an API server that comes
// back answers 503, then 429, then that it no longer knows where the watch was, and none of these may wait as
// long as its absence had come to. One thread.
#pragma once

#include <chrono>

#include "api/base/backoff.h"

namespace tollgate::kube {

enum class Trouble {
  kNoAnswer,   // no connection, or one that broke
  kRefused,    // an answer that is no success
  kLostPlace,  // the API server no longer knows where the list or the watch was; the remedy is a new list
};

class WatchPauses {
 public:
  WatchPauses(std::chrono::milliseconds first, std::chrono::milliseconds longest,
              const RandomSource& random = UniformRandom)
      : no_answer_(first, longest, random),
        refused_(first, longest, random),
        lost_place_(first, longest, random) {}

  std::chrono::milliseconds After(Trouble trouble) {
    switch (trouble) {
      case Trouble::kNoAnswer: return no_answer_.Next();
      case Trouble::kRefused: return refused_.Next();
      case Trouble::kLostPlace: break;
    }
    return lost_place_.Next();
  }

  // The watch works.
  void Reset() {
    no_answer_.Reset();
    refused_.Reset();
    lost_place_.Reset();
  }

 private:
  Backoff no_answer_;
  Backoff refused_;
  Backoff lost_place_;
};

}  // namespace tollgate::kube
