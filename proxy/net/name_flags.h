// How programs are told to look names of targets up. One thread, at start.
#pragma once

#include <string>

#include "api/base/flags.h"
#include "api/base/result.h"
#include "proxy/resolve/resolver.h"

namespace tollgate::net {

// Whether the names of targets may lead anywhere.
enum class Reach { kEverywhere, kOutside };

struct NameFlags {
  std::string dns_servers;
  std::string external_cidrs;

  // What is outside is told apart, and --external-cidrs is there, for kOutside alone.
  void AddTo(FlagSet& set, Reach reach);
};

// The sentence names the flag.
Result<resolve::ResolverOptions> ReadNames(const NameFlags& flags, Reach reach);

}  // namespace tollgate::net
