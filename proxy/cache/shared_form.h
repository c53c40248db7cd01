// What the shared tier stores, as bytes: an answer, or the names that the answers of a key vary by. It says
// of itself what it is, since proxies of several releases read what one has written, and so may whatever else
// writes into the store: bytes that are damaged, of another version or of another key are nothing, never an
// error. Pure; any thread.
//
// Layout: "tgc" and a version byte; a checksum (XXH3, 64 bits) of all that follows; a kind byte; the primary
// key (key.h) in full. Then of an answer: status, lifetime, never-stale byte, Last-Modified, the Vary values,
// how many fields belong to a 304, the lines, the body; of names: how many, each. Texts are preceded by their
// length; lengths and counts are 32 bits, times 64, little-endian. Not in it: when the answer was received.
// The store's own clock says how much of the lifetime is left, and is the same for all proxies.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/cache/stored_response.h"

namespace tollgate::cache {

struct SharedForm {
  enum class Kind : uint8_t { kNothing, kDamaged, kAnswer, kNames };
  Kind kind = Kind::kNothing;              // also: of another key
  std::unique_ptr<StoredResponse> answer;  // of kAnswer; its freshness has only the lifetime
  std::vector<std::string> names;          // of kNames
};

std::string WriteAnswer(std::string_view key, const StoredResponse& answer);
std::string WriteNames(std::string_view key, const std::vector<VaryValue>& vary);

// What `bytes` are, read for a request of this primary key.
SharedForm ReadShared(std::string_view bytes, std::string_view key);

}  // namespace tollgate::cache
