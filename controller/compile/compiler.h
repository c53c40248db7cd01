// Objects in, snapshot and verdicts out. Pure: no I/O, no clock, no thread; the same objects in any order
// give the same bytes on any replica. Any thread.
#pragma once

#include <string>
#include <vector>

#include "api/snapshot.pb.h"
#include "controller/compile/condition.h"
#include "controller/store/resource_store.h"

namespace tollgate::compile {

struct CompilerOptions {
  std::string installation = "tollgate";
  // Serves objects that name no installation.
  bool default_installation = true;
  // --host-policy=Open: hosts belong to nobody, and a route may name none.
  bool open_hosts = false;
  // Namespaces whose Secrets could not be listed: plans there are broken, not empty.
  std::vector<std::string> secrets_denied_in;
};

struct Compiled {
  api::Snapshot snapshot;
  std::vector<ObjectVerdict> verdicts;  // of this installation's objects, sorted by kind and name
};

Compiled Compile(const store::ObjectSet& objects, const CompilerOptions& options);

}  // namespace tollgate::compile
