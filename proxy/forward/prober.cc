#include "proxy/forward/prober.h"

#include <algorithm>
#include <utility>

#include "api/base/log.h"
#include "proxy/forward/probe.h"

namespace tollgate::forward {

using std::chrono::milliseconds;

namespace {

// Endpoints are first asked within this, not all at the same moment.
constexpr milliseconds kFirstWithin{1'000};
// How soon it is seen that a name leads elsewhere.
constexpr milliseconds kLookAtNames{500};

bool IsGood(int status) { return status >= 200 && status < 400; }

}  // namespace

// One endpoint, asked in one way.
class Prober::Probe final : public io::Timer, public std::enable_shared_from_this<Prober::Probe> {
 public:
  Probe(Prober& prober, std::shared_ptr<Endpoint> endpoint, ProbeTerms terms)
      : endpoint_(std::move(endpoint)), terms_(std::move(terms)), prober_(&prober) {}
  ~Probe() override {
    if (failing_) endpoint_->health.NoteProbes(false, SteadyNow());
  }

  const Endpoint& endpoint() const { return *endpoint_; }
  const ProbeTerms& terms() const { return terms_; }
  // What it finds from now on counts for nothing.
  void End() {
    Cancel();
    prober_ = nullptr;
  }
  bool ended() const { return prober_ == nullptr; }

  // `status` of the answer; 0: there was none in time.
  void Note(int status) {
    const bool good = IsGood(status);
    in_a_row_ = good == failing_ ? in_a_row_ + 1 : 0;
    if (in_a_row_ < (failing_ ? terms_.healthy_after : terms_.unhealthy_after)) return;
    in_a_row_ = 0;
    failing_ = !failing_;
    endpoint_->health.NoteProbes(failing_, SteadyNow());
    (failing_ ? log::Warning : log::Info)(
        failing_ ? "an endpoint does not answer its probes and is left out"
                 : "an endpoint answers its probes again",
        {{"endpoint", endpoint_->name}, {"path", terms_.path}, {"status", std::to_string(status)}});
  }

 private:
  void OnTimer() override {
    if (!ended()) io::Detach(prober_->Ask(shared_from_this()));
  }

  const std::shared_ptr<Endpoint> endpoint_;
  const ProbeTerms terms_;
  Prober* prober_;
  bool failing_ = false;
  uint32_t in_a_row_ = 0;  // probes that spoke against what is thought of the endpoint
};

Prober::~Prober() {
  for (const auto& [key, probe] : probes_) probe->End();
}

SteadyTime::duration Prober::Part(SteadyTime::duration whole) {
  // xorshift64* (Vigna, 2016).
  random_state_ ^= random_state_ >> 12;
  random_state_ ^= random_state_ << 25;
  random_state_ ^= random_state_ >> 27;
  const auto part = static_cast<int64_t>((random_state_ * 0x2545F4914F6CDD1DULL) >> 54);  // of 1,024
  return whole * part / 1'024;
}

// A tenth more or less keeps endpoints and proxies apart.
SteadyTime::duration Prober::Jittered(SteadyTime::duration interval) {
  return interval * 9 / 10 + Part(interval / 5);
}

void Prober::Follow(std::shared_ptr<const ForwardTables> tables) {
  tables_ = std::move(tables);
  if (!names_) names_.emplace(tables_->upstreams.names());
  Reconcile();
  if (!armed()) loop_.Arm(*this, SteadyNow() + kLookAtNames);
}

void Prober::OnTimer() {
  if (loop_.stopping()) return;
  if (names_->Pin() != seen_) Reconcile();
  // With nothing to probe it is followed by the next configuration.
  if (!tables_->probes.upstreams().empty()) loop_.Arm(*this, SteadyNow() + kLookAtNames);
}

void Prober::Reconcile() {
  seen_ = names_->Pin();
  std::map<std::string, std::shared_ptr<Probe>> wanted;
  for (const ProbedUpstream& probed : tables_->probes.upstreams()) {
    const auto endpoints = tables_->upstreams.EndpointsOf(probed.upstream, &*names_);
    for (const std::shared_ptr<Endpoint>& endpoint : endpoints->ready) {
      const std::string key = endpoint->name + '\0' + probed.terms.key;
      const auto known = probes_.find(key);
      if (known != probes_.end()) {
        wanted.insert(*known);
        continue;
      }
      const auto [at, is_new] = wanted.try_emplace(key);
      if (!is_new) continue;
      at->second = std::make_shared<Probe>(*this, endpoint, probed.terms);
      const SteadyTime::duration within = std::min<SteadyTime::duration>(kFirstWithin, probed.terms.interval);
      loop_.Arm(*at->second, SteadyNow() + Part(within));
    }
  }
  for (const auto& [key, probe] : probes_) {
    if (!wanted.contains(key)) probe->End();
  }
  probes_ = std::move(wanted);
}

io::Task<void> Prober::Ask(std::shared_ptr<Probe> probe) {
  const SteadyTime began = SteadyNow();
  io::Task<int> asking = ProbeOnce(loop_, probe->endpoint(), probe->terms(), began + probe->terms().timeout);
  const int status = co_await asking;
  if (loop_.stopping() || probe->ended()) co_return;
  probe->Note(status);
  loop_.Arm(*probe, std::max(SteadyNow(), began + Jittered(probe->terms().interval)));
}

}  // namespace tollgate::forward
