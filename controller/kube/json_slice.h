// Finds values inside JSON text without parsing it: where an object's member or an array's elements begin
// and end. A page of a list holds 500 objects; this hands on the text of each without building a tree of
// them all. Made for what an API server writes: it skips well-formed values and refuses what it cannot skip,
// but it is no validator; the text it returns is parsed by controller/resource. Pure; any thread.
#pragma once

#include <functional>
#include <optional>
#include <string_view>

namespace tollgate::kube {

// The text of member `key` of the object that `object` is. Nothing where there is no such member or the text
// is no object. Keys are compared as written: a key with escapes in it is never found.
std::optional<std::string_view> JsonMember(std::string_view object, std::string_view key);

// Calls `on_element` with the text of each element of the array that `array` is. False where it is none, or
// ends early; elements before that were delivered.
[[nodiscard]] bool ForEachJsonElement(std::string_view array,
                                      const std::function<void(std::string_view)>& on_element);

// The inside of the JSON string that `text` is. Nothing where it is no string or has escapes in it, which
// resource versions, continue tokens and event types have not.
std::optional<std::string_view> PlainJsonString(std::string_view text);

}  // namespace tollgate::kube
