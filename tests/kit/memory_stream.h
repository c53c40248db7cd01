// A Stream in memory: the test feeds what the peer sends, piece by piece, and reads what was written.
// One thread.
#pragma once

#include <deque>
#include <limits>
#include <string>
#include <string_view>

#include "proxy/io/stream.h"

namespace tollgate::kit {

class MemoryStream final : public io::Stream {
 public:
  // What the peer sends next: each piece is one read at most. A read that waits goes on at once.
  void Feed(std::string_view bytes);
  // How reading ends once everything fed has been read.
  void EndWith(io::IoStatus status);
  // The deadline of a read that waits, or of a wait for input, passes, just as the peer sends this.
  void TimeOutWith(std::string_view bytes);
  // From now on the peer takes this many bytes and no more; a write that waits goes on at once.
  void MakeRoom(size_t bytes);
  // From now on writes fail.
  void FailWrites() { writes_fail_ = true; }
  // What IsQuiet() says while the stream is open.
  void SetQuiet(bool quiet) { quiet_ = quiet; }

  const std::string& written() const { return written_; }
  bool closed() const { return closed_; }
  bool write_shut() const { return write_shut_; }
  bool read_waits() const { return waiting_ != nullptr; }
  bool write_waits() const { return writing_ != nullptr; }
  // Whether somebody waits for input without a place to put it, or for room without a piece to send.
  bool input_awaited() const { return for_input_ != nullptr; }
  bool room_awaited() const { return for_room_ != nullptr; }
  SteadyTime read_deadline() const { return read_deadline_; }
  SteadyTime write_deadline() const { return write_deadline_; }

  void SetReadDeadline(SteadyTime when) override { read_deadline_ = when; }
  void SetWriteDeadline(SteadyTime when) override { write_deadline_ = when; }
  void Close() override;
  void ShutdownWrite() override { write_shut_ = true; }
  bool HasRoom() override { return room_ > 0; }
  bool IsQuiet() override { return !closed_ && quiet_ && pieces_.empty(); }
  const io::Address& peer() const override { return peer_; }

 private:
  bool WorthTrying() const override { return true; }
  io::IoResult TryRead(std::span<char> into) override;
  io::IoResult TryWrite(std::span<iovec> pieces) override;
  void StartRead(ReadAwaiter& read) override { waiting_ = &read; }
  void StartWrite(WriteAwaiter& write) override { writing_ = &write; }
  void StartWait(ReadyAwaiter& wait) override {
    (wait.what == ReadyAwaiter::For::kInput ? for_input_ : for_room_) = &wait;
  }
  void GoOn();
  void GoOnWriting();
  static void Resume(ReadyAwaiter*& wait, io::IoStatus status);

  std::deque<std::string> pieces_;
  io::IoStatus end_ = io::IoStatus::kWouldBlock;
  std::string written_;
  bool writes_fail_ = false;
  bool quiet_ = true;
  bool closed_ = false;
  bool write_shut_ = false;
  ReadAwaiter* waiting_ = nullptr;
  size_t room_ = std::numeric_limits<size_t>::max();
  WriteAwaiter* writing_ = nullptr;
  ReadyAwaiter* for_input_ = nullptr;
  ReadyAwaiter* for_room_ = nullptr;
  SteadyTime read_deadline_ = SteadyTime::max();
  SteadyTime write_deadline_ = SteadyTime::max();
  io::Address peer_ = *io::Address::FromLiteral("192.0.2.1", 4711);
};

}  // namespace tollgate::kit
