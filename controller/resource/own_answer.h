// What a rule of type Redirect or Respond answers by itself, as its author wrote it. Plain data; any thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace tollgate::resource {

struct Redirect {
  std::optional<std::string> scheme;  // "http" or "https"
  std::optional<std::string> host;
  std::optional<std::string> path;
  std::optional<int> status;

  bool operator==(const Redirect&) const = default;
};

struct HeaderValue {
  std::string name;
  std::string value;

  bool operator==(const HeaderValue&) const = default;
};

struct Respond {
  std::optional<int> status;
  std::vector<HeaderValue> headers;
  std::string body;

  bool operator==(const Respond&) const = default;
};

}  // namespace tollgate::resource
