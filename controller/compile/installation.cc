#include "controller/compile/installation.h"

namespace tollgate::compile {

bool IsOurs(const std::optional<std::string>& installation, const CompilerOptions& options) {
  return installation ? *installation == options.installation : options.default_installation;
}

store::ObjectSet SelectInstallation(const store::ObjectSet& objects, const CompilerOptions& options) {
  const auto is_foreign = [&](const auto& entry) { return !IsOurs(entry.second->installation, options); };
  store::ObjectSet ours = objects;
  std::erase_if(ours.routes, is_foreign);
  std::erase_if(ours.plans, is_foreign);
  return ours;
}

}  // namespace tollgate::compile
