// Turns changes into configurations: gathers what the watches report, waits for quiet, compiles all that is
// there, and hands the result over. Level-based: a change only says that it is time to look. A thread of its
// own; what reports may be called from any other.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "api/base/clock.h"
#include "controller/compile/compiler.h"
#include "controller/publish/source_states.h"
#include "controller/store/resource_store.h"

namespace tollgate::publish {

struct RebuildOptions {
  compile::CompilerOptions compiler;
  // A rebuild waits until nothing has changed for this long, but never longer than the cap.
  std::chrono::milliseconds quiet_period{20};
  std::chrono::milliseconds quiet_cap{250};
  // A collection that the API server refuses to show for this long holds up the first configuration no more,
  // and its Secrets are denied: what refers to it refuses. Until then what was known of it stays.
  std::chrono::milliseconds refusal_patience{30'000};
  // By which certificates expire; nullptr: none does.
  const WallClock* clock = nullptr;
  // On the loop's thread: the result, what it was made from, and how long that took.
  std::function<void(compile::Compiled compiled, const store::ObjectSet& objects,
                     std::chrono::nanoseconds took)>
      on_compiled;
};

class RebuildLoop {
 public:
  using SourceId = SourceStates::Id;
  using SourceState = SourceStates::State;
  using Change = std::function<bool(store::ResourceStore&)>;

  explicit RebuildLoop(RebuildOptions options);
  ~RebuildLoop();  // ends the thread

  // Before Start: a collection that the first configuration waits for.
  SourceId AddSource(SourceTraits traits = {});
  void Start();

  // Any thread. `change` is applied to the store on the loop's thread and says whether it matters.
  void Report(Change change);
  void ReportState(SourceId source, SourceState state);

  // Whether the first configuration has been handed over.
  bool ready() const;

 private:
  void Run();
  bool AwaitWork(std::unique_lock<std::mutex>& lock);
  bool HasExpired() const;
  void Compile(compile::CompilerOptions options);

  const RebuildOptions options_;
  store::ResourceStore store_;        // the loop's thread alone
  compile::ConsumerCache consumers_;  // likewise
  int64_t valid_until_ = 0;           // likewise: compile::Compiled::valid_until of the last one

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  SourceStates sources_;         // guarded by mutex_
  std::vector<Change> changes_;  // guarded by mutex_
  bool state_told_ = false;      // guarded by mutex_
  bool stopping_ = false;        // guarded by mutex_
  bool ready_ = false;           // guarded by mutex_
  std::thread thread_;
};

}  // namespace tollgate::publish
