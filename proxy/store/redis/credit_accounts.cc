#include "proxy/store/redis/credit_accounts.h"

#include <utility>

namespace tollgate::store {
namespace {
// Buckets looked at in one go: some 100 µs, and the whole of 100,000 accounts within seconds.
constexpr size_t kStride = 4096;
}  // namespace

const AccountPointer& CreditAccounts::Get(const Key128& consumer, uint64_t record, const WindowBounds& window,
                                          SteadyTime now) {
  AccountPointer& account = accounts_[{consumer, record, window.start}];
  if (account == nullptr) account = std::make_shared<CreditAccount>(consumer, record, window, now);
  return account;
}

void CreditAccounts::NoteOwing(const AccountPointer& account) {
  if (!account->writer.owes() || std::exchange(account->listed, true)) return;
  owing_.push_back(account);
}

std::vector<AccountPointer> CreditAccounts::TakeOwing() {
  for (const AccountPointer& account : owing_) account->listed = false;
  return std::exchange(owing_, {});
}

void CreditAccounts::ForgetIdle(SteadyTime now) {
  const size_t buckets = accounts_.bucket_count();
  for (size_t i = 0; i < kStride && i < buckets; ++i) {
    cursor_ = (cursor_ + 1) % buckets;
    std::vector<Name> idle;
    for (auto at = accounts_.begin(cursor_); at != accounts_.end(cursor_); ++at) {
      CreditAccount& account = *at->second;
      account.queue.SkipAnswered();
      if (account.under_way || !account.queue.empty() || !account.writer.idle(now)) continue;
      idle.push_back(at->first);
    }
    for (const Name& name : idle) accounts_.erase(name);
  }
}

}  // namespace tollgate::store
