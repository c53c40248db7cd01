#include "controller/kube/watch_event.h"

#include <optional>
#include <utility>

#include "controller/kube/json_slice.h"

namespace tollgate::kube {
namespace {

using Type = WatchEvent::Type;

constexpr std::pair<std::string_view, Type> kTypes[] = {
    {"ADDED", Type::kAdded},       {"MODIFIED", Type::kModified}, {"DELETED", Type::kDeleted},
    {"BOOKMARK", Type::kBookmark}, {"ERROR", Type::kError},
};

std::optional<Type> ReadType(std::string_view line) {
  const auto member = JsonMember(line, "type");
  const auto name = member ? PlainJsonString(*member) : std::nullopt;
  for (const auto& [known, type] : kTypes) {
    if (name == known) return type;
  }
  return std::nullopt;
}

std::string ReadResourceVersion(std::string_view object) {
  const auto metadata = JsonMember(object, "metadata");
  const auto version = metadata ? JsonMember(*metadata, "resourceVersion") : std::nullopt;
  const auto text = version ? PlainJsonString(*version) : std::nullopt;
  return std::string(text.value_or(""));
}

}  // namespace

Result<WatchEvent> ReadWatchEvent(std::string_view line) {
  const auto type = ReadType(line);
  const auto object = JsonMember(line, "object");
  if (!type || !object) return Fault{"The API server sent a line that is no watch event."};
  if (*type == Type::kError) return WatchEvent{*type, *object, ""};
  WatchEvent event{*type, *object, ReadResourceVersion(*object)};
  if (event.resource_version.empty())
    return Fault{"The API server sent a watch event without a resourceVersion."};
  return event;
}

}  // namespace tollgate::kube
