#include "proxy/forward/choice.h"

namespace tollgate::forward {

EndpointChoice::EndpointChoice(const UpstreamTable& table, const api::Rule& rule,
                               snapshot::UpstreamIndex upstream, const http::Fields& fields,
                               LiveNamedTable::Reader* names)
    : table_(table), rule_(rule), upstream_(upstream), endpoints_(table.EndpointsOf(upstream, names)) {
  const api::Balancing& balancing = rule.balancing();
  if (balancing.type() == api::Balancing::ROUND_ROBIN) balance_ = Balance::kRoundRobin;
  if (balancing.type() != api::Balancing::CONSISTENT_HASH) return;
  const http::Field* const field = fields.Find(balancing.header());
  if (field == nullptr) return;  // nothing to keep together: the least busy one
  balance_ = Balance::kConsistentHash;
  key_ = KeyHash(field->value);
}

Selection EndpointChoice::SelectionAt(uint64_t random, SteadyTime now) const {
  uint64_t place = key_;
  if (balance_ == Balance::kRoundRobin) {
    place = table_.RecordOf(upstream_).turn.fetch_add(1, std::memory_order_relaxed);
  }
  return {random, now, rule_.passive_health().max_ejected_percent(), balance_, place};
}

Endpoint* EndpointChoice::Next(uint64_t random, SteadyTime now) {
  const Selection selection = SelectionAt(random, now);
  Endpoint* const next = endpoints_->Choose(selection, tried_);
  if (next != nullptr || tried_.size() == unreachable_) return next;
  tried_.resize(unreachable_);
  return endpoints_->Choose(selection, tried_);
}

const io::Address* EndpointChoice::AlternateTo(const Endpoint& endpoint) const {
  if (!table_.IsNamed(upstream_)) return nullptr;  // endpoints of a Service are different hosts
  const Endpoint* const other = endpoints_->OtherFamily(endpoint);
  return other == nullptr ? nullptr : &other->address;
}

void EndpointChoice::Note(Endpoint& endpoint, Ending ending, int status) {
  const Sign sign = SignOf(ending, status);
  if (sign == Sign::kGood) return endpoint.health.NoteSuccess();
  if (sign == Sign::kBad) endpoints_->NoteFailure(rule_.passive_health(), endpoint, SteadyNow());
}

void EndpointChoice::LeaveOut(Endpoint& endpoint, Ending ending) {
  // That a connection had been closed while it was idle says nothing against its endpoint.
  if (ending == Ending::kStale) return;
  const bool unreachable = ending == Ending::kNotConnected;
  tried_.insert(unreachable ? tried_.begin() + static_cast<ptrdiff_t>(unreachable_) : tried_.end(),
                &endpoint);
  if (unreachable) ++unreachable_;
}

}  // namespace tollgate::forward
