// Hands an answer's status and body from the HTTP library's threads to the one thread that wants them, a
// piece at a time and without a copy. The library gets on only when a piece was used, so a slow reader slows
// the connection down and memory stays flat.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "api/base/clock.h"
#include "api/base/result.h"

namespace tollgate::kube {

class BodyPipe {
 public:
  // Called once for each piece: it was used, or nobody wants it.
  using Consumed = std::function<void()>;

  // The library's side, any thread: the status, then pieces (each after the one before it was consumed),
  // then the end. The bytes of a piece must stay valid until `consumed` is called.
  void PutStatus(int status);
  void PutPiece(std::string_view bytes, Consumed consumed);
  void PutEnd(std::optional<Fault> fault);

  // The reader's side, one thread. Each waits until there is something, the deadline has passed or `stop` is
  // requested; the latter two are faults, and so is an end before the status.
  Result<int> AwaitStatus(SteadyTime deadline, std::stop_token stop);
  // The next piece, valid until the next call; empty at the end.
  Result<std::string_view> AwaitPiece(SteadyTime deadline, std::stop_token stop);
  // No more is wanted: lets go of the piece at hand and of all that come.
  void Close();

 private:
  struct Piece {
    std::string_view bytes;
    Consumed consumed;
  };

  // Waits until `ready()`; nothing when it is so.
  template <class Ready>
  std::optional<Fault> Await(std::unique_lock<std::mutex>& lock, SteadyTime deadline, std::stop_token stop,
                             Ready ready);
  void Release();

  std::mutex mutex_;
  std::condition_variable_any changed_;
  // Guarded by mutex_.
  std::optional<int> status_;
  std::optional<Piece> piece_;
  bool taken_ = false;  // the reader has seen piece_
  bool ended_ = false;
  bool closed_ = false;
  std::optional<Fault> fault_;
};

}  // namespace tollgate::kube
