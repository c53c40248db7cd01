// The streams to all controllers there are: opened, opened again after a pause when they end, let go when the
// address is gone. One of them, the first that is open, is the source of snapshots. One thread, which also
// takes from the mailbox.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "api/base/backoff.h"
#include "api/base/clock.h"
#include "api/push_terms.h"
#include "proxy/snapshot/controller_address.h"
#include "proxy/snapshot/controller_link.h"
#include "proxy/snapshot/mailbox.h"
#include "proxy/snapshot/tls_files.h"

namespace tollgate::snapshot {

// What the roster tells its owner, on the owner's thread.
class RosterObserver {
 public:
  virtual ~RosterObserver() = default;
  // A stream is open, or has become the source: it is to be told hello.
  virtual void OnReady(ControllerLink& link, const ControllerAddress& address, bool is_source) = 0;
  // The source says something; the roster reads on after this returns.
  virtual void OnMessage(api::ControllerMessage message) = 0;
  // The source's stream ended, or an attempt failed while there is none.
  virtual void OnWithoutSource(const std::string& reason) = 0;
};

class LinkRoster {
 public:
  // A name that has more replicas than this behind it is not that of controllers, of which there are two or
  // three; each would cost a connection.
  static constexpr size_t kMostLinks = 16;

  LinkRoster(TlsFiles tls, api::PushKeepAlive keep_alive, std::shared_ptr<Mailbox> mailbox,
             RosterObserver& observer);

  // Links to exactly these from now on, besides those that are open: DNS may forget a replica that works.
  void SetAddresses(const std::vector<ControllerAddress>& addresses);
  // Opens what is due. Returns when to call again.
  SteadyTime OpenWhenDue(SteadyTime now);
  // To every open stream.
  void SendToAll(const api::ProxyMessage& message);

  bool has_source() const { return source_ != nullptr; }
  // Ends all streams; Idle() once they have ended.
  void CutAll();
  bool Idle() const;

 private:
  struct Slot {
    explicit Slot(ControllerAddress to);

    const ControllerAddress address;
    Backoff backoff;
    SteadyTime due{};
    bool listed = true;
    std::shared_ptr<ControllerLink> link;  // nullptr: waits until `due`
    bool open = false;
    SteadyTime opened_at{};
  };

  void Open(Slot& slot);
  void Close(Slot& slot, const std::string& reason);
  void MakeSource(Slot& slot);
  // An event of a link, on the owner's thread.
  LinkEvents EventsOf(Slot& slot);

  const TlsFiles tls_;
  const api::PushKeepAlive keep_alive_;
  const std::shared_ptr<Mailbox> mailbox_;
  RosterObserver& observer_;
  std::map<ControllerAddress, std::unique_ptr<Slot>> slots_;
  Slot* source_ = nullptr;
};

}  // namespace tollgate::snapshot
