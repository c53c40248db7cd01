#include "controller/admin/controller_pages.h"

#include <utility>

namespace tollgate::admin {
namespace {

AdminAnswer Plain(unsigned status, std::string text) {
  return {status, "text/plain; charset=utf-8", std::move(text) + "\n"};
}

}  // namespace

Pages ControllerPages(ControllerSources sources, const ControllerMetrics& metrics) {
  return {{"/livez", [] { return Plain(200, "ok"); }},
          {"/readyz",
           [unready = std::move(sources.unready)] {
             const std::string why = unready();
             return why.empty() ? Plain(200, "ok") : Plain(503, "not ready: " + why);
           }},
          {"/metrics", [figures = std::move(sources.figures), &metrics] {
             return AdminAnswer{200, "text/plain; version=0.0.4; charset=utf-8", metrics.Expose(figures())};
           }}};
}

}  // namespace tollgate::admin
