#include "proxy/route/path_tree.h"

#include <functional>
#include <unordered_map>

namespace tollgate::route {
namespace {

struct TextHash : std::hash<std::string_view> {
  using is_transparent = void;
};

}  // namespace

struct PathTree::Node {
  std::unordered_map<std::string, std::unique_ptr<Node>, TextHash, std::equal_to<>> literals;
  std::unique_ptr<Node> variable;
  std::vector<EntryNumber> ends;      // the path ends here
  std::vector<EntryNumber> prefixes;  // the path ends here or goes on with a whole segment
  std::vector<EntryNumber> rests;     // at least a "/" follows: "{name...}"
};

PathTree::PathTree() : root_(std::make_unique<Node>()) {}
PathTree::~PathTree() = default;
PathTree::PathTree(PathTree&&) noexcept = default;
PathTree& PathTree::operator=(PathTree&&) noexcept = default;

PathTree::Node& PathTree::Descend(std::string_view path) {
  Node* node = root_.get();
  while (!path.empty()) {
    std::unique_ptr<Node>& child = node->literals[std::string(http::TakeSegment(path))];
    if (!child) child = std::make_unique<Node>();
    node = child.get();
  }
  return *node;
}

void PathTree::AddExact(std::string_view path, EntryNumber entry) { Descend(path).ends.push_back(entry); }

void PathTree::AddPrefix(std::string_view path, EntryNumber entry) {
  if (path.ends_with('/')) path.remove_suffix(1);
  Descend(path).prefixes.push_back(entry);
}

void PathTree::AddTemplate(const http::PathTemplate& path, EntryNumber entry) {
  Node* node = root_.get();
  for (const http::PathTemplate::Segment& segment : path.segments()) {
    if (segment.kind == http::PathTemplate::Segment::Kind::kRest) {
      node->rests.push_back(entry);
      return;
    }
    std::unique_ptr<Node>& child = segment.kind == http::PathTemplate::Segment::Kind::kLiteral
                                       ? node->literals[segment.text]
                                       : node->variable;
    if (!child) child = std::make_unique<Node>();
    node = child.get();
  }
  node->ends.push_back(entry);
}

void PathTree::Walk(const Node& node, std::string_view rest, std::vector<EntryNumber>& found) {
  const auto append = [&found](const std::vector<EntryNumber>& entries) {
    found.insert(found.end(), entries.begin(), entries.end());
  };
  append(node.prefixes);
  if (rest.empty()) return append(node.ends);
  append(node.rests);
  const std::string_view segment = http::TakeSegment(rest);
  if (const auto child = node.literals.find(segment); child != node.literals.end()) {
    Walk(*child->second, rest, found);
  }
  if (node.variable && !segment.empty()) Walk(*node.variable, rest, found);
}

void PathTree::Find(std::string_view path, std::vector<EntryNumber>& found) const {
  Walk(*root_, path, found);
}

}  // namespace tollgate::route
