// The pages of the controller: /livez, /readyz, /metrics.
#pragma once

#include <functional>
#include <string>

#include "controller/admin/admin_server.h"
#include "controller/admin/controller_metrics.h"

namespace tollgate::admin {

struct ControllerSources {
  // Why the controller is not ready, as one sentence; empty: it is.
  std::function<std::string()> unready;
  // Read at each scrape.
  std::function<ControllerFigures()> figures;
};

// The sources and `metrics` must outlive the server. The functions are called on the server's thread.
Pages ControllerPages(ControllerSources sources, const ControllerMetrics& metrics);

}  // namespace tollgate::admin
