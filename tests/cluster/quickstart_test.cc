// examples/quickstart/ on a cluster answers what it answers in the embedded mode, by either proxy.

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "tests/cluster/cluster.h"
#include "tests/kit/eventually.h"
#include "tests/kit/quickstart_answers.h"

namespace tollgate::cluster {
namespace {

// The endpoints of the example, but for the address: that of the first upstream here.
std::string Endpoints() {
  std::ostringstream text;
  text << std::ifstream(kit::SourcePath("examples/quickstart/local/endpoints.yaml")).rdbuf();
  std::string yaml = text.str();
  const size_t at = yaml.find("[127.0.0.1]");
  return at == std::string::npos ? "" : yaml.replace(at, 11, "[10.250.0.40]");
}

TEST(Quickstart, AnswersAreThoseOfTheEmbeddedMode) {
  Installation installation;
  ASSERT_TRUE(installation.StartUpstream("quotes"));
  ASSERT_TRUE(installation.StartController()) << installation.ControllerSaid();
  for (const int proxy : {1, 2})
    ASSERT_TRUE(installation.StartProxy(proxy)) << installation.proxy(proxy).Stderr();
  const Outcome applied = Kubectl("apply -f " + kit::SourcePath("examples/quickstart"));
  ASSERT_EQ(applied.code, 0) << applied.out;
  ASSERT_TRUE(installation.Apply(Endpoints())) << installation.said;
  for (const int proxy : {1, 2}) {
    SCOPED_TRACE("proxy " + std::to_string(proxy));
    ASSERT_TRUE(
        kit::Eventually([&] { return installation.Get(proxy, "api.example.com", "/status").status == 200; }));
    kit::HttpClient client(Installation::ProxyAddress(proxy), 8080);
    kit::ExpectQuickstartAnswers(client);
  }
}

}  // namespace
}  // namespace tollgate::cluster
