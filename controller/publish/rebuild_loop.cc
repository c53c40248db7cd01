#include "controller/publish/rebuild_loop.h"

#include <algorithm>
#include <utility>

namespace tollgate::publish {

RebuildLoop::RebuildLoop(RebuildOptions options)
    : options_(std::move(options)), sources_(options_.refusal_patience) {}

RebuildLoop::~RebuildLoop() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

RebuildLoop::SourceId RebuildLoop::AddSource(SourceTraits traits) {
  const std::scoped_lock lock(mutex_);
  return sources_.Add(std::move(traits));
}

void RebuildLoop::Start() {
  thread_ = std::thread([this] { Run(); });
}

void RebuildLoop::Report(Change change) {
  {
    const std::scoped_lock lock(mutex_);
    changes_.push_back(std::move(change));
  }
  wake_.notify_all();
}

void RebuildLoop::ReportState(SourceId source, SourceState state) {
  {
    const std::scoped_lock lock(mutex_);
    sources_.Report(source, state, SteadyNow());
    state_told_ = true;
  }
  wake_.notify_all();
}

bool RebuildLoop::ready() const {
  const std::scoped_lock lock(mutex_);
  return ready_;
}

bool RebuildLoop::AwaitWork(std::unique_lock<std::mutex>& lock) {
  const auto something = [this] { return stopping_ || state_told_ || !changes_.empty(); };
  // While a refusal is waited out, or a certificate may expire, time itself is work. How long until then a
  // wall clock cannot say: it may be set.
  if (sources_.undecided()) {
    wake_.wait_for(lock, std::chrono::milliseconds(100), something);
  } else if (valid_until_ != 0) {
    while (!wake_.wait_for(lock, std::chrono::seconds(1), something)) {
      if (HasExpired()) return !stopping_;
    }
  } else {
    wake_.wait(lock, something);
  }
  const SteadyTime cap = SteadyNow() + options_.quiet_cap;
  for (size_t seen = 0; !stopping_ && seen != changes_.size();) {
    seen = changes_.size();
    const SteadyTime quiet = std::min(cap, SteadyNow() + options_.quiet_period);
    wake_.wait_until(lock, quiet, [&] { return stopping_ || changes_.size() != seen; });
    if (SteadyNow() >= cap) break;
  }
  return !stopping_;
}

bool RebuildLoop::HasExpired() const {
  return valid_until_ != 0 && options_.clock->Now() / 1'000'000 >= valid_until_;
}

void RebuildLoop::Run() {
  std::unique_lock lock(mutex_);
  bool stale = true;  // what was handed over last, if anything, is not what is there
  while (AwaitWork(lock)) {
    std::vector<Change> changes = std::exchange(changes_, {});
    state_told_ = false;
    sources_.Judge(SteadyNow());
    stale = sources_.TakeChanged() || HasExpired() || stale;
    // Judged by what the sources said when these changes were taken: one that syncs while they are applied
    // has its list still to come.
    const SourceStates sources = sources_;
    lock.unlock();
    for (const Change& change : changes) stale = change(store_) || stale;
    if (stale && sources.MayCompile()) {
      compile::CompilerOptions compiler = options_.compiler;
      compiler.secrets_denied_in = sources.DeniedSpaces();
      stale = false;
      Compile(std::move(compiler));
      lock.lock();
      ready_ = true;
      continue;
    }
    lock.lock();
  }
}

void RebuildLoop::Compile(compile::CompilerOptions options) {
  const SteadyTime began = SteadyNow();
  if (options_.clock != nullptr) options.now = options_.clock->Now() / 1'000'000;
  compile::Compiled compiled = compile::Compile(store_.objects(), options, &consumers_);
  valid_until_ = options_.clock == nullptr ? 0 : compiled.valid_until;
  options_.on_compiled(std::move(compiled), store_.objects(), SteadyNow() - began);
}

}  // namespace tollgate::publish
