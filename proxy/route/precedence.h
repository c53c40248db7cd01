// Which of several matches that fit one request serves it: the order of the API ("Matching") as a value that
// sorts. Pure; any thread.
#pragma once

#include <cstdint>
#include <string_view>
#include <tuple>

#include "proxy/snapshot/catalog.h"

namespace tollgate::route {

// Exact path, template with more literal segments, longest prefix, regex, no path; then more conditions on
// method, headers, query, cookies; then the oldest object, then its name. What is equal stays as it was
// written.
class Precedence {
 public:
  // `match` is nullptr for what stands behind all matches: an object that cannot be read.
  Precedence(const snapshot::RouteEntry& route, const api::Match* match);

  bool operator<(const Precedence& other) const;

 private:
  auto Key() const { return std::tie(kind_, literal_, conditions_, created_, object_); }

  int kind_;
  // More of these first, so they are negative.
  int64_t literal_ = 0;
  std::tuple<int, int, int, int> conditions_;
  int64_t created_;
  std::string_view object_;
};

}  // namespace tollgate::route
