#include "proxy/http/message_reader.h"

#include <cstring>
#include <utility>

namespace tollgate::http {
namespace {

template <class Status>
Status FromIo(io::IoStatus status) {
  switch (status) {
    case io::IoStatus::kTimeout: return Status::kTimeout;
    case io::IoStatus::kCancelled: return Status::kCancelled;
    case io::IoStatus::kEof: return Status::kTruncated;
    default: return Status::kFailed;
  }
}

}  // namespace

HeadRead MessageReader::TakeHead(bool skip_empty_lines) {
  std::string_view input(block_.get(), end_);
  if (skip_empty_lines) {
    size_t empty = 0;
    while (input.substr(empty).starts_with("\r\n")) empty += 2;
    if (empty > 0) {
      std::memmove(block_.get(), block_.get() + empty, end_ - empty);
      end_ -= empty;
      scanner_.Reset();
      input = std::string_view(block_.get(), end_);
    }
    if (input == "\r") return {HeadRead::Status::kTruncated};
  }
  const HeadResult scan = scanner_.Scan(input);
  if (scan.status == HeadStatus::kMalformed) return {HeadRead::Status::kMalformed, {}, scan.reason};
  if (scan.status == HeadStatus::kDone && scan.length <= kMaxHeadBytes) {
    head_end_ = next_ = scan.length;
    return {HeadRead::Status::kDone, input.substr(0, scan.length)};
  }
  // "Truncated" stands for "not all here yet" until the connection says otherwise.
  const bool too_large = scan.status == HeadStatus::kDone || end_ > kMaxHeadBytes;
  return {too_large ? HeadRead::Status::kTooLarge : HeadRead::Status::kTruncated};
}

io::Task<io::IoResult> MessageReader::AwaitMessage() {
  if (end_ > 0) co_return io::IoResult{};
  if (reading_ahead_) co_return co_await Ahead();
  if (ended_) co_return ahead_;
  io::Stream::ReadAwaiter read = stream_.Read({block_.get(), io::kBlockBytes});
  const io::IoResult result = co_await read;
  if (result.ok()) end_ = result.bytes;
  co_return result;
}

io::Task<io::IoResult> MessageReader::AwaitParked() {
  block_.reset();
  io::Stream::ReadyAwaiter input = stream_.AwaitInput();
  const io::IoResult result = co_await input;
  block_ = io::TakeBlock();
  co_return result;
}

void MessageReader::ReleaseSpace() {
  if (!has_input() && !reading_ahead_)
    io::ReleasePages({block_.get() + head_end_, io::kBlockBytes - head_end_});
}

io::Task<HeadRead> MessageReader::ReadHead(bool skip_empty_lines) {
  while (true) {
    if (end_ > 0) {
      const HeadRead taken = TakeHead(skip_empty_lines);
      if (taken.status != HeadRead::Status::kTruncated) co_return taken;
    }
    io::Stream::ReadAwaiter read = stream_.Read({block_.get() + end_, io::kBlockBytes - end_});
    const io::IoResult result = co_await read;
    if (!result.ok()) {
      const bool clean = result.status == io::IoStatus::kEof && end_ == 0;
      co_return HeadRead{clean ? HeadRead::Status::kClosed : FromIo<HeadRead::Status>(result.status)};
    }
    end_ += result.bytes;
  }
}

BodyPiece MessageReader::DecodeBuffered() {
  const BodyDecoder::Step step = decoder_.Decode({block_.get() + next_, end_ - next_});
  next_ += step.consumed;
  if (step.status == BodyDecoder::Status::kMalformed) return {BodyPiece::Status::kMalformed};
  if (!step.payload.empty()) return {BodyPiece::Status::kData, step.payload};
  if (step.status != BodyDecoder::Status::kDone) return {BodyPiece::Status::kData};
  if (decoder_.trailers().empty() || trailers_) return {BodyPiece::Status::kEnd};
  trailers_ = std::make_unique<Trailers>();
  const bool sound = ParseTrailers(decoder_.trailers(), *trailers_);
  return {sound ? BodyPiece::Status::kEnd : BodyPiece::Status::kMalformed};
}

BodyPiece MessageReader::TakeBufferedBody() { return DecodeBuffered(); }

io::Task<BodyPiece> MessageReader::ReadBody() {
  while (true) {
    const BodyPiece piece = DecodeBuffered();
    if (piece.status != BodyPiece::Status::kData || !piece.data.empty()) co_return piece;
    io::IoResult result = ahead_;
    if (reading_ahead_) {
      // What a tunnel's first bytes are was not known when they were waited for.
      result = co_await Ahead();
    } else if (!ended_) {
      // All that was read is used up: the space behind the head is free again.
      next_ = end_ = head_end_;
      io::Stream::ReadAwaiter read = stream_.Read({block_.get() + end_, io::kBlockBytes - end_});
      result = co_await read;
      if (result.ok()) end_ += result.bytes;
    }
    if (result.status == io::IoStatus::kEof && decoder_.OnEof() == BodyDecoder::Status::kDone) {
      co_return BodyPiece{BodyPiece::Status::kEnd};
    }
    if (!result.ok()) co_return BodyPiece{FromIo<BodyPiece::Status>(result.status)};
  }
}

void MessageReader::ReadAhead(AheadObserver& observer) {
  if (ended_) return observer.OnAhead(ahead_);
  if (reading_ahead_ || has_input()) return;
  next_ = end_ = head_end_;  // what was read of the body is used up
  reading_ahead_ = true;
  io::Detach(RunAhead(observer));
}

io::Task<void> MessageReader::RunAhead(AheadObserver& observer) {
  const size_t at = end_;
  io::Stream::ReadAwaiter read = stream_.Read({block_.get() + at, io::kBlockBytes - at});
  ahead_ = co_await read;
  reading_ahead_ = false;
  ended_ = !ahead_.ok() && ahead_.status != io::IoStatus::kTimeout;
  if (ahead_.ok()) {
    // The message before it may have been finished meanwhile.
    if (at != end_) std::memmove(block_.get() + end_, block_.get() + at, ahead_.bytes);
    end_ += ahead_.bytes;
  }
  if (ahead_waiter_) {
    std::exchange(ahead_waiter_, nullptr).resume();
  } else {
    observer.OnAhead(ahead_);
  }
}

void MessageReader::FinishMessage() {
  const size_t left = end_ - next_;
  if (left > 0) std::memmove(block_.get(), block_.get() + next_, left);
  end_ = left;
  next_ = head_end_ = 0;
  scanner_.Reset();
}

}  // namespace tollgate::http
