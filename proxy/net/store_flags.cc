#include "proxy/net/store_flags.h"

namespace tollgate::net {
namespace {

constexpr char kInMemory[] = "memory";

// `flag` without dashes, for the sentence.
Result<std::optional<store::StoreAddress>> ReadStore(const std::string& flag, const std::string& url,
                                                     const std::string& password_flag,
                                                     const std::string& password_file) {
  if (url == kInMemory) {
    if (password_file.empty()) return std::optional<store::StoreAddress>();
    return Fault{"--" + password_flag + " is given, but --" + flag +
                 " is memory, which has no password; name a store, or leave it out"};
  }
  Result<store::StoreAddress> address = store::StoreAddress::Parse(url);
  if (!address) return Fault{"--" + flag + " " + address.error().message};
  if (password_file.empty() && !address->user.empty() && address->password.empty()) {
    return Fault{"--" + flag + " names a user without a password; write user:password@, or give --" +
                 password_flag};
  }
  if (password_file.empty()) return std::optional(*std::move(address));
  const Result<std::string> password = store::ReadPasswordFile(password_file);
  if (!password) return Fault{"--" + password_flag + " " + password.error().message};
  address->password = *password;
  return std::optional(*std::move(address));
}

}  // namespace

void StoreFlags::AddTo(FlagSet& set) {
  set.Add("limits-store", limits_store,
          "Where limits and credits are counted: memory (by this process alone) or "
          "redis://[user:password@]host:port/database, shared by all proxies");
  set.Add("limits-password-file", limits_password_file,
          "File whose first line is the password of that store");
  set.Add("cache-store", cache_store,
          "Where stored answers are shared: memory (each process has its own) or "
          "redis://[user:password@]host:port/database, shared by all proxies");
  set.Add("cache-password-file", cache_password_file, "File whose first line is the password of that store");
  set.Add("cache-deadline", cache_deadline,
          "How long a request waits for the shared cache at most; then the stored answer counts as missing");
  set.Add(
      "store-deadline", deadline,
      "How long a request waits for the store of limits at most; then its plan's whenStoreIsDown decides");
  set.Add("store-slow-after", slow_after,
          "What a decision over limits may take: a store that exceeds it in more than 1 % is not used for a "
          "while");
}

Result<std::optional<store::LimitNodeOptions>> ReadLimitsStore(const StoreFlags& flags,
                                                               const std::string& installation) {
  if (flags.deadline.count() <= 0) return Fault{"--store-deadline must be longer than 0, such as 50ms"};
  if (flags.slow_after.count() <= 0) return Fault{"--store-slow-after must be longer than 0, such as 10ms"};
  const auto address =
      ReadStore("limits-store", flags.limits_store, "limits-password-file", flags.limits_password_file);
  if (!address) return address.error();
  if (!*address) return std::optional<store::LimitNodeOptions>();
  store::LimitNodeOptions options;
  options.address = **address;
  options.installation = installation;
  options.deadline = flags.deadline;
  options.slow_after = flags.slow_after;
  return std::optional(std::move(options));
}

Result<std::optional<store::CacheNodeOptions>> ReadCacheStore(const StoreFlags& flags,
                                                              const std::string& installation) {
  if (flags.cache_deadline.count() <= 0) return Fault{"--cache-deadline must be longer than 0, such as 10ms"};
  const auto address =
      ReadStore("cache-store", flags.cache_store, "cache-password-file", flags.cache_password_file);
  if (!address) return address.error();
  if (!*address) return std::optional<store::CacheNodeOptions>();
  return std::optional(store::CacheNodeOptions{**address, installation, flags.cache_deadline});
}

}  // namespace tollgate::net
