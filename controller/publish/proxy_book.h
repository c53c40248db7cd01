// What the controller knows of its proxies: who is connected, what each serves, what it refused. Filled by
// the streams, read by whoever writes status. Any thread.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "api/base/clock.h"

namespace tollgate::publish {

// How a proxy finds one of the stores that proxies share. What follows `configured` counts only where that is
// true: false means that the proxy counts, or caches, in its own memory.
struct StoreState {
  bool configured = false;
  bool reachable = false;
  bool evicting = false;  // it may drop what it counts
  std::string reason;     // a few words on what is wrong; may be empty

  bool operator==(const StoreState&) const = default;
};

inline constexpr char kLimitsStore[] = "limits";

// A proxy serves a snapshot where `version` is the snapshot's; it has refused it where `acknowledged` is, and
// `refusal` is not empty.
struct ProxyState {
  std::string proxy;         // its name: the pod's
  std::string version;       // 32 bytes: what it serves; empty: nothing
  std::string acknowledged;  // 32 bytes: what it answered for last
  std::string refusal;       // why it keeps what it serves; empty: it took over what it answered for
  bool connected = false;
  std::map<std::string, StoreState> stores = {};  // by name; empty: it has not reported

  bool operator==(const ProxyState&) const = default;
};

class ProxyBook {
 public:
  // A stream's own number; a proxy that connects again has a new one.
  using StreamId = uint64_t;

  // A proxy that is gone for this long is no longer reported: a pod that restarts is back before that, one
  // that was scaled down must not hold a status for ever.
  static constexpr std::chrono::minutes kForgetAfter{5};

  // The changing functions say whether anything that Proxies() reports has changed.

  // The proxy of a stream says who it is and what it serves. Its newest stream is the one that counts.
  bool Enter(StreamId stream, const std::string& proxy, const std::string& version);
  // It answered for a version; an empty refusal means that it serves it now.
  bool Answer(StreamId stream, const std::string& version, const std::string& refusal);
  // It says how its stores are: all that it has.
  bool Report(StreamId stream, std::map<std::string, StoreState> stores);
  bool Leave(StreamId stream, SteadyTime now);

  // Sorted by name.
  std::vector<ProxyState> Proxies(SteadyTime now) const;

 private:
  struct Entry {
    StreamId stream = 0;
    ProxyState state;
    SteadyTime left_at{};
  };
  Entry* Find(StreamId stream);
  void Forget(SteadyTime now);

  mutable std::mutex mutex_;
  std::map<std::string, Entry> entries_;      // guarded by mutex_; by proxy
  std::map<StreamId, std::string> entrants_;  // guarded by mutex_; streams that counted when they entered
};

}  // namespace tollgate::publish
