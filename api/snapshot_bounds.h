// How large a snapshot may be: what a controller keeps to and a proxy takes. Constants; any thread.
#pragma once

#include <cstddef>

namespace tollgate::api {

// The body of one resource: has to fit into one message of the push (api/push_terms.h).
inline constexpr size_t kResourceBytes = size_t{3} << 20;

// The whole. A hundred thousand consumers take about 30 MB: far above what is sold as large, far below what a
// pod has.
inline constexpr size_t kSnapshotBytes = size_t{256} << 20;
inline constexpr int kSnapshotResources = 1'000'000;

}  // namespace tollgate::api
