#include "tests/unit/push/test_proxy.h"

#include <gtest/gtest.h>

#include <utility>

#include "api/snapshot_hash.h"

namespace tollgate::push {

TestProxy::TestProxy(snapshot::ReceiverOptions options) {
  options.apply = [this](const api::Snapshot& snapshot) { return Apply(snapshot); };
  options.keep = [this](const std::shared_ptr<const api::Snapshot>& snapshot) {
    const std::scoped_lock lock(mutex_);
    kept_.push_back(snapshot->version());
  };
  receiver_ = std::make_unique<snapshot::Receiver>(std::move(options));
}

TestProxy::~TestProxy() {
  Release();
  receiver_->Stop();
}

Status<> TestProxy::Apply(const api::Snapshot& snapshot) {
  // A half or garbled snapshot never gets here.
  const Status<> verified = api::VerifySnapshot(snapshot);
  if (!verified.ok()) ADD_FAILURE() << verified.error().message;
  std::unique_lock lock(mutex_);
  applied_.push_back(snapshot.version());
  last_bytes_ = snapshot.SerializeAsString();
  released_.wait(lock, [this] { return !held_; });
  if (!refusal_.empty()) return Fault{refusal_};
  return Done{};
}

void TestProxy::RefuseWith(std::string reason) {
  const std::scoped_lock lock(mutex_);
  refusal_ = std::move(reason);
}

void TestProxy::Hold() {
  const std::scoped_lock lock(mutex_);
  held_ = true;
}

void TestProxy::Release() {
  {
    const std::scoped_lock lock(mutex_);
    held_ = false;
  }
  released_.notify_all();
}

std::vector<std::string> TestProxy::applied() const {
  const std::scoped_lock lock(mutex_);
  return applied_;
}

std::vector<std::string> TestProxy::kept() const {
  const std::scoped_lock lock(mutex_);
  return kept_;
}

std::string TestProxy::last_bytes() const {
  const std::scoped_lock lock(mutex_);
  return last_bytes_;
}

}  // namespace tollgate::push
