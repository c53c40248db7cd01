// Which pages of other origins may call one route, and what their browsers are told (Fetch, section 3.3).
// Built from a catalog, then immutable; any thread may read.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "api/snapshot.pb.h"
#include "proxy/exchange/answer.h"
#include "proxy/exchange/exchange.h"

namespace tollgate::cors {

class CorsPolicy {
 public:
  explicit CorsPolicy(const api::Cors& cors);

  // What the answer to a request tells; `origin` is empty where the request names none.
  exchange::CrossOrigin Judge(std::string_view origin) const;

  // The fields of the answer to a preflight, but for those that every answer has. `asked` are the headers
  // that the request will have.
  void AnswerPreflight(std::string_view asked, exchange::Answer& answer) const;

 private:
  // "https://*.example.com", cut where the labels come.
  struct Wildcard {
    std::string_view scheme;  // with "://"
    std::string_view domain;  // with the "." before it, and the port
  };

  bool Admits(std::string_view origin) const;

  bool every_origin_ = false;
  std::vector<std::string_view> origins_;  // slices the catalog, as does the next
  std::vector<Wildcard> wildcards_;
  const bool credentials_;
  const std::string methods_;
  const std::string headers_;  // empty: those that are asked for
  const std::string exposed_;
  const std::string max_age_;
};

}  // namespace tollgate::cors
