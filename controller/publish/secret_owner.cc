#include "controller/publish/secret_owner.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "controller/resource/base64.h"
#include "controller/resource/json_access.h"

namespace tollgate::publish {

std::optional<SecretOwner> OwnerByToken(std::string_view token, const std::string& space) {
  // RFC 7519, section 3: header, claims and signature, each base64url, between dots.
  const size_t begin = token.find('.') + 1;
  const size_t end = token.find('.', begin);
  if (begin == 0 || end == std::string_view::npos) return std::nullopt;
  std::string text(token.substr(begin, end - begin));
  std::replace(text.begin(), text.end(), '-', '+');
  std::replace(text.begin(), text.end(), '_', '/');
  text.append((4 - text.size() % 4) % 4, '=');
  const std::optional<std::string> claims = resource::FromBase64(text);
  if (!claims) return std::nullopt;
  const auto parsed = nlohmann::json::parse(*claims, nullptr, /*allow_exceptions=*/false);
  if (!parsed.is_object()) return std::nullopt;
  const auto& binding = resource::ObjectAt(parsed, "kubernetes.io");
  if (resource::Text(binding, "namespace") != space) return std::nullopt;
  const auto& account = resource::ObjectAt(binding, "serviceaccount");
  SecretOwner owner{resource::Text(account, "name"), resource::Text(account, "uid")};
  if (owner.name.empty() || owner.uid.empty()) return std::nullopt;
  return owner;
}

}  // namespace tollgate::publish
