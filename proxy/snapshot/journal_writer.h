// Writes snapshots to the disk off the way of those who serve and acknowledge them: the newest wins, those
// that came while the disk was busy are skipped. Any thread; a thread of its own.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>

#include "proxy/snapshot/journal.h"

namespace tollgate::snapshot {

class JournalWriter {
 public:
  explicit JournalWriter(Journal journal);
  // Writes what is waiting, then ends.
  ~JournalWriter();

  // Returns at once. A disk that fails is told in the log, and the snapshot serves all the same.
  void Keep(std::shared_ptr<const api::Snapshot> snapshot);

 private:
  void Run();
  void Write(const api::Snapshot& snapshot);

  const Journal journal_;
  bool failing_ = false;  // only the writer's thread

  std::mutex mutex_;
  std::condition_variable changed_;
  std::shared_ptr<const api::Snapshot> waiting_;  // guarded by mutex_
  bool over_ = false;                             // guarded by mutex_
  std::thread thread_;
};

}  // namespace tollgate::snapshot
