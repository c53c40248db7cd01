#include "controller/compile/consumers.h"

#include <algorithm>
#include <cstring>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "api/base/digest.h"
#include "api/snapshot_hash.h"
#include "controller/compile/seniority.h"

namespace tollgate::compile {
namespace {

using resource::ApiPlan;
using resource::ConsumerEntry;
using resource::ConsumerSecret;
using resource::KeyLine;

// Old and new keys side by side need two. A consumer is one resource, and its key lines in all Secrets
// together could fill more than a message to a proxy carries.
constexpr int kMostKeys = 1'000;

std::string EntryField(const ConsumerSecret& secret, const std::string& entry) {
  return "Secret " + secret.meta.name.ToString() + ", entry " + entry;
}

// Fills a consumer from the entry that counts for it, but for its keys.
api::Consumer MakeConsumer(const resource::ObjectName& plan, const ConsumerEntry& entry) {
  api::Consumer consumer;
  consumer.set_id(plan.space + "/" + entry.id);
  consumer.set_plan(plan.ToString());
  consumer.set_suspended(entry.suspended);
  consumer.set_group(entry.group);
  consumer.set_has_credits(entry.credits.has_value());
  consumer.set_credits(entry.credits.value_or(0));
  return consumer;
}

// A digest is as good a hash as there is.
struct DigestHash {
  size_t operator()(const Sha256Digest& digest) const {
    size_t hash = 0;
    std::memcpy(&hash, digest.data(), sizeof hash);
    return hash;
  }
};

// The Secrets of one plan, read oldest first, so that whoever comes first counts.
class ConsumerBook {
 public:
  using Source = ConsumerCache::Source;

  explicit ConsumerBook(const Source& source) : source_(source) {
    for (const auto& secret : source.secrets) Add(*secret);
  }

  PlanConsumers Finish() && {
    for (auto& [id, consumer] : by_id_) {
      // Nobody can present a key of a consumer that has none.
      if (consumer.credentials().empty()) continue;
      SortCredentials(consumer);
      result_.resources.push_back(
          api::MakeResource(api::CONSUMER, source_.plan.ToString() + "/" + std::string(id), consumer));
      result_.bytes += result_.resources.back().ByteSizeLong();
    }
    std::sort(result_.secrets_with_plain_keys.begin(), result_.secrets_with_plain_keys.end());
    return std::move(result_);
  }

 private:
  // Where a key stands.
  struct Holder {
    const ConsumerSecret* secret;
    const ConsumerEntry* entry;

    std::string Field() const { return EntryField(*secret, entry->entry); }
  };

  void Add(const ConsumerSecret& secret) {
    if (secret.has_plain_keys) result_.secrets_with_plain_keys.push_back(secret.meta.name.ToString());
    for (const resource::Mistake& mistake : secret.mistakes) {
      result_.refused.push_back({EntryField(secret, mistake.field), mistake.message});
    }
    for (const ConsumerEntry& entry : secret.entries) AddEntry({&secret, &entry});
  }

  void AddEntry(const Holder& holder) {
    const auto [at, is_new] = by_id_.try_emplace(holder.entry->id);
    if (is_new) {
      at->second = MakeConsumer(source_.plan, *holder.entry);
      RefuseAttributes(holder);
      AddOverrides(holder, at->second);
    }
    size_t surplus = 0;
    for (const KeyLine& key : holder.entry->keys) {
      if (at->second.credentials_size() < kMostKeys) {
        AddKey(key, holder, at->second);
      } else {
        ++surplus;
      }
    }
    if (surplus > 0) result_.refused.push_back({holder.Field(), TooManyKeys(surplus)});
  }

  static std::string TooManyKeys(size_t surplus) {
    return "the last " + std::to_string(surplus) + " of its keys admit nobody, a consumer may have " +
           std::to_string(kMostKeys) + ": take old keys out, or give callers names of their own";
  }

  void AddKey(const KeyLine& key, const Holder& holder, api::Consumer& consumer) {
    const auto [first, is_new] = holders_.try_emplace(key.digest, holder);
    if (!is_new) {
      result_.refused.push_back({holder.Field(), "has a key that stands already in " + first->second.Field() +
                                                     ", which comes first: take one out"});
      return;
    }
    api::Credential* credential = consumer.add_credentials();
    credential->set_digest(std::string(AsBytes(key.digest)));
    credential->set_expires_us(key.expires_us);
  }

  // Whoever writes one expects it in headers or the log.
  void RefuseAttributes(const Holder& holder) {
    for (const auto& [name, value] : holder.entry->attributes) {
      result_.refused.push_back(
          {holder.Field(), "has attr." + name + ", but attributes are not in use yet: take it out"});
    }
  }

  // An override without its limit or quota would be taken for one that holds, so its author is told; but not
  // where the plan itself could not be read whole.
  void AddOverrides(const Holder& holder, api::Consumer& consumer) {
    if (!source_.is_whole) return;
    for (const auto& [name, requests] : holder.entry->limits) {
      if (!source_.limit_names.contains(name)) {
        result_.refused.push_back(
            {holder.Field(), "has limit." + name +
                                 ", but the plan has no rate limit of that name: correct "
                                 "the name"});
        continue;
      }
      if (source_.shared_limits.contains(name)) {
        result_.refused.push_back(
            {holder.Field(), "has limit." + name +
                                 ", but many callers share that rate limit: take it out, "
                                 "or give the limit a scope of the consumer's"});
        continue;
      }
      api::LimitOverride* limit = consumer.add_limits();
      limit->set_limit(name);
      limit->set_requests(requests);
    }
    if (holder.entry->credits && !source_.has_quota) {
      result_.refused.push_back(
          {holder.Field(), "has credits=, but the plan has no quota: give the plan one"});
    }
  }

  static void SortCredentials(api::Consumer& consumer) {
    std::sort(consumer.mutable_credentials()->pointer_begin(), consumer.mutable_credentials()->pointer_end(),
              [](const api::Credential* a, const api::Credential* b) { return a->digest() < b->digest(); });
  }

  const Source& source_;
  std::map<std::string_view, api::Consumer> by_id_;  // ids stand in the source's Secrets
  std::unordered_map<Sha256Digest, Holder, DigestHash> holders_;
  PlanConsumers result_;
};

// By a figure of its own one caller would make room in what the others have.
bool IsShared(const resource::RateLimit& limit) {
  return limit.scope == resource::LimitScope::kPlan || limit.scope == resource::LimitScope::kAddress;
}

ConsumerCache::Source SourceOf(const ApiPlan& plan) {
  ConsumerCache::Source source{.plan = plan.meta.name,
                               .is_whole = plan.mistakes.empty(),
                               .has_quota = plan.quota.has_value(),
                               .limit_names = {},
                               .shared_limits = {},
                               .secrets = {}};
  for (const resource::RateLimit& limit : plan.rate_limits) {
    source.limit_names.insert(limit.name);
    if (IsShared(limit)) source.shared_limits.insert(limit.name);
  }
  return source;
}

// One for each of the plans, in their order.
std::vector<ConsumerCache::Source> SourcesOf(const store::ObjectMap<ConsumerSecret>& secrets,
                                             const store::ObjectMap<ApiPlan>& plans) {
  std::map<resource::ObjectName, ConsumerCache::Source> by_plan;
  for (const auto& [name, plan] : plans) by_plan.emplace(name, SourceOf(*plan));
  for (const auto& [name, secret] : secrets) {
    const auto source = by_plan.find({name.space, secret->plan});
    if (source != by_plan.end()) source->second.secrets.push_back(secret);
  }
  std::vector<ConsumerCache::Source> sources;
  for (auto& [name, source] : by_plan) {
    std::sort(source.secrets.begin(), source.secrets.end(),
              [](const auto& a, const auto& b) { return Older(a->meta, b->meta); });
    sources.push_back(std::move(source));
  }
  return sources;
}

}  // namespace

std::shared_ptr<const PlanConsumers> ConsumerCache::Find(const Source& source) const {
  const auto known = known_.find(source.plan);
  return known != known_.end() && known->second.first == source ? known->second.second : nullptr;
}

void ConsumerCache::Replace(std::vector<Source> sources, const ConsumerTable& table) {
  known_.clear();
  for (Source& source : sources) {
    auto& [known, compiled] = known_[source.plan];
    compiled = table.at(source.plan);
    known = std::move(source);
  }
}

ConsumerTable CompileConsumers(const store::ObjectMap<ConsumerSecret>& secrets,
                               const store::ObjectMap<ApiPlan>& plans, ConsumerCache* cache) {
  std::vector<ConsumerCache::Source> sources = SourcesOf(secrets, plans);
  ConsumerTable table;
  for (const ConsumerCache::Source& source : sources) {
    auto& compiled = table[source.plan];
    if (cache != nullptr) compiled = cache->Find(source);
    if (compiled == nullptr) compiled = std::make_shared<const PlanConsumers>(ConsumerBook(source).Finish());
  }
  if (cache != nullptr) cache->Replace(std::move(sources), table);
  return table;
}

}  // namespace tollgate::compile
