#include "controller/compile/consumer_bounds.h"

#include <algorithm>
#include <utility>

namespace tollgate::compile {
namespace {

struct Sum {
  size_t consumers = 0;
  size_t bytes = 0;

  bool Exceeds(const ConsumerBounds& bounds) const {
    return consumers > bounds.consumers || bytes > bounds.bytes;
  }
};

Sum SumOf(const ConsumerTable& table) {
  Sum sum;
  for (const auto& [plan, consumers] : table) {
    sum.consumers += consumers->resources.size();
    sum.bytes += consumers->bytes;
  }
  return sum;
}

std::string TooMany(const PlanConsumers& consumers, const ConsumerBounds& bounds) {
  return "its " + std::to_string(consumers.resources.size()) + " consumers take " +
         std::to_string(consumers.bytes) + " bytes of configuration; those of all plans together may be " +
         std::to_string(bounds.consumers) + " and take " + std::to_string(bounds.bytes) +
         ", so nobody is admitted: divide the plans among several installations";
}

std::shared_ptr<const PlanConsumers> Without(const PlanConsumers& consumers, const ConsumerBounds& bounds) {
  PlanConsumers left;
  left.refused = consumers.refused;
  left.secrets_with_plain_keys = consumers.secrets_with_plain_keys;
  left.too_many = TooMany(consumers, bounds);
  return std::make_shared<const PlanConsumers>(std::move(left));
}

}  // namespace

ConsumerTable KeepWithin(const ConsumerBounds& bounds, ConsumerTable table) {
  for (Sum sum = SumOf(table); sum.Exceeds(bounds); sum = SumOf(table)) {
    const auto largest = std::max_element(table.begin(), table.end(), [](const auto& a, const auto& b) {
      return a.second->bytes < b.second->bytes;
    });
    largest->second = Without(*largest->second, bounds);
  }
  return table;
}

}  // namespace tollgate::compile
