// Where a Redis server is and how it is entered, read from a URL. Plain value; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "api/base/result.h"

namespace tollgate::store {

struct StoreAddress {
  std::string host;  // a name or a literal address, without brackets
  uint16_t port = 6379;
  std::string user;      // empty: the default user
  std::string password;  // empty: none
  unsigned database = 0;

  // `redis://[user[:password]@]host[:port][/database]`; user and password percent-encoded. The fault never
  // shows the URL, which may hold a password.
  static Result<StoreAddress> Parse(std::string_view url);

  // Without credentials, for logs.
  std::string ToString() const;
};

// The first line of a password file. The fault names the file.
Result<std::string> ReadPasswordFile(const std::string& path);

}  // namespace tollgate::store
