#include "proxy/http/path_template.h"

#include <algorithm>

namespace tollgate::http {
namespace {

bool IsName(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '_' || c == '-';
  });
}

std::optional<PathTemplate::Segment> ParseSegment(std::string_view text) {
  using Kind = PathTemplate::Segment::Kind;
  const bool braces = text.find_first_of("{}") != std::string_view::npos;
  if (!braces) return PathTemplate::Segment{Kind::kLiteral, std::string(text)};
  if (text.size() < 3 || text.front() != '{' || text.back() != '}') return std::nullopt;
  std::string_view name = text.substr(1, text.size() - 2);
  const bool rest = name.ends_with("...");
  if (rest) name.remove_suffix(3);
  if (!IsName(name)) return std::nullopt;
  return PathTemplate::Segment{rest ? Kind::kRest : Kind::kVariable, std::string(name)};
}

}  // namespace

std::string_view Captures::Value(std::string_view name) const {
  for (size_t i = 0; i < count; ++i) {
    if (captures[i].name == name) return captures[i].value;
  }
  return {};
}

std::optional<PathTemplate> PathTemplate::Parse(std::string_view text) {
  if (text.empty() || text.front() != '/') return std::nullopt;
  PathTemplate parsed;
  std::vector<std::string> names;
  while (!text.empty()) {
    std::optional<Segment> segment = ParseSegment(TakeSegment(text));
    if (!segment || (segment->kind == Segment::Kind::kRest && !text.empty())) return std::nullopt;
    if (segment->kind != Segment::Kind::kLiteral) names.push_back(segment->text);
    parsed.segments_.push_back(std::move(*segment));
  }
  std::sort(names.begin(), names.end());
  const bool distinct = std::adjacent_find(names.begin(), names.end()) == names.end();
  if (!distinct || names.size() > Captures::kMax) return std::nullopt;
  return parsed;
}

size_t PathTemplate::literal_count() const {
  return static_cast<size_t>(std::count_if(segments_.begin(), segments_.end(), [](const Segment& segment) {
    return segment.kind == Segment::Kind::kLiteral;
  }));
}

bool PathTemplate::Match(std::string_view path, Captures& captures) const {
  captures.count = 0;
  for (const Segment& segment : segments_) {
    if (path.empty()) return false;
    if (segment.kind == Segment::Kind::kRest) {
      captures.captures[captures.count++] = {segment.text, path.substr(1)};
      return true;
    }
    const std::string_view value = TakeSegment(path);
    if (segment.kind == Segment::Kind::kLiteral) {
      if (value != segment.text) return false;
    } else {
      if (value.empty()) return false;
      captures.captures[captures.count++] = {segment.text, value};
    }
  }
  return path.empty();
}

void PathTemplate::Expand(const Captures& captures, std::string& out) const {
  for (const Segment& segment : segments_) {
    out += '/';
    out += segment.kind == Segment::Kind::kLiteral ? std::string_view(segment.text)
                                                   : captures.Value(segment.text);
  }
}

}  // namespace tollgate::http
