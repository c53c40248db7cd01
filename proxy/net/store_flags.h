// The shared stores as programs take them on the command line. One thread, at start.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "api/base/flags.h"
#include "api/base/result.h"
#include "proxy/store/redis/cache_node.h"
#include "proxy/store/redis/limit_node.h"

namespace tollgate::net {

struct StoreFlags {
  void AddTo(FlagSet& set);

  std::string limits_store = "memory";
  std::string limits_password_file;
  std::string cache_store = "memory";
  std::string cache_password_file;
  std::chrono::milliseconds deadline{50};
  std::chrono::milliseconds slow_after{10};
  // Shorter than the limits': an answer that is not there in time costs the upstream a request, and no more.
  std::chrono::milliseconds cache_deadline{10};
};

// The Redis of limits; nothing: they are kept in memory. The sentence names the flag, and never a password.
Result<std::optional<store::LimitNodeOptions>> ReadLimitsStore(const StoreFlags& flags,
                                                               const std::string& installation);

// The Redis of the shared cache; nothing: each process has its own in memory alone.
Result<std::optional<store::CacheNodeOptions>> ReadCacheStore(const StoreFlags& flags,
                                                              const std::string& installation);

}  // namespace tollgate::net
