// Asks name servers, by c-ares on a loop of ours: A and AAAA together, with /etc/hosts, the search domains
// and the name servers of the machine as c-ares reads them. No header of c-ares stands in here. One thread:
// the loop's.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "proxy/io/loop.h"
#include "proxy/resolve/lookup.h"

namespace tollgate::resolve {

class DnsClient {
 public:
  // `servers`: "ADDRESS[:PORT],…"; empty: those of the machine.
  DnsClient(io::Loop& loop, const std::string& servers);
  DnsClient(const DnsClient&) = delete;
  DnsClient& operator=(const DnsClient&) = delete;
  // What is under way fails.
  ~DnsClient();

  using OnDone = std::function<void(Lookup)>;
  // May call `done` before it returns.
  void Find(const std::string& host, OnDone done);

  // Whether c-ares reads them as servers.
  static bool IsServerList(const std::string& servers);

 private:
  struct State;
  const std::unique_ptr<State> state_;
};

}  // namespace tollgate::resolve
