#include "controller/compile/consumers.h"

#include <algorithm>
#include <set>

#include "controller/compile/seniority.h"

namespace tollgate::compile {
namespace {

using resource::ApiPlan;
using resource::ConsumerEntry;
using resource::ConsumerSecret;
using resource::KeyLine;

std::string EntryField(const ConsumerSecret& secret, const std::string& entry) {
  return "Secret " + secret.meta.name.ToString() + ", entry " + entry;
}

// Fills a consumer from the entry that counts for it, but for its keys.
api::Consumer MakeConsumer(const ApiPlan& plan, const ConsumerEntry& entry) {
  api::Consumer consumer;
  consumer.set_id(plan.meta.name.space + "/" + entry.id);
  consumer.set_plan(plan.meta.name.ToString());
  consumer.set_suspended(entry.suspended);
  consumer.set_group(entry.group);
  consumer.set_has_credits(entry.credits.has_value());
  consumer.set_credits(entry.credits.value_or(0));
  for (const auto& [name, value] : entry.attributes) {
    api::Attribute* attribute = consumer.add_attributes();
    attribute->set_name(name);
    attribute->set_value(value);
  }
  return consumer;
}

// The Secrets of one plan, read oldest first, so that whoever comes first counts.
class ConsumerBook {
 public:
  explicit ConsumerBook(const ApiPlan& plan) : plan_(plan) {
    for (const resource::RateLimit& limit : plan.rate_limits) limit_names_.insert(limit.name);
  }

  void Add(const ConsumerSecret& secret) {
    if (secret.has_plain_keys) result_.secrets_with_plain_keys.push_back(secret.meta.name.ToString());
    for (const resource::Mistake& mistake : secret.mistakes) {
      result_.refused.push_back({EntryField(secret, mistake.field), mistake.message});
    }
    for (const ConsumerEntry& entry : secret.entries) AddEntry(secret, entry);
  }

  PlanConsumers Finish() && {
    for (auto& [id, consumer] : by_id_) {
      // Nobody can present a key of a consumer that has none.
      if (consumer.credentials().empty()) continue;
      SortCredentials(consumer);
      result_.consumers.push_back(std::move(consumer));
    }
    std::sort(result_.secrets_with_plain_keys.begin(), result_.secrets_with_plain_keys.end());
    return std::move(result_);
  }

 private:
  void AddEntry(const ConsumerSecret& secret, const ConsumerEntry& entry) {
    const std::string field = EntryField(secret, entry.entry);
    const auto [at, is_new] = by_id_.try_emplace(entry.id);
    if (is_new) {
      at->second = MakeConsumer(plan_, entry);
      AddOverrides(entry, field, at->second);
    }
    for (const KeyLine& key : entry.keys) AddKey(key, field, at->second);
  }

  void AddKey(const KeyLine& key, const std::string& field, api::Consumer& consumer) {
    const auto [holder, is_new] = holders_.try_emplace(key.digest, field);
    if (!is_new) {
      result_.refused.push_back({field, "has a key that stands already in " + holder->second +
                                            ", which comes first: take one out"});
      return;
    }
    api::Credential* credential = consumer.add_credentials();
    credential->set_digest(std::string(AsBytes(key.digest)));
    credential->set_expires_us(key.expires_us);
  }

  // An override without its limit or quota would be taken for one that holds, so its author is told; but not
  // where the plan itself could not be read whole.
  void AddOverrides(const ConsumerEntry& entry, const std::string& field, api::Consumer& consumer) {
    if (!plan_.mistakes.empty()) return;
    for (const auto& [name, requests] : entry.limits) {
      if (!limit_names_.contains(name)) {
        result_.refused.push_back(
            {field, "has limit." + name + ", but the plan has no rate limit of that name: correct the name"});
        continue;
      }
      api::LimitOverride* limit = consumer.add_limits();
      limit->set_limit(name);
      limit->set_requests(requests);
    }
    if (entry.credits && !plan_.quota) {
      result_.refused.push_back({field, "has credits=, but the plan has no quota: give the plan one"});
    }
  }

  static void SortCredentials(api::Consumer& consumer) {
    std::sort(consumer.mutable_credentials()->pointer_begin(), consumer.mutable_credentials()->pointer_end(),
              [](const api::Credential* a, const api::Credential* b) { return a->digest() < b->digest(); });
  }

  const ApiPlan& plan_;
  std::set<std::string> limit_names_;
  std::map<std::string, api::Consumer> by_id_;
  std::map<Sha256Digest, std::string> holders_;  // digest → the field of the entry that has it
  PlanConsumers result_;
};

}  // namespace

ConsumerTable CompileConsumers(const store::ObjectMap<ConsumerSecret>& secrets,
                               const store::ObjectMap<ApiPlan>& plans) {
  std::map<resource::ObjectName, ConsumerBook> books;
  for (const auto& [name, plan] : plans) books.try_emplace(name, *plan);
  for (const ConsumerSecret* secret : OldestFirst(secrets)) {
    const auto book = books.find({secret->meta.name.space, secret->plan});
    if (book != books.end()) book->second.Add(*secret);
  }
  ConsumerTable table;
  for (auto& [name, book] : books) table.emplace(name, std::move(book).Finish());
  return table;
}

}  // namespace tollgate::compile
