// What is said on one proxy's stream, without the stream itself: takes what the proxy says, knows what to say
// next. One snapshot is under way at a time; when the proxy has answered for it, the newest follows and those
// between are skipped. One that has begun is finished: a proxy slower than the changes would otherwise never
// get a whole one. Guarded by its stream.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "api/snapshot.pb.h"
#include "controller/publish/proxy_book.h"
#include "controller/publish/snapshot_frames.h"

namespace tollgate::publish {

// Why a stream is ended.
struct Complaint {
  // kMisuse: the proxy does not keep to the protocol. kMismatch: it belongs to another installation.
  enum class Kind { kMisuse, kMismatch } kind;
  std::string sentence;
};

class Conversation {
 public:
  Conversation(ProxyBook& book, ProxyBook::StreamId id, const std::string& installation)
      : book_(book), id_(id), installation_(installation) {}

  std::optional<Complaint> Hear(const api::ProxyMessage& message);
  // There is a newer snapshot.
  void Offer(std::shared_ptr<const SnapshotFrames> snapshot);

  // A message to send; valid as long as `owner`.
  struct Line {
    std::shared_ptr<const SnapshotFrames> owner;
    const std::string* message;
  };
  // What to send now; nothing where the proxy has what there is, or has to answer first.
  std::optional<Line> Next();

  // Whether the book has changed since this was asked last.
  bool TakeChanged() { return std::exchange(changed_, false); }

 private:
  std::optional<Complaint> HearHello(const api::Hello& hello);
  void HearAcknowledgement(const api::Acknowledgement& acknowledgement);
  std::optional<Complaint> HearReport(const api::Report& report);
  void Choose();

  ProxyBook& book_;
  const ProxyBook::StreamId id_;
  const std::string installation_;
  bool changed_ = false;

  std::string proxy_;  // empty: it has not said hello
  uint32_t schema_ = 0;
  bool wants_snapshots_ = false;
  std::string serving_;
  std::string
      settled_;  // the version that there is nothing more to say about: served, answered for, unreadable

  std::shared_ptr<const SnapshotFrames> newest_;
  std::shared_ptr<const SnapshotFrames> sending_;
  size_t position_ = 0;   // the next message of sending_
  std::string awaiting_;  // sent whole, not answered for
};

}  // namespace tollgate::publish
