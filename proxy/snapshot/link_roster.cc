#include "proxy/snapshot/link_roster.h"

#include <algorithm>
#include <utility>

namespace tollgate::snapshot {
namespace {

constexpr std::chrono::milliseconds kFirstPause{200};
constexpr std::chrono::milliseconds kLongestPause{5'000};
// A stream that lasted this long was a good one: the next try need not wait.
constexpr std::chrono::seconds kGoodStream{5};

}  // namespace

LinkRoster::Slot::Slot(ControllerAddress to) : address(std::move(to)), backoff(kFirstPause, kLongestPause) {}

LinkRoster::LinkRoster(TlsFiles tls, api::PushKeepAlive keep_alive, std::shared_ptr<Mailbox> mailbox,
                       RosterObserver& observer)
    : tls_(std::move(tls)), keep_alive_(keep_alive), mailbox_(std::move(mailbox)), observer_(observer) {}

void LinkRoster::SetAddresses(const std::vector<ControllerAddress>& addresses) {
  for (const auto& [address, slot] : slots_) slot->listed = false;
  for (const ControllerAddress& address : addresses) {
    if (!slots_.contains(address) && slots_.size() == kMostLinks) continue;
    std::unique_ptr<Slot>& slot = slots_[address];
    if (slot == nullptr) slot = std::make_unique<Slot>(address);
    slot->listed = true;
  }
  std::erase_if(slots_,
                [](const auto& entry) { return !entry.second->listed && entry.second->link == nullptr; });
}

SteadyTime LinkRoster::OpenWhenDue(SteadyTime now) {
  SteadyTime next = now + kLongestPause;
  for (const auto& [address, slot] : slots_) {
    if (slot->link != nullptr || !slot->listed) continue;
    if (slot->due <= now) Open(*slot);
    if (slot->link == nullptr) next = std::min(next, slot->due);
  }
  return next;
}

void LinkRoster::Open(Slot& slot) {
  const Result<TlsIdentity> identity = tls_.Read();
  if (!identity) return Close(slot, identity.error().message);
  slot.link = ControllerLink::Open(slot.address, *identity, keep_alive_, EventsOf(slot));
}

LinkEvents LinkRoster::EventsOf(Slot& slot) {
  // A slot is kept for as long as it has a link, so for as long as events of it can come.
  return {.on_open =
              [this, &slot, mailbox = mailbox_] {
                mailbox->Post([this, &slot] {
                  slot.open = true;
                  slot.opened_at = SteadyNow();
                  if (source_ == nullptr) return MakeSource(slot);
                  observer_.OnReady(*slot.link, slot.address, false);
                });
              },
          .on_message =
              [this, &slot, mailbox = mailbox_](api::ControllerMessage message) {
                // A std::function must be copyable, what it carries here need not be copied.
                auto carried = std::make_shared<api::ControllerMessage>(std::move(message));
                mailbox->Post([this, &slot, carried] {
                  if (&slot == source_) observer_.OnMessage(std::move(*carried));
                  slot.link->ReadOn();
                });
              },
          .on_end =
              [this, &slot, mailbox = mailbox_](std::string reason, std::shared_ptr<ControllerLink> link) {
                mailbox->Post([this, &slot, reason = std::move(reason), link = std::move(link)]() mutable {
                  link.reset();
                  Close(slot, reason);
                });
              }};
}

void LinkRoster::MakeSource(Slot& slot) {
  source_ = &slot;
  observer_.OnReady(*slot.link, slot.address, true);
}

void LinkRoster::Close(Slot& slot, const std::string& reason) {
  const SteadyTime now = SteadyNow();
  if (slot.open && now - slot.opened_at >= kGoodStream) slot.backoff.Reset();
  slot.due = now + slot.backoff.Next();
  slot.link.reset();
  slot.open = false;
  if (&slot == source_) source_ = nullptr;
  if (source_ != nullptr) return;
  observer_.OnWithoutSource(reason);
  const auto next =
      std::find_if(slots_.begin(), slots_.end(), [](const auto& entry) { return entry.second->open; });
  if (next != slots_.end()) MakeSource(*next->second);
}

void LinkRoster::SendToAll(const api::ProxyMessage& message) {
  for (const auto& [address, slot] : slots_) {
    if (slot->open) slot->link->Send(message);
  }
}

void LinkRoster::CutAll() {
  for (const auto& [address, slot] : slots_) {
    if (slot->link != nullptr) slot->link->Cut();
  }
}

bool LinkRoster::Idle() const {
  return std::all_of(slots_.begin(), slots_.end(),
                     [](const auto& entry) { return entry.second->link == nullptr; });
}

}  // namespace tollgate::snapshot
