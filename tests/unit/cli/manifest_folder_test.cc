// Files meet the verdict of a cluster: what the apiserver refuses is refused, what it accepts is contained.
#include "cli/manifest_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "cli/findings.h"
#include "tests/kit/process.h"
#include "tests/kit/temp_folder.h"

namespace tollgate::cli {
namespace {

namespace fs = std::filesystem;

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;

// The leading comments of a bad manifest; tests/catalogue/README.md says what stands in them.
struct Expectation {
  std::string sentence;
  bool accepted = false;  // by the apiserver, though the object's status says the sentence
};

Expectation ReadExpectation(const fs::path& path) {
  Expectation expected;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line) && line.starts_with('#');) {
    if (line.starts_with("# expect: ") && expected.sentence.empty()) expected.sentence = line.substr(10);
    if (line.starts_with("# cluster: accepts it")) expected.accepted = line.ends_with("says the same");
  }
  return expected;
}

TEST(ManifestFolder, RefusesWhatAClusterRefusesAndContainsWhatItAccepts) {
  // The routes of the catalogue name no hosts, which is a mistake of its own elsewhere.
  compile::CompilerOptions options;
  options.open_hosts = true;
  size_t contained = 0;
  for (const auto& entry : fs::directory_iterator(kit::SourcePath("tests/catalogue/bad"))) {
    SCOPED_TRACE(entry.path().filename().string());
    const Expectation expected = ReadExpectation(entry.path());
    const auto objects = ReadFolder({entry.path()});
    EXPECT_EQ(objects.ok(), expected.accepted);
    if (!objects.ok()) continue;
    const auto findings = FindingsOf(*objects, compile::Compile(*objects, options));
    EXPECT_THAT(findings, Contains(Field(&Finding::message, HasSubstr(expected.sentence))));
    ++contained;
  }
  EXPECT_GE(contained, 25u);
}

TEST(ManifestFolder, NamesEveryMistakeOfAnApplyByFileAndLine) {
  const kit::TempFolder folder;
  folder.Write("a.yaml", "kind: [unclosed");
  folder.Write("b.yaml", R"(
apiVersion: tollgate.dev/v1alpha1
kind: ApiPlan
metadata: {name: plan, namespace: test}
spec: {displayName: 7}
)");
  const auto objects = ReadFolder({folder.path()});
  ASSERT_FALSE(objects.ok());
  EXPECT_THAT(objects.error(),
              AllOf(Contains(HasSubstr("a.yaml:1")),
                    Contains(AllOf(HasSubstr("b.yaml:2"), HasSubstr("ApiPlan \"plan\": spec.displayName")))));
}

TEST(ManifestFolder, AnObjectThatStandsTwiceIsRefused) {
  const kit::TempFolder folder;
  const std::string service = "apiVersion: v1\nkind: Service\nmetadata: {name: a, namespace: test}\n";
  folder.Write("a.yaml", service);
  folder.Write("b.yaml", service);
  const auto objects = ReadFolder({folder.path()});
  ASSERT_FALSE(objects.ok());
  EXPECT_THAT(objects.error(),
              ElementsAre(AllOf(HasSubstr("b.yaml"),
                                HasSubstr("Service \"test/a\" stands twice in these files; remove one"))));
}

}  // namespace
}  // namespace tollgate::cli
