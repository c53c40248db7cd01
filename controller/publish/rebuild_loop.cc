#include "controller/publish/rebuild_loop.h"

#include <algorithm>
#include <set>

namespace tollgate::publish {

RebuildLoop::RebuildLoop(RebuildOptions options) : options_(std::move(options)) {}

RebuildLoop::~RebuildLoop() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

RebuildLoop::SourceId RebuildLoop::AddSource(std::string secrets_space) {
  const std::scoped_lock lock(mutex_);
  sources_.push_back({.secrets_space = std::move(secrets_space)});
  return sources_.size() - 1;
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
    Source& known = sources_[source];
    if (known.state == state) return;
    if (state == SourceState::kRefused) known.refused_since = SteadyNow();
    known.state = state;
    state_changed_ = true;
  }
  wake_.notify_all();
}

bool RebuildLoop::ready() const {
  const std::scoped_lock lock(mutex_);
  return ready_;
}

bool RebuildLoop::MayCompile(const std::vector<Source>& sources, bool ready, SteadyTime now,
                             std::chrono::milliseconds patience) {
  return std::all_of(sources.begin(), sources.end(), [&](const Source& source) {
    if (source.state == SourceState::kSynced) return true;
    // Once something was published, a refusal counts at once: it takes away, never adds.
    return source.state == SourceState::kRefused && (ready || now - source.refused_since >= patience);
  });
}

std::vector<std::string> RebuildLoop::DeniedSpaces(const std::vector<Source>& sources) {
  std::set<std::string> denied;
  for (const Source& source : sources) {
    if (source.state == SourceState::kRefused && !source.secrets_space.empty())
      denied.insert(source.secrets_space);
  }
  return {denied.begin(), denied.end()};
}

bool RebuildLoop::AwaitWork(std::unique_lock<std::mutex>& lock) {
  const auto something = [this] { return stopping_ || state_changed_ || !changes_.empty(); };
  // While a refusal is waited out, time itself is work.
  if (ready_) {
    wake_.wait(lock, something);
  } else {
    wake_.wait_for(lock, std::chrono::milliseconds(100), something);
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

void RebuildLoop::Run() {
  std::unique_lock lock(mutex_);
  bool stale = true;  // what was handed over last, if anything, is not what is there
  while (AwaitWork(lock)) {
    std::vector<Change> changes = std::exchange(changes_, {});
    stale = std::exchange(state_changed_, false) || stale;
    // Judged by what the sources said when these changes were taken: one that syncs while they are applied
    // has its list still to come.
    const std::vector<Source> sources = sources_;
    const bool ready = ready_;
    lock.unlock();
    for (const Change& change : changes) stale = change(store_) || stale;
    if (stale && MayCompile(sources, ready, SteadyNow(), options_.refusal_patience)) {
      compile::CompilerOptions compiler = options_.compiler;
      compiler.secrets_denied_in = DeniedSpaces(sources);
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
  compile::Compiled compiled = compile::Compile(store_.objects(), options, &consumers_);
  options_.on_compiled(std::move(compiled), store_.objects(), SteadyNow() - began);
}

}  // namespace tollgate::publish
