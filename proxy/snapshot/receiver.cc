#include "proxy/snapshot/receiver.h"

#include <algorithm>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "api/base/log.h"
#include "proxy/snapshot/controller_lookup.h"
#include "proxy/snapshot/link_roster.h"
#include "proxy/snapshot/mailbox.h"
#include "proxy/snapshot/subscription.h"

namespace tollgate::snapshot {
namespace {

// Streams that are cut end at once; this is for a machine that is very busy.
constexpr std::chrono::milliseconds kStopLimit{1'500};

api::ProxyMessage ToReport(const std::vector<api::StoreHealth>& stores) {
  api::ProxyMessage message;
  for (const api::StoreHealth& store : stores) {
    api::StoreHealth& health = *message.mutable_report()->add_stores();
    health = store;
    health.set_reason(store.reason().substr(0, api::kPushReasonBytes));
  }
  return message;
}

}  // namespace

// Everything but Stop, ReportStores, connected and last_error happens on its thread.
class Receiver::Core final : private RosterObserver {
 public:
  explicit Core(ReceiverOptions options)
      : options_(std::move(options)),
        mailbox_(std::make_shared<Mailbox>()),
        subscription_(
            {options_.proxy, options_.installation, options_.version, options_.apply, options_.bounds}),
        roster_(options_.tls, options_.keep_alive, mailbox_, *this),
        lookup_(options_.controllers, mailbox_,
                [this](const std::vector<ControllerAddress>& found) { TakeAddresses(found); }),
        thread_([this] { Run(); }) {}

  void Stop() {
    mailbox_->Post([this] { stopping_ = true; });
    if (thread_.joinable()) thread_.join();
  }

  void ReportStores(const std::vector<api::StoreHealth>& stores) {
    api::ProxyMessage message = ToReport(stores);
    {
      const std::scoped_lock lock(mutex_);
      if (report_ && report_->SerializeAsString() == message.SerializeAsString()) return;
      report_ = std::move(message);
      // However often it changes until the thread gets there, it is sent once.
      if (std::exchange(report_waits_, true)) return;
    }
    mailbox_->Post([this] { SendReport(); });
  }

  bool connected() const {
    const std::scoped_lock lock(mutex_);
    return connected_;
  }
  std::string last_error() const {
    const std::scoped_lock lock(mutex_);
    return last_error_;
  }

 private:
  void Run() {
    while (!stopping_) {
      const SteadyTime now = SteadyNow();
      const SteadyTime look_up = lookup_.LookUpWhenDue(now);
      const SteadyTime open = roster_.OpenWhenDue(now);
      if (const Mailbox::Task task = mailbox_->Take(std::min(look_up, open))) task();
    }
    roster_.CutAll();
    const SteadyTime limit = SteadyNow() + kStopLimit;
    while (!roster_.Idle() && SteadyNow() < limit) {
      if (const Mailbox::Task task = mailbox_->Take(limit)) task();
    }
  }

  void TakeAddresses(const std::vector<ControllerAddress>& found) {
    // A name server that is away is no reason to forget where the controllers were.
    if (!found.empty()) return roster_.SetAddresses(found);
    if (!roster_.has_source()) {
      Show(false, "no controller is known under the names of --controller; check them and the cluster's DNS");
    }
  }

  void OnReady(ControllerLink& link, const ControllerAddress& address, bool is_source) override {
    if (stopping_) return;
    link.Send(subscription_.Hello(is_source));
    if (subscription_.refusal()) link.Send(*subscription_.refusal());
    RepeatReport(link);
    if (!is_source) return;
    log::Info("following a controller", {{"controller", address.ToString()}});
    Show(true, {});
  }

  void OnMessage(api::ControllerMessage message) override {
    if (stopping_) return;
    const std::optional<Verdict> verdict = subscription_.Hear(std::move(message));
    if (!verdict) return;
    roster_.SendToAll(verdict->acknowledgement);
    if (verdict->accepted != nullptr && options_.keep) options_.keep(verdict->accepted);
  }

  void OnWithoutSource(const std::string& reason) override {
    subscription_.BreakOff();
    if (!stopping_) Show(false, reason);
  }

  void SendReport() {
    api::ProxyMessage report;
    {
      const std::scoped_lock lock(mutex_);
      report_waits_ = false;
      report = *report_;
    }
    roster_.SendToAll(report);
  }

  // A controller that was not there to hear it.
  void RepeatReport(ControllerLink& link) const {
    const std::scoped_lock lock(mutex_);
    if (report_) link.Send(*report_);
  }

  // The same trouble again and again is one line in the log.
  void Show(bool connected, const std::string& error) {
    const std::scoped_lock lock(mutex_);
    if (!error.empty() && error != last_error_) log::Warning(error + "; trying again");
    connected_ = connected;
    last_error_ = error;
  }

  const ReceiverOptions options_;
  const std::shared_ptr<Mailbox> mailbox_;
  Subscription subscription_;
  LinkRoster roster_;
  ControllerLookup lookup_;
  bool stopping_ = false;

  mutable std::mutex mutex_;
  bool connected_ = false;                                     // guarded by mutex_
  std::string last_error_ = "no controller has answered yet";  // guarded by mutex_
  std::optional<api::ProxyMessage> report_;                    // guarded by mutex_; the newest
  bool report_waits_ = false;                                  // guarded by mutex_; to be sent to all

  std::thread thread_;  // last: starts when all else is there
};

Receiver::Receiver(ReceiverOptions options) : core_(std::make_unique<Core>(std::move(options))) {}
Receiver::~Receiver() { core_->Stop(); }
void Receiver::Stop() { core_->Stop(); }
void Receiver::ReportStores(const std::vector<api::StoreHealth>& stores) { core_->ReportStores(stores); }
bool Receiver::connected() const { return core_->connected(); }
std::string Receiver::last_error() const { return core_->last_error(); }

}  // namespace tollgate::snapshot
