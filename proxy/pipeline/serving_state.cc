#include "proxy/pipeline/serving_state.h"

#include "api/base/digest.h"

namespace tollgate::pipeline {

ServingState::ServingState(std::shared_ptr<const snapshot::Catalog> decoded, limit::LimitTable limit_table,
                           Books& books, int64_t now)
    : catalog(std::move(decoded)),
      version(ToHex(catalog->version())),
      tls(*catalog, books.tls_terms, now),
      routes(*catalog),
      guards(*catalog),
      cors(*catalog),
      edits(*catalog),
      error_templates(*catalog),
      authenticator(*catalog),
      credentials(*catalog, authenticator.keys()),
      limits(std::move(limit_table)),
      forwarding(*catalog, books.endpoints) {}

Result<std::shared_ptr<const ServingState>> BuildServingState(const api::Snapshot& snapshot, Books& books,
                                                              int64_t now) {
  Result<std::shared_ptr<const snapshot::Catalog>> catalog = snapshot::Catalog::Decode(snapshot);
  if (!catalog.ok()) return catalog.error();
  Result<limit::LimitTable> limits = limit::LimitTable::Make(**catalog);
  if (!limits.ok()) return limits.error();
  std::shared_ptr<const ServingState> state =
      std::make_shared<const ServingState>(*catalog, std::move(*limits), books, now);
  books.endpoints.Forget();
  return state;
}

}  // namespace tollgate::pipeline
