// Keeps up with a collection of objects: lists it, then watches it, and starts over whenever it must, for as
// long as it lives. The list is complete and the watch goes on where the list ended, so nothing is missed;
// what is seen twice is the receiver's to ignore. Keeps no objects.
#pragma once

#include <chrono>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "api/base/clock.h"
#include "controller/kube/client.h"
#include "controller/kube/watch_pauses.h"

namespace tollgate::kube {

enum class WatchState {
  kListing,      // the first list, or a new one since the API server no longer knows where we were
  kSynced,       // all that was there was reported, and what changes will be
  kForbidden,    // 403: the account may not; tried again
  kAbsent,       // 404: the API server does not know the kind; tried again
  kUnreachable,  // no answer, or one that is no use; tried again. What was reported may be out of date
};
std::string_view ToString(WatchState state);

enum class ObjectChange { kAdded, kModified, kDeleted };

// Told by a Watch, on the watch's own thread; while it is at work the watch reads no further. Must not stop
// the watch that is calling.
class WatchObserver {
 public:
  virtual ~WatchObserver() = default;
  // All objects that there are, as JSON text. Those reported before and not in here are gone.
  virtual void OnReplaced(std::vector<std::string> objects) = 0;
  // One object changed; a deleted one as it was last. `object` is valid during the call only.
  virtual void OnEvent(ObjectChange change, std::string_view object) = 0;
  // Nothing changed: a watch has begun, where the list or the watch before ended; and the API server's word,
  // each minute, that it goes on.
  virtual void OnOpened() = 0;
  virtual void OnBookmark() = 0;
  // Told on transitions, and when the reason for a trouble changes; `sentence` is for people.
  virtual void OnState(WatchState state, const std::string& sentence) = 0;
};

struct WatchOptions {
  int page_limit = 500;
  // After how long the API server is to end a watch; each picks from this range, so that the watches of many
  // replicas do not start anew at once.
  std::chrono::seconds shortest_watch{240};
  std::chrono::seconds longest_watch{480};
  // A watch that is silent for this much longer than it may last is on a dead connection.
  std::chrono::milliseconds silence_margin{15'000};
  std::chrono::milliseconds first_delay{200};
  // Somebody may be waiting for the edit they just made, the right they just gave or the CRD they installed.
  std::chrono::milliseconds longest_delay{10'000};
};

class Watch final : private LineSink {
 public:
  // Starts at once. `client` and `observer` must outlive it.
  Watch(const ApiClient& client, Collection collection, WatchObserver& observer, WatchOptions options = {});
  // Stops.
  ~Watch() override;

  // Ends the thread; the observer is not called any more once this returns. Waits for a call of the observer
  // that is under way, and for nothing else. Any thread but the watch's own; again is harmless.
  void Stop();

 private:
  // Why the watch has to wait before it goes on.
  struct Setback {
    Trouble trouble;
    std::optional<WatchState> state;  // none: a hiccup that nobody needs to know of
    std::string sentence;
  };

  void Run(std::stop_token stop);
  std::optional<Setback> List(const std::stop_token& stop);
  std::optional<Setback> ReadPages(const std::stop_token& stop, std::vector<std::string>& objects,
                                   std::string& version);
  std::optional<Setback> Follow(const std::stop_token& stop);
  std::optional<Setback> JudgeEnd(const Result<Answer>& answer, SteadyTime began);
  Setback Refused(const Answer& answer);
  void Show(WatchState state, const std::string& sentence);
  void Pause(const Setback& setback, const std::stop_token& stop);

  void OnOpen() override;
  bool OnLine(std::string_view line) override;
  void NoteError(std::string_view status_object);

  const ApiClient& client_;
  const Collection collection_;
  WatchObserver& observer_;
  const WatchOptions options_;

  // Only the watch's thread.
  WatchPauses pauses_;
  std::string resource_version_;  // where the watch goes on; empty: list first
  bool whole_list_ = false;       // the next list without pages
  std::optional<WatchState> state_;
  std::string sentence_;
  bool opened_ = false;            // of the answer that is being followed:
  bool fruitful_ = false;          // it brought something
  std::optional<Setback> failed_;  // it cannot go on

  std::jthread thread_;  // last: starts when all else is there
};

}  // namespace tollgate::kube
