// All path matches of one host as a tree of segments: finding those that fit a path costs the path's length,
// not the number of routes. Built once, then immutable; any thread may read.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/http/path_template.h"

namespace tollgate::route {

class PathTree {
 public:
  // Entries are numbered by the caller; a smaller number wins.
  using EntryNumber = uint32_t;

  PathTree();
  ~PathTree();
  PathTree(PathTree&&) noexcept;
  PathTree& operator=(PathTree&&) noexcept;

  void AddExact(std::string_view path, EntryNumber entry);
  // Whole segments: "/a" takes "/a" and "/a/b", not "/ab"; "/" takes everything.
  void AddPrefix(std::string_view path, EntryNumber entry);
  void AddTemplate(const http::PathTemplate& path, EntryNumber entry);

  // Appends every entry that fits the path, in no order.
  void Find(std::string_view path, std::vector<EntryNumber>& found) const;

 private:
  struct Node;
  Node& Descend(std::string_view path);
  static void Walk(const Node& node, std::string_view rest, std::vector<EntryNumber>& found);

  std::unique_ptr<Node> root_;
};

}  // namespace tollgate::route
