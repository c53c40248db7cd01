// The catalogue of bad manifests against a real kube-apiserver: files and clusters meet the same verdict.
// What stands in the files is told in tests/catalogue/README.md.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>

#include "tests/cluster/cluster.h"

namespace tollgate::cluster {
namespace {

namespace fs = std::filesystem;

struct Expectation {
  std::vector<std::string> sentences;  // "FIELD: SENTENCE"
  std::string cluster;                 // what stands behind "# cluster: "; empty: the same
};

Expectation ReadExpectation(const fs::path& path) {
  Expectation expected;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line) && line.starts_with('#');) {
    if (line.starts_with("# expect: ")) expected.sentences.push_back(line.substr(10));
    if (line.starts_with("# cluster: ")) expected.cluster = line.substr(11);
  }
  return expected;
}

// The part that both say alike: behind the field and behind the value that was found.
std::string CoreOf(const std::string& sentence) {
  std::string core = sentence.substr(sentence.find(": ") + 2);
  for (const char* opening : {"Invalid value: ", "Too long: ", "Duplicate value: "}) {
    if (!core.starts_with(opening)) continue;
    const size_t value_end = core.find(": ", std::string(opening).size());
    if (value_end != std::string::npos) core = core.substr(value_end + 2);
  }
  return core;
}

class Catalogue : public testing::Test {
 protected:
  static void SetUpTestSuite() { installation = new Installation; }
  static void TearDownTestSuite() { delete installation; }
  static Installation* installation;
};
Installation* Catalogue::installation = nullptr;

TEST_F(Catalogue, TheApiServerRefusesEachWithTheSameSentence) {
  std::set<fs::path> files;
  for (const auto& entry : fs::directory_iterator(kit::SourcePath("tests/catalogue/bad")))
    files.insert(entry.path());
  ASSERT_GT(files.size(), 200u);
  size_t alike = 0;
  for (const fs::path& file : files) {
    const Expectation expected = ReadExpectation(file);
    const Outcome outcome = Kubectl("create --dry-run=server --validate=strict -f " + file.string());
    SCOPED_TRACE(file.filename().string() + "\n" + outcome.out);
    const bool accepts = expected.cluster.starts_with("accepts it");
    EXPECT_EQ(outcome.code == 0, accepts);
    if (!expected.cluster.empty()) continue;
    const bool said = std::any_of(
        expected.sentences.begin(), expected.sentences.end(),
        [&](const auto& sentence) { return outcome.out.find(CoreOf(sentence)) != std::string::npos; });
    EXPECT_TRUE(said) << "expected: " << CoreOf(expected.sentences.front());
    ++alike;
  }
  std::printf("%zu manifests, %zu in the very same words\n", files.size(), alike);
}

// Each kind of place for one; none of these fits the empty text.
TEST_F(Catalogue, RegularExpressionsAreTaken) {
  EXPECT_TRUE(installation->Apply(R"(
apiVersion: tollgate.dev/v1alpha1
kind: GatewayRoute
metadata: {name: regular, namespace: market}
spec:
  hosts: [regular.example]
  access: Public
  security: {denyPatterns: ["/private/.+"]}
  rules:
  - name: a
    matches:
    - path: {type: Regex, value: "/v[0-9]+/.+"}
      headers: [{name: X-Version, type: Regex, value: "[0-9]+"}]
      query: [{name: page, type: Regex, value: "[0-9]+"}]
      cookies: [{name: session, type: Regex, value: "[a-f]+"}]
    type: Respond
    respond: {}
)")) << installation->said;
}

// Files may have these, so they stand in no catalogue.
TEST_F(Catalogue, AUrlNamesAHostOutsideTheCluster) {
  const auto route = [](const std::string& url) {
    return R"(
apiVersion: tollgate.dev/v1alpha1
kind: GatewayRoute
metadata: {name: outside, namespace: market}
spec:
  hosts: [outside.example]
  access: Public
  rules:
  - name: a
    upstream: {targets: [{type: URL, url: ")" +
           url + "\"}]}\n";
  };
  for (const char* inside : {"http://10.0.0.1", "https://[::1]:8443", "http://localhost:80", "http://a.b.svc",
                             "https://a.b.svc.cluster.local:443", "http://2130706433", "http://0x7f.1"}) {
    EXPECT_FALSE(installation->Apply(route(inside))) << inside;
    EXPECT_THAT(installation->said, testing::HasSubstr("a url names a host outside the cluster")) << inside;
  }
  EXPECT_TRUE(installation->Apply(route("https://legacy.example.net:8443"))) << installation->said;
}

TEST_F(Catalogue, TheInstallationOfAnObjectCannotBeChanged) {
  const auto route = [](const std::string& installation_line) {
    return R"(
apiVersion: tollgate.dev/v1alpha1
kind: GatewayRoute
metadata: {name: fixed, namespace: market}
spec:
)" + installation_line +
           R"(  hosts: [fixed.example]
  access: Public
  rules: [{name: a, upstream: {targets: [{type: Service, serviceRef: {name: s, port: http}}]}}]
)";
  };
  ASSERT_TRUE(installation->Apply(route("  installation: one\n"))) << installation->said;
  EXPECT_FALSE(installation->Apply(route("  installation: two\n")));
  EXPECT_THAT(installation->said, testing::HasSubstr("installation"));
  EXPECT_FALSE(installation->Apply(route("")));
}

}  // namespace
}  // namespace tollgate::cluster
