#include "proxy/forward/pool_roster.h"

#include "proxy/forward/connection_pool.h"

namespace tollgate::forward {

void PoolRoster::Join(io::Loop& loop, ConnectionPool& pool) {
  const std::scoped_lock lock(mutex_);
  members_.push_back({&loop, &pool});
  size_ = members_.size();
}

void PoolRoster::Leave(ConnectionPool& pool) {
  const std::scoped_lock lock(mutex_);
  std::erase_if(members_, [&pool](const Member& member) { return member.pool == &pool; });
  size_ = members_.size();
}

void PoolRoster::AskFor(const std::string& endpoint) {
  const std::scoped_lock lock(mutex_);
  for (const Member& member : members_) {
    member.loop->Post([pool = member.pool, endpoint] { pool->GiveUpWanted(endpoint); });
  }
}

}  // namespace tollgate::forward
