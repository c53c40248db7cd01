#include "controller/compile/cors.h"

#include <chrono>

namespace tollgate::compile {
namespace {

// The methods that browsers send without asking (Fetch, section 2.2.1).
constexpr const char* kMethods[] = {"GET", "HEAD", "POST"};
// What the Fetch standard takes where nothing is said.
constexpr std::chrono::seconds kMaxAge{5};

}  // namespace

api::Cors CompileCors(const resource::Cors& cors) {
  api::Cors compiled;
  for (const std::string& origin : cors.allow_origins) compiled.add_allow_origins(origin);
  for (const std::string& method : cors.allow_methods) compiled.add_allow_methods(method);
  if (cors.allow_methods.empty()) {
    for (const char* method : kMethods) compiled.add_allow_methods(method);
  }
  for (const std::string& name : cors.allow_headers) compiled.add_allow_headers(name);
  for (const std::string& name : cors.expose_headers) compiled.add_expose_headers(name);
  compiled.set_allow_credentials(cors.allow_credentials);
  const auto max_age = std::chrono::duration_cast<std::chrono::seconds>(cors.max_age.value_or(kMaxAge));
  compiled.set_max_age_s(static_cast<uint64_t>(max_age.count()));
  return compiled;
}

}  // namespace tollgate::compile
