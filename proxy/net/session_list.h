// The connections of a core, and how far its end has come, so that a drain finds them and they know of it.
// One thread: the core's.
#pragma once

#include <cstddef>
#include <cstdint>

#include "proxy/net/connection_report.h"

namespace tollgate::net {

// A drain goes through these in order; it may skip any.
enum class DrainPhase : uint8_t {
  kServing,
  kGrace,      // new connections are still served; every answer says that it is its connection's last
  kFinishing,  // no new connections; idle ones close, the others after the answer under way
  kCut,        // what is still under way is cut off
};

class Session {
 public:
  virtual ~Session() = default;
  // Closes where nothing is under way.
  virtual void CloseIfIdle() = 0;
  // Adds itself.
  virtual void CountIn(SessionTally& tally) const = 0;
  // Called about once a second.
  virtual void LookAtCaller() = 0;

 private:
  friend class SessionList;
  Session* next_ = nullptr;
  Session* previous_ = nullptr;
};

class SessionList {
 public:
  void Add(Session& session) {
    session.next_ = first_;
    session.previous_ = nullptr;
    if (first_ != nullptr) first_->previous_ = &session;
    first_ = &session;
    ++size_;
  }
  void Remove(Session& session) {
    (session.previous_ != nullptr ? session.previous_->next_ : first_) = session.next_;
    if (session.next_ != nullptr) session.next_->previous_ = session.previous_;
    --size_;
  }

  // A session may leave the list while it is visited.
  template <class Visit>
  void ForEach(Visit visit) {
    for (Session* session = first_; session != nullptr;) {
      Session* const next = session->next_;
      visit(*session);
      session = next;
    }
  }

  size_t size() const { return size_; }

  DrainPhase phase() const { return phase_; }
  void SetPhase(DrainPhase phase) { phase_ = phase; }

 private:
  Session* first_ = nullptr;
  size_t size_ = 0;
  DrainPhase phase_ = DrainPhase::kServing;
};

}  // namespace tollgate::net
