// What the log says of one configuration after another: what is new, and no more. Not thread-safe: of whoever
// publishes.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "api/base/result.h"
#include "controller/compile/compiler.h"

namespace tollgate::publish {

class PublicationLog {
 public:
  // How publishing this snapshot went.
  void NotePublished(const api::Snapshot& snapshot, const Status<>& published);
  // compile::Compiled::stray_secrets: each is told once, and when it has found its plan.
  void NoteStraySecrets(const std::vector<compile::ObjectVerdict>& secrets);

 private:
  std::string version_;                                // the last one told of
  std::string fault_;                                  // and why it could not be published
  std::map<resource::ObjectName, std::string> stray_;  // what was said of each
};

}  // namespace tollgate::publish
