// Reads one HTTP/1 message after the other off a stream: a head, then its body piece by piece. Heads are
// slices of the reader's buffer and stay valid until FinishMessage(). One thread: the stream's.
#pragma once

#include <coroutine>
#include <memory>
#include <string_view>

#include "proxy/http/body_decoder.h"
#include "proxy/http/head_parser.h"
#include "proxy/http/trailers.h"
#include "proxy/io/buffer_pool.h"
#include "proxy/io/stream.h"
#include "proxy/io/task.h"

namespace tollgate::http {

// The largest head that is read. As much as nginx takes by default (large_client_header_buffers 4 × 8 KiB);
// half of a block, so that the other half is left to the body.
inline constexpr size_t kMaxHeadBytes = io::kBlockBytes / 2;

struct HeadRead {
  enum class Status {
    kDone,
    kClosed,     // the peer closed before a first byte
    kTruncated,  // … inside the head
    kTimeout,
    kCancelled,
    kFailed,
    kMalformed,
    kTooLarge,
  };
  Status status;
  std::string_view head = {};    // kDone
  std::string_view reason = {};  // kMalformed
};

struct BodyPiece {
  enum class Status {
    kData,       // `data` has content; more may follow
    kEnd,        // the body has ended; `data` is empty
    kTruncated,  // the connection ended inside the body
    kMalformed,
    kTimeout,
    kCancelled,
    kFailed,
  };
  Status status;
  std::string_view data = {};  // valid until the next read
};

// Who wants to know what reading ahead came to.
class AheadObserver {
 public:
  // `result` is not ok: the peer sends nothing more (kEof), or is gone.
  virtual void OnAhead(const io::IoResult& result) = 0;

 protected:
  ~AheadObserver() = default;
};

class MessageReader {
 public:
  explicit MessageReader(io::Stream& stream) : stream_(stream), block_(io::TakeBlock()) {}

  // Whether bytes of a next message are there already (pipelining).
  bool has_input() const { return end_ > next_; }
  // Whether a byte of the message has been read.
  bool message_begun() const { return end_ > 0; }

  // Waits until the next message's first byte is there.
  io::Task<io::IoResult> AwaitMessage();
  // After AwaitMessage has come to its deadline: waits until something can be read, and holds no memory
  // meanwhile.
  io::Task<io::IoResult> AwaitParked();
  // Empty lines before a request line are skipped when `skip_empty_lines` (RFC 9112, section 2.2).
  io::Task<HeadRead> ReadHead(bool skip_empty_lines);

  // After a head: how the body that follows it is framed.
  void BeginBody(Framing framing) {
    decoder_ = BodyDecoder(framing);
    trailers_.reset();
  }
  bool body_done() const { return decoder_.done(); }
  // What came behind a body that has ended; nullptr: nothing did.
  const Trailers* trailers() const { return trailers_.get(); }
  io::Task<BodyPiece> ReadBody();
  // What has arrived of the body already, without waiting; kData without data where nothing has. Whether that
  // was all of it, body_done() says.
  BodyPiece TakeBufferedBody();

  // While the message that has been read whole is at work: begins to read the next one's first bytes, so that
  // it is noticed when the peer ends or goes. It is the read that AwaitMessage would begin later, and will
  // wait for, so it costs no system call of its own. Not while bytes of a next message are there already. The
  // observer hears of it unless somebody waits in AwaitMessage or Ahead, and must outlive the read.
  void ReadAhead(AheadObserver& observer);
  bool reading_ahead() const { return reading_ahead_; }
  // Whether it has met the peer's end.
  bool ended() const { return ended_; }
  // co_await: the end of that read. Only while reading_ahead().
  struct AheadAwaiter;
  AheadAwaiter Ahead();

  // What has been read behind the head or the part of the body that is used up.
  std::string_view rest() const { return {block_.get() + next_, end_ - next_}; }

  // Gives back what memory is not in use, while nobody wants to read: all behind the head, once every piece
  // of the body that has been read has also been used.
  void ReleaseSpace();

  // The head's slices become invalid; what has been read beyond the body is the next message's.
  void FinishMessage();

 private:
  io::Task<void> RunAhead(AheadObserver& observer);
  HeadRead TakeHead(bool skip_empty_lines);
  BodyPiece DecodeBuffered();

  io::Stream& stream_;
  io::Block block_;
  HeadScanner scanner_;
  BodyDecoder decoder_;
  std::unique_ptr<Trailers> trailers_;
  size_t head_end_ = 0;
  size_t next_ = 0;  // the first byte that is not used up
  size_t end_ = 0;   // the end of what has been read
  bool reading_ahead_ = false;
  bool ended_ = false;  // reading ahead has met the end: reading again would wait for it in vain
  io::IoResult ahead_;  // what reading ahead came to last
  std::coroutine_handle<> ahead_waiter_;
};

struct MessageReader::AheadAwaiter {
  MessageReader& reader;
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> waiter) { reader.ahead_waiter_ = waiter; }
  io::IoResult await_resume() const { return reader.ahead_; }
};

inline MessageReader::AheadAwaiter MessageReader::Ahead() { return {*this}; }

}  // namespace tollgate::http
