#include "controller/kube/line_splitter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace tollgate::kube {
namespace {

using Outcome = LineSplitter::Outcome;
using ::testing::ElementsAre;

std::vector<std::string> Split(const std::vector<std::string>& pieces) {
  LineSplitter splitter(100);
  std::vector<std::string> lines;
  for (const auto& piece : pieces) {
    EXPECT_EQ(splitter.Feed(piece, [&](std::string_view line) { return lines.emplace_back(line), true; }),
              Outcome::kMore);
  }
  return lines;
}

TEST(LineSplitter, FindsTheSameLinesWhereverTheTextIsCut) {
  const std::string text = "one\n\ntwo and more\nthree\n";
  for (size_t first = 0; first <= text.size(); ++first) {
    for (size_t second = first; second <= text.size(); ++second) {
      EXPECT_THAT(Split({text.substr(0, first), text.substr(first, second - first), text.substr(second)}),
                  ElementsAre("one", "", "two and more", "three"))
          << "cut at " << first << " and " << second;
    }
  }
}

TEST(LineSplitter, KeepsAnUnfinishedLineToItself) { EXPECT_THAT(Split({"one\ntw"}), ElementsAre("one")); }

TEST(LineSplitter, StopsWhereTheReaderHasEnough) {
  LineSplitter splitter(100);
  int lines = 0;
  EXPECT_EQ(splitter.Feed("a\nb\nc\n", [&](std::string_view) { return ++lines < 2; }), Outcome::kStopped);
  EXPECT_EQ(lines, 2);
}

TEST(LineSplitter, RefusesALineThatIsTooLongInOnePieceOrSeveral) {
  const auto ignore = [](std::string_view) { return true; };
  EXPECT_EQ(LineSplitter(3).Feed("abcd\n", ignore), Outcome::kTooLong);
  EXPECT_EQ(LineSplitter(3).Feed("abcd", ignore), Outcome::kTooLong);
  LineSplitter splitter(3);
  EXPECT_EQ(splitter.Feed("ab", ignore), Outcome::kMore);
  EXPECT_EQ(splitter.Feed("cd", ignore), Outcome::kTooLong);
}

TEST(LineSplitter, TakesALineOfJustTheLimit) {
  LineSplitter splitter(3);
  std::string seen;
  EXPECT_EQ(splitter.Feed("ab", [](std::string_view) { return true; }), Outcome::kMore);
  EXPECT_EQ(splitter.Feed("c\n", [&](std::string_view line) { return seen = line, true; }), Outcome::kMore);
  EXPECT_EQ(seen, "abc");
}

}  // namespace
}  // namespace tollgate::kube
