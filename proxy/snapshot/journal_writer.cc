#include "proxy/snapshot/journal_writer.h"

#include <utility>

#include "api/base/log.h"

namespace tollgate::snapshot {

JournalWriter::JournalWriter(Journal journal) : journal_(std::move(journal)), thread_([this] { Run(); }) {}

JournalWriter::~JournalWriter() {
  {
    const std::scoped_lock lock(mutex_);
    over_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void JournalWriter::Keep(std::shared_ptr<const api::Snapshot> snapshot) {
  {
    const std::scoped_lock lock(mutex_);
    waiting_.swap(snapshot);
  }
  changed_.notify_one();
}

void JournalWriter::Run() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return waiting_ != nullptr || over_; });
    if (waiting_ == nullptr) return;
    const std::shared_ptr<const api::Snapshot> snapshot = std::move(waiting_);
    lock.unlock();
    Write(*snapshot);
    lock.lock();
  }
}

// A disk that stays full is one line in the log, not one a change.
void JournalWriter::Write(const api::Snapshot& snapshot) {
  const Status<> written = journal_.Write(snapshot);
  if (!written.ok() && !std::exchange(failing_, true)) {
    log::Error("the configuration is not kept, a restart would wait for a controller: " +
               written.error().message);
  }
  if (written.ok() && std::exchange(failing_, false)) log::Info("the configuration is kept on disk again");
}

}  // namespace tollgate::snapshot
