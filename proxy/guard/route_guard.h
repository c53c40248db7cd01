// What one route asks of every request before its caller is known, and what it says with every answer. Built
// from a catalog, then immutable; any thread may read.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "api/base/cidr.h"
#include "api/regex.h"
#include "proxy/exchange/error.h"
#include "proxy/exchange/exchange.h"

namespace tollgate::guard {

class RouteGuard {
 public:
  // What cannot be read refuses everyone: a controller lets no such thing through.
  explicit RouteGuard(const api::Security& security);

  // By address, then token, then path. Refused are address-refused, and no-route for what is to seem as if
  // nothing were there.
  exchange::Outcome<Done> Admit(const exchange::Exchange& x) const;

  // The fields of every answer; over TLS one more.
  std::span<const http::Field> AnswerFields(bool secure) const;

  // Lower case; empty where no token is asked for.
  std::string_view token_header() const { return token_header_; }
  std::string_view token_digest() const { return token_digest_; }

 private:
  bool AdmitsAddress(const io::Address& client) const;
  bool HasToken(const http::Fields& fields) const;
  bool Denies(std::string_view path) const;
  void Read(const std::string& cidr, std::vector<Cidr>& cidrs);
  void AddFields(const api::SecurityHeaders& headers);

  bool broken_;
  std::vector<Cidr> allowed_;
  std::vector<Cidr> denied_;
  std::vector<api::Regex> patterns_;
  std::string_view token_header_;  // slices the catalog, as does the next
  std::string_view token_digest_;
  std::string hsts_;
  std::vector<http::Field> fields_;  // the one that goes over TLS alone stands last
};

}  // namespace tollgate::guard
