// The keys that session tickets are sealed with: one for new tickets, and the one before it, whose tickets
// are still taken. They never leave the process, so a stolen key opens what a few hours of tickets protect
// (RFC 9325, section 4.4). Any thread.
#pragma once

#include <array>
#include <cstdint>
#include <mutex>
#include <optional>
#include <span>

#include "api/base/clock.h"

namespace tollgate::io {

class TicketKeys {
 public:
  // How long a key seals, and after that is still taken. A ticket lives no longer than that either
  // (RFC 8446, section 4.6.1, allows seven days).
  static constexpr std::chrono::hours kLife{2};

  using Name = std::array<uint8_t, 16>;
  struct Key {
    Name name{};
    std::array<uint8_t, 32> cipher{};
    std::array<uint8_t, 32> mac{};
  };

  explicit TicketKeys(SteadyTime now);
  ~TicketKeys();

  // The one for a new ticket.
  Key Sealing(SteadyTime now);

  struct Opening {
    Key key;
    bool renew;  // it seals no more: the caller is to have a new ticket
  };
  // The one that a ticket names; nothing where it is not ours or too old.
  std::optional<Opening> Find(std::span<const uint8_t, 16> name, SteadyTime now);

 private:
  void Turn(SteadyTime now);

  std::mutex mutex_;
  Key current_;                  // guarded by mutex_
  std::optional<Key> previous_;  // guarded by mutex_
  SteadyTime made_;              // guarded by mutex_: when current_ was
};

}  // namespace tollgate::io
