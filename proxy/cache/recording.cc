#include "proxy/cache/recording.h"

#include <algorithm>
#include <utility>

#include "proxy/cache/shared_tier.h"

namespace tollgate::cache {

Recording::Recording(Plan plan, MemoryCache& memory, RecordingBudget& budget)
    : plan_(std::move(plan)), memory_(memory), budget_(budget) {}

Recording::Recording(Recording&& other) noexcept
    : plan_(std::move(other.plan_)),
      memory_(other.memory_),
      budget_(other.budget_),
      taken_(std::exchange(other.taken_, 0)) {}

Recording::~Recording() { GiveUp(); }

void Recording::GiveUp() {
  plan_.response.reset();
  budget_.Return(std::exchange(taken_, 0));
}

// Takes the memory from the budget before it is allocated.
bool Recording::Grow(size_t bytes) {
  std::string& body = plan_.response->body;
  if (bytes > plan_.max_body) return false;
  if (bytes <= body.capacity()) return true;
  // The announced length at once; else doubled, so that many small pieces are not copied over and over.
  const size_t wanted = plan_.length.value_or(bytes * 2);
  const size_t capacity = std::max(wanted, bytes);
  if (!budget_.Take(capacity - taken_)) return false;
  taken_ = capacity;
  body.reserve(capacity);
  return true;
}

bool Recording::Append(std::string_view piece) {
  if (!active()) return false;
  if (!Grow(plan_.response->body.size() + piece.size())) {
    GiveUp();
    return false;
  }
  plan_.response->body.append(piece);
  return true;
}

bool Recording::Commit() {
  if (!active()) return false;
  const bool whole = !plan_.length || plan_.response->body.size() == *plan_.length;
  bool stored = false;
  if (whole && plan_.target.current()) {
    plan_.response->body.shrink_to_fit();
    const std::shared_ptr<const StoredResponse> response = std::move(plan_.response);
    stored = memory_.Insert({plan_.key, plan_.hash}, response, std::move(plan_.target));
    if (plan_.place != nullptr) plan_.place->tier.Store(*plan_.place, plan_.key, *response);
  }
  GiveUp();
  return stored;
}

}  // namespace tollgate::cache
