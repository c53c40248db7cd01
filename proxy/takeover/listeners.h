// Listeners on their way from one process to the next. Both hold the same sockets for a while, so that no
// queue is ever closed with somebody in it. One thread at a time.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "api/base/result.h"
#include "proxy/io/address.h"
#include "proxy/io/descriptor.h"

namespace tollgate::takeover {

// What callers find behind a listener.
inline constexpr std::string_view kHttp = "http";
inline constexpr std::string_view kHttps = "https";
inline constexpr std::string_view kMetrics = "metrics";
inline constexpr std::string_view kAdmin = "admin";

struct Listener {
  std::string role;
  unsigned index;  // of the core that has it
  io::Descriptor socket;
};

// `socket` stays whose it is.
Listener Duplicate(std::string_view role, unsigned index, int socket);

// One line: role, index, address.
std::string TextOf(const Listener& listener);
// The address counts as the kernel states it, not as the line does. Fails where the socket does not listen.
Result<Listener> ReadListener(std::string_view text, io::Descriptor socket);

// What came from the process before.
class Inheritance {
 public:
  void Add(Listener listener) { listeners_.push_back(std::move(listener)); }
  size_t size() const { return listeners_.size(); }

  // Those of a role that listen where `asked` says; port 0 is any. They are the caller's from now on.
  std::vector<io::Descriptor> Take(std::string_view role, const io::Address& asked);

 private:
  std::vector<Listener> listeners_;
};

}  // namespace tollgate::takeover
