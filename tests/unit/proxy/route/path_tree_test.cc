// The tree against what it stands for: each path compared with each entry, one by one.
#include "proxy/route/path_tree.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

namespace tollgate::route {
namespace {

std::vector<std::string> Segments(std::string path) {
  std::vector<std::string> segments;
  path.erase(0, 1);
  while (true) {
    const size_t slash = path.find('/');
    segments.push_back(path.substr(0, slash));
    if (slash == std::string::npos) return segments;
    path.erase(0, slash + 1);
  }
}

// One entry, matched the slow way.
struct Entry {
  enum class Kind { kExact, kPrefix, kTemplate } kind;
  std::string text;

  bool Fits(const std::string& path) const {
    if (kind == Kind::kExact) return path == text;
    if (kind == Kind::kPrefix) {
      const std::string base = text.ends_with('/') ? text.substr(0, text.size() - 1) : text;
      return path == base || path.starts_with(base + "/");
    }
    const std::vector<std::string> wanted = Segments(text);
    const std::vector<std::string> given = Segments(path);
    for (size_t i = 0; i < wanted.size(); ++i) {
      if (i >= given.size()) return false;
      if (wanted[i].ends_with("...}")) return true;
      if (wanted[i].starts_with("{") ? given[i].empty() : wanted[i] != given[i]) return false;
    }
    return wanted.size() == given.size();
  }
};

class PathTreeTest : public ::testing::Test {
 protected:
  void Add(Entry entry) {
    const auto number = static_cast<PathTree::EntryNumber>(entries_.size());
    switch (entry.kind) {
      case Entry::Kind::kExact: tree_.AddExact(entry.text, number); break;
      case Entry::Kind::kPrefix: tree_.AddPrefix(entry.text, number); break;
      case Entry::Kind::kTemplate: tree_.AddTemplate(*http::PathTemplate::Parse(entry.text), number); break;
    }
    entries_.push_back(std::move(entry));
  }
  void ExpectAgreement(const std::string& path) const {
    std::vector<PathTree::EntryNumber> found;
    tree_.Find(path, found);
    std::sort(found.begin(), found.end());
    std::vector<PathTree::EntryNumber> expected;
    for (PathTree::EntryNumber i = 0; i < entries_.size(); ++i) {
      if (entries_[i].Fits(path)) expected.push_back(i);
    }
    EXPECT_EQ(found, expected) << path;
  }

  PathTree tree_;
  std::vector<Entry> entries_;
};

std::string RandomPath(std::mt19937_64& random, bool with_variables) {
  static const std::vector<std::string> kSegments = {"a", "b", "ab", "", "a"};
  std::string path;
  const uint64_t count = 1 + random() % 4;
  for (uint64_t i = 0; i < count; ++i) {
    const bool variable = with_variables && random() % 3 == 0;
    const bool rest = with_variables && i + 1 == count && random() % 4 == 0;
    path += "/";
    if (rest) {
      path += "{rest...}";
    } else if (variable) {
      path += "{v" + std::to_string(i) + "}";
    } else {
      path += kSegments[random() % kSegments.size()];
    }
  }
  return path;
}

TEST_F(PathTreeTest, FindsWhatFitsAndNothingElse) {
  std::mt19937_64 random(10);
  for (int round = 0; round < 200; ++round) {
    tree_ = PathTree();
    entries_.clear();
    for (int i = 0; i < 12; ++i) {
      const auto kind = static_cast<Entry::Kind>(random() % 3);
      Add({kind, RandomPath(random, kind == Entry::Kind::kTemplate)});
    }
    for (int i = 0; i < 100; ++i) ExpectAgreement(RandomPath(random, false));
  }
}

TEST_F(PathTreeTest, RootPrefixTakesEverything) {
  Add({Entry::Kind::kPrefix, "/"});
  for (const char* path : {"/", "//", "/a", "/a/"}) ExpectAgreement(path);
}

TEST_F(PathTreeTest, SameEntryPlacedTwiceIsFoundTwice) {
  tree_.AddExact("/a", 7);
  tree_.AddExact("/a", 7);
  std::vector<PathTree::EntryNumber> found = {1};
  tree_.Find("/a", found);
  EXPECT_EQ(found, (std::vector<PathTree::EntryNumber>{1, 7, 7}));
}

}  // namespace
}  // namespace tollgate::route
