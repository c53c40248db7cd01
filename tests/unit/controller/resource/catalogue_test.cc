// Runs every manifest of tests/catalogue/bad through the parsers; its README says what stands in the files.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "controller/resource/parse.h"

namespace tollgate::resource {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> BadManifests() {
  std::vector<fs::path> paths;
  for (const auto& entry : fs::directory_iterator(TOLLGATE_CATALOGUE "/bad")) paths.push_back(entry.path());
  std::sort(paths.begin(), paths.end());
  return paths;
}

std::string ReadFile(const fs::path& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

std::vector<std::string> ExpectedVerdict(const std::string& text) {
  constexpr std::string_view kExpect = "# expect: ";
  std::vector<std::string> verdict;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line) && line.starts_with('#');) {
    if (line.starts_with(kExpect)) verdict.push_back(line.substr(kExpect.size()));
  }
  return verdict;
}

void Add(const std::vector<Mistake>& mistakes, std::vector<std::string>& verdict) {
  for (const Mistake& mistake : mistakes) verdict.push_back(mistake.field + ": " + mistake.message);
}

struct MistakesOf {
  std::vector<std::string> operator()(const GatewayRoute& route) const {
    std::vector<std::string> verdict;
    Add(route.mistakes, verdict);
    for (const Rule& rule : route.rules) Add(rule.mistakes, verdict);
    return verdict;
  }
  template <class T>
  std::vector<std::string> operator()(const T& object) const {
    std::vector<std::string> verdict;
    if constexpr (requires { object.mistakes; }) Add(object.mistakes, verdict);
    return verdict;
  }
};

std::vector<std::string> Verdict(const std::string& text, const std::string& name) {
  const Result<std::vector<Manifest>> manifests = ReadManifests(text, name);
  if (!manifests) return {manifests.error().message};
  std::vector<std::string> verdict;
  for (const Manifest& manifest : *manifests) {
    const std::optional<Object> object = ParseManifest(manifest);
    if (!object) continue;
    for (std::string& line : std::visit(MistakesOf{}, *object)) verdict.push_back(std::move(line));
  }
  return verdict;
}

TEST(Catalogue, EveryBadManifestIsRefusedInTheExpectedWords) {
  const std::vector<fs::path> paths = BadManifests();
  ASSERT_GT(paths.size(), 200U);
  for (const fs::path& path : paths) {
    SCOPED_TRACE(path.filename().string());
    const std::string text = ReadFile(path);
    const std::vector<std::string> expected = ExpectedVerdict(text);
    EXPECT_FALSE(expected.empty());
    std::vector<testing::Matcher<std::string>> lines;
    // What a third-party parser says of broken YAML is its own; the expectation then ends before it.
    for (const std::string& line : expected) lines.emplace_back(testing::StartsWith(line));
    EXPECT_THAT(Verdict(text, path.filename().string()), testing::ElementsAreArray(lines));
  }
}

}  // namespace
}  // namespace tollgate::resource
