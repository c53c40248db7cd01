#include "controller/publish/conversation.h"

#include <utility>

#include "api/push_terms.h"

namespace tollgate::publish {
namespace {

// A pod's name: RFC 1123, a DNS subdomain.
constexpr size_t kProxyNameBytes = 253;
constexpr size_t kVersionBytes = 32;
// There are two; a newer proxy may know of more.
constexpr int kMostStores = 16;
constexpr size_t kStoreNameBytes = 63;

Complaint Misuse(std::string sentence) { return {Complaint::Kind::kMisuse, std::move(sentence)}; }

bool IsVersion(const std::string& text) { return text.empty() || text.size() == kVersionBytes; }

}  // namespace

std::optional<Complaint> Conversation::Hear(const api::ProxyMessage& message) {
  switch (message.message_case()) {
    case api::ProxyMessage::kHello: return HearHello(message.hello());
    case api::ProxyMessage::kAcknowledgement:
      if (proxy_.empty()) return Misuse("the proxy acknowledged before it said hello; upgrade the proxy");
      if (!IsVersion(message.acknowledgement().version())) {
        return Misuse("proxy \"" + proxy_ + "\" acknowledged what is no version; upgrade the proxy");
      }
      HearAcknowledgement(message.acknowledgement());
      return std::nullopt;
    case api::ProxyMessage::kReport:
      if (proxy_.empty()) return Misuse("the proxy reported before it said hello; upgrade the proxy");
      return HearReport(message.report());
    // A newer proxy's further reports: harmless to miss.
    case api::ProxyMessage::MESSAGE_NOT_SET: return std::nullopt;
  }
  return std::nullopt;
}

// A proxy says hello again when it chooses another controller as its source.
std::optional<Complaint> Conversation::HearHello(const api::Hello& hello) {
  if (hello.proxy().empty() || hello.proxy().size() > kProxyNameBytes) {
    return Misuse("the proxy has no name, or one of more than 253 bytes; start it with --proxy-name");
  }
  if (!proxy_.empty() && hello.proxy() != proxy_) {
    return Misuse("proxy \"" + proxy_ + "\" now calls itself \"" + hello.proxy() + "\"; upgrade the proxy");
  }
  if (hello.installation() != installation_) {
    return Complaint{Complaint::Kind::kMismatch,
                     "this controller serves installation \"" + installation_ + "\", proxy \"" +
                         hello.proxy() + "\" is of \"" + hello.installation() +
                         "\"; start the proxy with --installation " + installation_ +
                         " or give it its own controller's address"};
  }
  if (hello.schema() == 0 || !IsVersion(hello.version())) {
    return Misuse("proxy \"" + hello.proxy() +
                  "\" does not say which snapshots it reads or which one it serves; upgrade the proxy");
  }
  proxy_ = hello.proxy();
  schema_ = hello.schema();
  wants_snapshots_ = hello.wants_snapshots();
  serving_ = hello.version();
  settled_ = hello.version();
  changed_ |= book_.Enter(id_, proxy_, serving_);
  Choose();
  return std::nullopt;
}

void Conversation::HearAcknowledgement(const api::Acknowledgement& acknowledgement) {
  const std::string& version = acknowledgement.version();
  if (acknowledgement.refusal().empty()) serving_ = version;
  settled_ = version;
  if (awaiting_ == version) awaiting_.clear();
  changed_ |= book_.Answer(id_, version, acknowledgement.refusal().substr(0, api::kPushRefusalBytes));
  Choose();
}

std::optional<Complaint> Conversation::HearReport(const api::Report& report) {
  if (report.stores_size() > kMostStores) {
    return Misuse("proxy \"" + proxy_ + "\" reports of more stores than there are; upgrade the proxy");
  }
  std::map<std::string, StoreState> stores;
  for (const api::StoreHealth& health : report.stores()) {
    stores[health.store().substr(0, kStoreNameBytes)] = {
        .configured = health.configured(),
        .reachable = health.reachable(),
        .evicting = health.evicting(),
        .reason = health.reason().substr(0, api::kPushReasonBytes)};
  }
  changed_ |= book_.Report(id_, std::move(stores));
  return std::nullopt;
}

void Conversation::Offer(std::shared_ptr<const SnapshotFrames> snapshot) {
  newest_ = std::move(snapshot);
  Choose();
}

void Conversation::Choose() {
  const bool idle = wants_snapshots_ && sending_ == nullptr && awaiting_.empty();
  if (!idle || newest_ == nullptr || newest_->version() == settled_) return;
  if (newest_->version() == serving_) {
    settled_ = serving_;
  } else if (newest_->schema() > schema_) {
    settled_ = newest_->version();
    changed_ |= book_.Answer(id_, settled_,
                             "it reads snapshots up to schema " + std::to_string(schema_) +
                                 ", this one has " + std::to_string(newest_->schema()) +
                                 ": upgrade the proxies to the controller's release");
  } else {
    sending_ = newest_;
    position_ = 0;
  }
}

std::optional<Conversation::Line> Conversation::Next() {
  if (sending_ == nullptr) return std::nullopt;
  Line line{sending_, &sending_->messages()[position_++]};
  if (position_ == sending_->messages().size()) {
    awaiting_ = sending_->version();
    sending_.reset();
  }
  return line;
}

}  // namespace tollgate::publish
