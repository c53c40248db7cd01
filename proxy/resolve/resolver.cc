#include "proxy/resolve/resolver.h"

#include <utility>

#include "api/base/log.h"

namespace tollgate::resolve {
namespace {

using Standing = NameRecord::Standing;

// Once for each change, not for each lookup.
void LogChange(const std::string& host, const NameRecord& record, Standing before) {
  if (record.standing() == before) return;
  switch (record.standing()) {
    case Standing::kStale:
      log::Warning("a target's name could not be looked up again, the addresses that it had are used: " +
                       record.reason(),
                   {{"name", host}});
      break;
    case Standing::kUnknown:
      log::Warning("a target's name leads to no address, requests to it get 503: " + record.reason(),
                   {{"name", host}});
      break;
    case Standing::kFresh:
      if (before != Standing::kPending)
        log::Info("a target's name leads to addresses again", {{"name", host}});
      break;
    case Standing::kPending: break;
  }
}

}  // namespace

class Resolver::Name final : public io::Timer {
 public:
  Name(Resolver& resolver, std::string text) : host(std::move(text)), resolver_(resolver) {}

  const std::string host;
  NameRecord record;

 private:
  void OnTimer() override { resolver_.LookUp(resolver_.names_.at(host)); }

  Resolver& resolver_;
};

Resolver::Resolver(const ResolverOptions& options, OnChange on_change)
    : options_(options),
      on_change_(std::move(on_change)),
      client_(std::make_unique<DnsClient>(loop_, options_.servers)),
      thread_([this] { loop_.Run(); }) {}

Resolver::~Resolver() {
  loop_.Post([this] {
    names_.clear();
    client_.reset();
  });
  loop_.Stop();
  thread_.join();
}

void Resolver::Follow(const std::string& host) {
  {
    const std::scoped_lock lock(mutex_);
    ++pending_;
  }
  loop_.Post([this, host] {
    const auto name = std::make_shared<Name>(*this, host);
    names_.emplace(host, name);
    LookUp(name);
  });
}

void Resolver::Leave(const std::string& host) {
  loop_.Post([this, host] {
    const auto found = names_.find(host);
    if (found == names_.end()) return;
    const bool pending = found->second->record.standing() == Standing::kPending;
    names_.erase(found);
    if (pending) {
      const std::scoped_lock lock(mutex_);
      --pending_;
    }
    Publish(nullptr);
  });
}

void Resolver::LookUp(const std::shared_ptr<Name>& name) {
  ++under_way_;
  client_->Find(name->host, [this, asked = std::weak_ptr<Name>(name)](const Lookup& lookup) {
    --under_way_;
    const std::shared_ptr<Name> still = asked.lock();
    if (still != nullptr) Take(*still, lookup);
  });
}

void Resolver::Take(Name& name, const Lookup& lookup) {
  const Standing before = name.record.standing();
  const bool changed = name.record.Note(lookup, options_.rules, SteadyNow());
  LogChange(name.host, name.record, before);
  if (changed) on_change_(name.host, name.record.addresses());
  loop_.Arm(name, name.record.next());
  if (before == Standing::kPending) {
    const std::scoped_lock lock(mutex_);
    --pending_;
  }
  Publish(&lookup);
  // Not now: c-ares is in the middle of it.
  if (lookup.outcome == Lookup::Outcome::kFailed) loop_.Post([this] { BeginAnew(); });
}

// What the machine's files say of name servers may have changed, and c-ares reads them once.
void Resolver::BeginAnew() {
  if (client_ != nullptr && under_way_ == 0) client_ = std::make_unique<DnsClient>(loop_, options_.servers);
}

void Resolver::Publish(const Lookup* lookup) {
  ResolverTally tally;
  for (const auto& [host, name] : names_) {
    const Standing standing = name->record.standing();
    tally.fresh += standing == Standing::kFresh ? 1 : 0;
    tally.stale += standing == Standing::kStale ? 1 : 0;
    tally.unknown += standing == Standing::kUnknown || standing == Standing::kPending ? 1 : 0;
  }
  const std::scoped_lock lock(mutex_);
  tally.answered = tally_.answered;
  tally.failed = tally_.failed;
  if (lookup != nullptr) ++(lookup->outcome == Lookup::Outcome::kFailed ? tally.failed : tally.answered);
  tally_ = tally;
  first_.notify_all();
}

void Resolver::AwaitFirst(std::chrono::milliseconds limit) {
  std::unique_lock lock(mutex_);
  first_.wait_for(lock, limit, [this] { return pending_ == 0; });
}

ResolverTally Resolver::tally() const {
  const std::scoped_lock lock(mutex_);
  return tally_;
}

}  // namespace tollgate::resolve
