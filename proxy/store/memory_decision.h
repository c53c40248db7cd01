// One request against its records in the in-process store, under the locks of their shards: first all are
// read, then, if all admit, all are charged. Made for one call of MemoryLimitStore.
#pragma once

#include <array>

#include "proxy/store/limit_store.h"
#include "proxy/store/record_table.h"

namespace tollgate::store {

class MemoryDecision {
 public:
  // Where the records of a group lie.
  struct Owner {
    RecordTable* table;
    uint64_t hash;
  };
  // By KeyGroup; of groups that no item names nothing is read.
  using Owners = std::array<Owner, kKeyGroups>;

  MemoryDecision(const LimitRequest& request, const Owners& owners, WallMicros now, LimitReply& reply)
      : request_(request), owners_(owners), now_(now), reply_(reply) {}

  void Make();

 private:
  struct Found {
    LimitRecord* record;
    Ticks reading;  // what is missing from a bucket, or the count of a window
  };

  LimitRecord& Get(KeyGroup group, RecordKind kind, uint64_t record);
  void ReadLimit(uint32_t i);
  void ReadQuota();
  void Refuse(LimitVerdict verdict, uint32_t limit, int64_t retry_us);
  void SettleLimit(uint32_t i, bool charge);
  void SettleQuota(bool charge);

  const LimitRequest& request_;
  const Owners& owners_;
  const WallMicros now_;
  LimitReply& reply_;
  std::array<Found, kMaxLimits> found_;
  LimitRecord* quota_ = nullptr;
};

}  // namespace tollgate::store
