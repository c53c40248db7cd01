#include "proxy/exchange/problem.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "tests/kit/process.h"

namespace tollgate::exchange {
namespace {

std::vector<ProblemRow> AllRows() {
  std::vector<ProblemRow> rows;
  for (int i = 0; i <= static_cast<int>(Problem::kDraining); ++i)
    rows.push_back(RowOf(static_cast<Problem>(i)));
  return rows;
}

TEST(Problem, EveryTypeHasAPageAndEveryPageAType) {
  std::set<std::string> slugs;
  for (const ProblemRow& row : AllRows()) slugs.insert(std::string(row.slug));
  std::set<std::string> pages;
  for (const auto& page : std::filesystem::directory_iterator(kit::SourcePath("docs/problems"))) {
    if (page.path().filename() != "README.md") pages.insert(page.path().stem());
  }
  EXPECT_EQ(slugs, pages);
}

TEST(Problem, TemplatesAreForTypesThatThereAre) {
  std::ifstream file(kit::SourcePath("crds/gatewayroutes.tollgate.dev.yaml"));
  const std::string crd((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  const size_t list = crd.find("enum: [address-refused,");
  ASSERT_NE(list, std::string::npos);
  std::set<std::string> slugs;
  for (const ProblemRow& row : AllRows()) slugs.insert(std::string(row.slug));
  std::istringstream words(crd.substr(list + 7, crd.find(']', list) - list - 7));
  for (std::string slug; words >> slug;) {
    if (slug.ends_with(',')) slug.pop_back();
    EXPECT_TRUE(slugs.contains(slug)) << slug;
  }
}

TEST(Problem, ServerErrorsAreToldApartFromTheCallers) {
  for (const ProblemRow& row : AllRows()) {
    EXPECT_TRUE(row.status >= 400 && row.status < 600) << row.slug;
    EXPECT_TRUE(row.grpc_status >= 1 && row.grpc_status <= 16) << row.slug;
    EXPECT_FALSE(row.title.empty()) << row.slug;
  }
}

}  // namespace
}  // namespace tollgate::exchange
