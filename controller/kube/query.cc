#include "controller/kube/query.h"

namespace tollgate::kube {
namespace {

// RFC 3986, section 2.3. Written out, since isalnum asks the locale.
constexpr std::string_view kUnreserved = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";

void AppendEncoded(std::string_view text, std::string& out) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  for (const char c : text) {
    if (kUnreserved.find(c) != std::string_view::npos) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += kDigits[byte >> 4];
    out += kDigits[byte & 15];
  }
}

}  // namespace

Query& Query::Add(std::string_view name, std::string_view value) {
  if (value.empty()) return *this;
  target_ += separator_;
  separator_ = '&';
  AppendEncoded(name, target_);
  target_ += '=';
  AppendEncoded(value, target_);
  return *this;
}

}  // namespace tollgate::kube
