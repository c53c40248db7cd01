#include "proxy/snapshot/subscription.h"

#include <utility>

#include "api/base/digest.h"
#include "api/base/log.h"
#include "api/push_terms.h"
#include "api/snapshot_hash.h"

namespace tollgate::snapshot {
namespace {

Status<> CheckInstallation(const api::Snapshot& snapshot, const std::string& installation) {
  if (snapshot.installation() == installation) return Done{};
  return Fault{"the snapshot is of installation \"" + snapshot.installation() + "\", this proxy is of \"" +
               installation + "\"; give the proxy its own controller's address"};
}

std::string ShortVersion(const std::string& version) { return ToHex(version).substr(0, 12); }

}  // namespace

Subscription::Subscription(SubscriptionOptions options)
    : options_(std::move(options)), assembly_(options_.bounds), serving_(options_.version) {}

api::ProxyMessage Subscription::Hello(bool wants_snapshots) const {
  api::ProxyMessage message;
  api::Hello& hello = *message.mutable_hello();
  hello.set_proxy(options_.proxy);
  hello.set_installation(options_.installation);
  hello.set_schema(api::kSnapshotSchema);
  hello.set_version(serving_);
  hello.set_wants_snapshots(wants_snapshots);
  return message;
}

std::optional<Verdict> Subscription::Hear(api::ControllerMessage message) {
  switch (message.message_case()) {
    case api::ControllerMessage::kBegin: assembly_.Begin(message.begin()); return std::nullopt;
    case api::ControllerMessage::kPart: assembly_.Add(*message.mutable_part()); return std::nullopt;
    case api::ControllerMessage::kEnd: {
      const std::string version = assembly_.version();
      std::optional<Result<api::Snapshot>> whole = assembly_.Finish();
      if (!whole) return std::nullopt;
      Verdict verdict = Judge(std::move(*whole));
      verdict.acknowledgement.mutable_acknowledgement()->set_version(version);
      refusal_ = verdict.accepted == nullptr ? std::optional(verdict.acknowledgement) : std::nullopt;
      if (verdict.accepted != nullptr) serving_ = version;
      return verdict;
    }
    // What a newer controller sends besides is nothing that this proxy asked for.
    case api::ControllerMessage::MESSAGE_NOT_SET: return std::nullopt;
  }
  return std::nullopt;
}

Verdict Subscription::Judge(Result<api::Snapshot> whole) {
  Verdict verdict;
  Status<> judged = Done{};
  if (whole.ok()) {
    judged = CheckInstallation(*whole, options_.installation);
    if (judged.ok()) judged = options_.apply(*whole);
  } else {
    judged = whole.error();
  }
  api::Acknowledgement& acknowledgement = *verdict.acknowledgement.mutable_acknowledgement();
  if (judged.ok()) {
    log::Info("serving a new configuration", {{"snapshot", ShortVersion(whole->version())},
                                              {"resources", std::to_string(whole->resources_size())}});
    verdict.accepted = std::make_shared<const api::Snapshot>(*std::move(whole));
  } else {
    log::Error("the controller's configuration is refused, the one before serves on: " +
               judged.error().message);
    // An empty refusal would be a lie.
    const std::string reason = judged.error().message.substr(0, api::kPushRefusalBytes);
    acknowledgement.set_refusal(reason.empty() ? "refused" : reason);
  }
  return verdict;
}

}  // namespace tollgate::snapshot
