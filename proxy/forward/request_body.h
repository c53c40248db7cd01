// A request's body for its tries: as long as it is short it is kept, so that a try that came to nothing can
// be followed by another one. One thread.
#pragma once

#include <string>
#include <string_view>

#include "proxy/exchange/downstream.h"
#include "proxy/io/task.h"

namespace tollgate::forward {

// Who wants the body as a whole, beside its way to the upstream. Never hears of one that is not kept.
class BodyObserver {
 public:
  // Once: all of it has come.
  virtual void OnWholeBody(std::string_view body) = 0;

 protected:
  ~BodyObserver() = default;
};

class RequestBody {
 public:
  // Nearly every unary call of gRPC fits; a thousand of them under way keep 64 MiB at most.
  static constexpr size_t kMostKept = 64 * 1024;

  // `keeps`: for upstreams that may refuse a request of which they have seen the body.
  RequestBody(exchange::Downstream& downstream, bool keeps) : downstream_(downstream), keeps_(keeps) {}

  // It is kept for `observer`, too, which outlives it. Before anything is read.
  void Observe(BodyObserver& observer) {
    observer_ = &observer;
    keeps_ = true;
  }

  // As Downstream::ReadBody().
  io::Task<http::BodyPiece> Read() { return keeps_ ? ReadAndKeep() : downstream_.ReadBody(); }

  // Whether it can be read from its beginning again.
  bool whole() const { return !lost_ && (keeps_ || !downstream_.request_framing().has_body()); }
  void Rewind() { next_ = 0; }

 private:
  io::Task<http::BodyPiece> ReadAndKeep();

  exchange::Downstream& downstream_;
  bool keeps_;
  BodyObserver* observer_ = nullptr;
  bool lost_ = false;  // it was too long
  bool ended_ = false;
  std::string kept_;
  size_t next_ = 0;  // of kept_
};

}  // namespace tollgate::forward
