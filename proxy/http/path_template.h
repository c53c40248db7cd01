// Path templates: "/v1/quotes/{symbol}" and "/files/{path...}" as segments, matched against a canonical path,
// and filled in for a rewrite. Immutable; any thread.
#pragma once

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tollgate::http {

// Takes the first segment off the front of a path, or of the rest of one: the text behind the leading "/".
// What is left begins with "/" or is empty.
inline std::string_view TakeSegment(std::string_view& path) {
  const size_t slash = std::min(path.find('/', 1), path.size());
  const std::string_view segment = path.substr(1, slash - 1);
  path.remove_prefix(slash);
  return segment;
}

// What the variables of a template stood for in one path: values are slices of that path, names of the
// template.
struct Captures {
  static constexpr size_t kMax = 16;
  struct Capture {
    std::string_view name;
    std::string_view value;
  };
  std::array<Capture, kMax> captures;
  size_t count = 0;

  std::string_view Value(std::string_view name) const;
};

class PathTemplate {
 public:
  struct Segment {
    enum class Kind { kLiteral, kVariable, kRest };
    Kind kind;
    std::string text;  // the literal, or the variable's name
  };

  // Nothing where the text is no template: it begins with "/", a variable fills its whole segment, names are
  // distinct and at most Captures::kMax, and "{name...}" stands last.
  static std::optional<PathTemplate> Parse(std::string_view text);

  const std::vector<Segment>& segments() const { return segments_; }
  size_t literal_count() const;

  // Whether a canonical path fits, and what the variables are then. A variable takes one segment that is not
  // empty; "{name...}" takes the rest, which may be empty.
  bool Match(std::string_view path, Captures& captures) const;

  // The path with the variables' values in place, appended to `out`. Values are slices of a canonical path,
  // so they hold no "/" (unless by "{name...}"), no "?" and no "#": they cannot change the path's shape.
  void Expand(const Captures& captures, std::string& out) const;

 private:
  std::vector<Segment> segments_;
};

}  // namespace tollgate::http
