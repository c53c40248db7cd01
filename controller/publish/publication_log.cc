#include "controller/publish/publication_log.h"

#include <utility>

#include "api/base/digest.h"
#include "api/base/log.h"

namespace tollgate::publish {

void PublicationLog::NotePublished(const api::Snapshot& snapshot, const Status<>& published) {
  const std::string fault = published.ok() ? "" : published.error().message;
  const bool is_told = snapshot.version() == version_ && fault == fault_;
  version_ = snapshot.version();
  fault_ = fault;
  if (is_told) return;
  if (!fault.empty()) {
    return log::Error("the configuration cannot be published, the one before serves on: " + fault);
  }
  log::Info("published", {{"snapshot", ToHex(version_).substr(0, 12)},
                          {"resources", std::to_string(snapshot.resources_size())}});
}

void PublicationLog::NoteStraySecrets(const std::vector<compile::ObjectVerdict>& secrets) {
  std::map<resource::ObjectName, std::string> stray;
  for (const compile::ObjectVerdict& secret : secrets) {
    const std::string& message = stray[secret.name] = secret.conditions.front().message;
    const auto told = stray_.find(secret.name);
    if (told != stray_.end() && told->second == message) continue;
    log::Warning(message, {{"kind", secret.kind}, {"object", secret.name.ToString()}});
  }
  for (const auto& [name, message] : std::exchange(stray_, stray)) {
    if (stray.contains(name)) continue;
    log::Info("the Secret's plan is there now, or the Secret is gone",
              {{"kind", "Secret"}, {"object", name.ToString()}});
  }
}

}  // namespace tollgate::publish
