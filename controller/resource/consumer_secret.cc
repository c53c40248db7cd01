#include "controller/resource/consumer_secret.h"

#include <re2/re2.h>

#include <nlohmann/json.hpp>
#include <utility>

#include "controller/resource/json_access.h"
#include "controller/resource/key_line.h"
#include "controller/resource/metadata.h"
#include "controller/resource/parse.h"
#include "controller/resource/secret_data.h"

namespace tollgate::resource {
namespace {

using nlohmann::json;

// What belongs to the consumer and not to one of its keys: the first line's counts.
void TakeAttributes(ParsedLine&& line, ConsumerEntry& entry) {
  if (!line.id.empty()) entry.id = std::move(line.id);
  entry.suspended = line.suspended;
  entry.group = std::move(line.group);
  entry.limits = std::move(line.limits);
  entry.credits = line.credits;
  entry.attributes = std::move(line.attributes);
}

std::string_view TakeLine(std::string_view& text) {
  const size_t end = std::min(text.find('\n'), text.size());
  std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

// Reads the lines of one entry into `secret`.
class EntryReader {
 public:
  EntryReader(std::string name, ConsumerSecret& secret) : secret_(secret) {
    entry_.entry = name;
    entry_.id = std::move(name);
  }

  void Read(std::string_view text) {
    for (int number = 1; !text.empty(); ++number) {
      const std::string_view line = TakeLine(text);
      if (!line.empty()) ReadLine(number, line);
    }
    if (is_first_) Note("holds no key: write sha256: and the 64 hexadecimal digits of a key's SHA-256");
    secret_.entries.push_back(std::move(entry_));
  }

 private:
  // The apiserver does not read Secrets.
  void Note(std::string message) {
    secret_.mistakes.push_back({entry_.entry, std::move(message), /*admissible=*/true});
  }

  void ReadLine(int number, std::string_view line) {
    Result<ParsedLine> parsed = ParseKeyLine(line);
    const bool is_first = std::exchange(is_first_, false);
    if (!parsed) return RefuseLine(number, is_first, parsed.error().message);
    secret_.has_plain_keys |= parsed->is_plain;
    entry_.keys.push_back(parsed->key);
    if (is_first) TakeAttributes(*std::move(parsed), entry_);
  }

  // Whether a consumer is suspended, and its limits, stand in the first line. Where that cannot be read, the
  // keys of the other lines must not admit the consumer on better terms than were meant.
  void RefuseLine(int number, bool is_first, const std::string& why) {
    entry_.suspended |= is_first;
    const char* effect = is_first ? "; the consumer is suspended until its first line can be read" : "";
    Note("line " + std::to_string(number) + " is refused: " + why + effect);
  }

  ConsumerSecret& secret_;
  ConsumerEntry entry_;
  bool is_first_ = true;
};

// As for a config key of the apiserver. Such a name is also safe in a header, as a consumer's id has to be.
bool IsEntryName(const std::string& name) {
  static const RE2 kName("[-._a-zA-Z0-9]{1,253}");
  return RE2::FullMatch(name, kName) && name != "." && !name.starts_with("..");
}

void ReadEntries(const json& object, ConsumerSecret& secret) {
  for (auto& [name, text] : SecretEntries(object, secret.mistakes)) {
    if (IsEntryName(name)) {
      EntryReader(name, secret).Read(text);
    } else {
      secret.mistakes.push_back({"data",
                                 "has an entry whose name is not made of letters, digits, dots, hyphens and "
                                 "underscores; rename it"});
    }
  }
}

}  // namespace

ConsumerSecret ParseConsumerSecret(const json& object) {
  ConsumerSecret secret;
  secret.meta = ParseMetadata(object);
  secret.plan = LabelOf(object, kPlanLabel);
  secret.mistakes = CheckMetadata(object);
  CheckSecretEntries(object, secret.mistakes);
  if (secret.plan.empty()) {
    secret.mistakes.push_back({std::string("metadata.labels.") + kPlanLabel,
                               "names no plan: set the label to the name of an ApiPlan in this namespace",
                               /*admissible=*/true});
  }
  // What the apiserver would not have taken admits nobody.
  if (secret.mistakes.empty()) ReadEntries(object, secret);
  return secret;
}

}  // namespace tollgate::resource
