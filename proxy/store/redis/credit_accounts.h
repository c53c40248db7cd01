// The credits that one core charges: an account for each consumer and window, with its writer, the requests
// that wait for it, and what it owes the store. One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

#include "api/base/clock.h"
#include "proxy/store/key_hash.h"
#include "proxy/store/limit_store.h"
#include "proxy/store/redis/credit_writer.h"
#include "proxy/store/redis/waiting_request.h"

namespace tollgate::store {

struct CreditAccount {
  CreditAccount(const Key128& consumer_in, uint64_t record_in, const WindowBounds& window_in, SteadyTime now)
      : consumer(consumer_in), record(record_in), window(window_in), writer(now) {}

  const Key128 consumer;
  const uint64_t record;
  const WindowBounds window;
  CreditWriter writer;
  WaitingQueue queue;
  bool under_way = false;  // a batch of it; there is at most one
  bool listed = false;     // among those that owe
};
using AccountPointer = std::shared_ptr<CreditAccount>;

class CreditAccounts {
 public:
  // `seed` keeps callers from choosing addresses that fall into one bucket.
  explicit CreditAccounts(uint64_t seed) : accounts_(0, HashName{seed}) {}

  // Makes it where there is none.
  const AccountPointer& Get(const Key128& consumer, uint64_t record, const WindowBounds& window,
                            SteadyTime now);

  // Remembers an account whose writer may owe a correction.
  void NoteOwing(const AccountPointer& account);
  // Those that were noted since; they are noted again where they still owe.
  std::vector<AccountPointer> TakeOwing();

  // Drops accounts that nothing would be lost with and nobody waits at; looks at a part of them at a time.
  void ForgetIdle(SteadyTime now);
  size_t size() const { return accounts_.size(); }

 private:
  struct Name {
    Key128 consumer;
    uint64_t record;
    WallMicros start;
    bool operator==(const Name&) const = default;
  };
  struct HashName {
    uint64_t seed;
    size_t operator()(const Name& name) const {
      return RecordHash(OwnerHash(name.consumer, KeyGroup::kConsumer, seed),
                        name.record ^ static_cast<uint64_t>(name.start));
    }
  };

  std::unordered_map<Name, AccountPointer, HashName> accounts_;
  std::vector<AccountPointer> owing_;
  size_t cursor_ = 0;  // the next bucket to look at
};

}  // namespace tollgate::store
