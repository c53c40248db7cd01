#include <algorithm>
#include <cstring>

#include "proxy/cache/key.h"
#include "proxy/exchange/item_list.h"

namespace tollgate::cache {
namespace {

struct Parameter {
  std::string_view text;  // as it came: "name=value"
  std::string_view name;  // decoded
};

bool IsListed(const api::Cache& cache, std::string_view name) {
  const auto& names = cache.query_names();
  return std::any_of(names.begin(), names.end(),
                     [name](const std::string& listed) { return listed == name; });
}

// Appends the listed parameters of `query` to `out`, which has room for all; how many there are.
size_t PickListed(const api::Cache& cache, std::string_view query, exchange::Arena& arena, Parameter* out) {
  size_t count = 0;
  for (size_t begin = 0; begin < query.size();) {
    const size_t end = std::min(query.find('&', begin), query.size());
    const std::string_view text = query.substr(begin, end - begin);
    begin = end + 1;
    if (text.empty()) continue;
    const std::string_view name = exchange::FormDecode(text.substr(0, text.find('=')), arena);
    if (IsListed(cache, name)) out[count++] = {text, name};
  }
  return count;
}

Query Joined(const Parameter* begin, const Parameter* end, exchange::Arena& arena) {
  if (begin == end) return {};
  size_t size = static_cast<size_t>(end - begin) - 1;
  for (const Parameter* at = begin; at != end; ++at) size += at->text.size();
  char* const text = arena.Allocate(size);
  char* out = text;
  for (const Parameter* at = begin; at != end; ++at) {
    if (at != begin) *out++ = '&';
    std::memcpy(out, at->text.data(), at->text.size());
    out += at->text.size();
  }
  return {{text, size}, true};
}

Parameter* AllocateParameters(size_t count, exchange::Arena& arena) {
  char* const memory = arena.Allocate(count * sizeof(Parameter) + alignof(Parameter));
  const size_t misaligned = reinterpret_cast<uintptr_t>(memory) % alignof(Parameter);
  return reinterpret_cast<Parameter*>(memory + (alignof(Parameter) - misaligned));
}

}  // namespace

Query ForwardedQuery(const api::Rule& rule, Query query, exchange::Arena& arena) {
  if (!rule.has_cache() || !rule.cache().query_listed() || !query.present) return query;
  const size_t most = static_cast<size_t>(std::count(query.text.begin(), query.text.end(), '&')) + 1;
  Parameter* const begin = AllocateParameters(most, arena);
  Parameter* const end = begin + PickListed(rule.cache(), query.text, arena, begin);
  // Parameters of one name keep their order, which may have a meaning: they are slices of one text.
  std::sort(begin, end, [](const Parameter& a, const Parameter& b) {
    return a.name != b.name ? a.name < b.name : a.text.data() < b.text.data();
  });
  return Joined(begin, end, arena);
}

}  // namespace tollgate::cache
