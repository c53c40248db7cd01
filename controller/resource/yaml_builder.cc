#include "controller/resource/yaml_builder.h"

#include <yaml-cpp/mark.h>

#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "controller/resource/yaml_scalar.h"

namespace tollgate::resource {
namespace {

using nlohmann::json;

// A few hundred bytes of nested aliases can stand for more values than there is memory.
constexpr size_t kMostAliasedValues = 100'000;
constexpr char kMergeKey[] = "<<";

int LineOf(const YAML::Mark& mark) { return mark.line + 1; }

// `<<: *base` and `<<: [*first, *second]`: what the mapping itself has wins, then the first that has the key.
void Merge(int line, const json& value, json& mapping) {
  const json sources = value.is_array() ? value : json::array({value});
  for (const json& source : sources) {
    if (!source.is_object()) throw YamlMistake(line, "<< merges mappings only; name an alias of one");
    for (const auto& [key, merged] : source.items()) mapping.emplace(key, merged);
  }
}

}  // namespace

struct YamlBuilder::Open {
  json value;
  int line;
  YAML::anchor_t anchor;
  size_t size = 1;  // how many values stand in it, itself included
  // Of a mapping only.
  bool has_key = false;
  std::string key;
  bool is_merge = false;
  std::set<std::string> keys;
  std::vector<std::pair<int, json>> merges;
};

struct YamlBuilder::Anchored {
  json value;
  size_t size;
};

YamlBuilder::YamlBuilder() : document_(std::make_unique<json>()) {}
YamlBuilder::~YamlBuilder() = default;

void YamlBuilder::OnDocumentStart(const YAML::Mark& mark) {
  open_.clear();
  anchors_.clear();
  *document_ = nullptr;
  line_ = LineOf(mark);
  aliased_values_ = 0;
}

bool YamlBuilder::AtKey() const {
  return !open_.empty() && open_.back().value.is_object() && !open_.back().has_key;
}

void YamlBuilder::SetKey(int line, const std::string& tag, const std::string& text) {
  Open& mapping = open_.back();
  const std::optional<std::string> key = ScalarKey(tag, text);
  if (!key) throw YamlMistake(line, "a mapping has a key that is no text; put it in quotes");
  mapping.is_merge = tag == "?" && text == kMergeKey;
  if (!mapping.keys.insert(*key).second) {
    throw YamlMistake(line, "the key \"" + *key + "\" stands twice in one mapping; remove one");
  }
  mapping.key = *key;
  mapping.has_key = true;
}

void YamlBuilder::Put(int line, json value, size_t size, YAML::anchor_t anchor) {
  if (AtKey()) throw YamlMistake(line, "a mapping has a key that is no text; put it in quotes");
  if (anchor != YAML::NullAnchor) anchors_[anchor] = {value, size};
  if (open_.empty()) {
    line_ = line;
    *document_ = std::move(value);
    return;
  }
  Open& parent = open_.back();
  parent.size += size;
  if (parent.value.is_array()) {
    parent.value.push_back(std::move(value));
  } else if (parent.is_merge) {
    parent.merges.emplace_back(line, std::move(value));
  } else {
    parent.value[parent.key] = std::move(value);
  }
  parent.has_key = false;
}

void YamlBuilder::OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) {
  Put(LineOf(mark), nullptr, 1, anchor);
}

void YamlBuilder::OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) {
  const int line = LineOf(mark);
  const auto known = anchors_.find(anchor);
  if (known == anchors_.end()) {
    throw YamlMistake(line, "an alias stands inside the value of its own anchor; write the value out");
  }
  aliased_values_ += known->second.size;
  if (aliased_values_ > kMostAliasedValues) {
    throw YamlMistake(line, "the aliases of this document stand for more than 100000 values; write them out");
  }
  if (AtKey()) {
    const json& key = known->second.value;
    SetKey(line, "!", key.is_string() ? key.get<std::string>() : key.dump());
    return;
  }
  Put(line, known->second.value, known->second.size, YAML::NullAnchor);
}

void YamlBuilder::OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                           const std::string& text) {
  const int line = LineOf(mark);
  std::optional<json> value = ScalarValue(tag, text);
  if (!value) throw YamlMistake(line, "a value does not fit its tag " + tag + "; remove the tag");
  if (!AtKey()) return Put(line, *std::move(value), 1, anchor);
  SetKey(line, tag, text);
  if (anchor != YAML::NullAnchor) anchors_[anchor] = {*std::move(value), 1};
}

void YamlBuilder::Begin(const YAML::Mark& mark, YAML::anchor_t anchor, bool is_map) {
  const int line = LineOf(mark);
  if (AtKey()) throw YamlMistake(line, "a mapping has a key that is no text; put it in quotes");
  Open opened;
  opened.value = is_map ? json::object() : json::array();
  opened.line = line;
  opened.anchor = anchor;
  open_.push_back(std::move(opened));
}

void YamlBuilder::End() {
  Open closed = std::move(open_.back());
  open_.pop_back();
  for (const auto& [line, merged] : closed.merges) Merge(line, merged, closed.value);
  Put(closed.line, std::move(closed.value), closed.size, closed.anchor);
}

void YamlBuilder::OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                                  YAML::EmitterStyle::value) {
  Begin(mark, anchor, false);
}
void YamlBuilder::OnSequenceEnd() { End(); }

void YamlBuilder::OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                             YAML::EmitterStyle::value) {
  Begin(mark, anchor, true);
}
void YamlBuilder::OnMapEnd() { End(); }

}  // namespace tollgate::resource
