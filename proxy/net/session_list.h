// The connections of a core, so that a drain finds them. One thread: the core's.
#pragma once

#include <cstddef>

namespace tollgate::net {

class Session {
 public:
  virtual ~Session() = default;
  virtual void Drain() = 0;

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

 private:
  Session* first_ = nullptr;
  size_t size_ = 0;
};

}  // namespace tollgate::net
