#include "controller/admin/controller_metrics.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "tests/kit/temp_folder.h"

namespace tollgate::admin {
namespace {

using publish::ProxyState;

ControllerFigures Figures() {
  ControllerFigures figures;
  figures.watch_age_seconds = {{"Service", 1.5}, {"Secret", 0}};
  figures.relists = 7;
  figures.objects = {{{"GatewayRoute", "All"}, 3}, {{"GatewayRoute", "Accepted"}, 2}};
  figures.version = "new";
  figures.proxies = {{"p1", "new", "new", "", true},
                     {"p2", "old", "new", "no target", true},
                     {"p3", "old", "old", "", true},
                     {"p4", "new", "new", "", false}};
  figures.push_bytes = 4'096;
  figures.stray_secrets = 5;
  return figures;
}

bool Says(const std::string& text, const std::string& line) {
  return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
}

TEST(ControllerMetrics, NamesAreThoseThatDashboardsRelyOn) {
  ControllerMetrics metrics;
  const std::string text = metrics.Expose(Figures());
  EXPECT_TRUE(Says(text, "tollgate_controller_watch_age_seconds{kind=\"Service\"} 1.5")) << text;
  EXPECT_TRUE(Says(text, "tollgate_controller_relists_total 7"));
  EXPECT_TRUE(Says(text, "tollgate_controller_objects{kind=\"GatewayRoute\",condition=\"Accepted\"} 2"));
  EXPECT_TRUE(Says(text, "tollgate_controller_push_bytes_total 4096"));
  EXPECT_TRUE(Says(text, "tollgate_controller_secrets_without_plan 5"));
  EXPECT_TRUE(Says(text, "tollgate_controller_leader 1"));
}

TEST(ControllerMetrics, EveryProxyIsInOneState) {
  const std::string text = ControllerMetrics().Expose(Figures());
  for (const char* state : {"current", "refusing", "behind", "gone"}) {
    EXPECT_TRUE(Says(text, std::string("tollgate_controller_proxies{state=\"") + state + "\"} 1")) << text;
  }
}

TEST(ControllerMetrics, StatesWithoutProxiesAreNamedToo) {
  EXPECT_TRUE(Says(ControllerMetrics().Expose({}), "tollgate_controller_proxies{state=\"refusing\"} 0"));
}

TEST(ControllerMetrics, CompilesFallIntoTheBucketOfTheirTime) {
  ControllerMetrics metrics;
  metrics.ObserveCompile(std::chrono::milliseconds(1));
  metrics.ObserveCompile(std::chrono::milliseconds(2));
  metrics.ObserveCompile(std::chrono::seconds(9));
  const std::string text = metrics.Expose({});
  const std::string name = "tollgate_controller_compile_duration_seconds";
  EXPECT_TRUE(Says(text, name + "_bucket{le=\"0.001\"} 1")) << text;
  EXPECT_TRUE(Says(text, name + "_bucket{le=\"0.0025\"} 2"));
  EXPECT_TRUE(Says(text, name + "_bucket{le=\"2.5\"} 2"));
  EXPECT_TRUE(Says(text, name + "_bucket{le=\"+Inf\"} 3"));
  EXPECT_TRUE(Says(text, name + "_count 3"));
}

TEST(ControllerMetrics, PromtoolHasNothingToSay) {
  ASSERT_EQ(std::system("promtool --version > /dev/null 2>&1"), 0)
      << "promtool is missing; run hack/setup.sh";
  const kit::TempFolder folder;
  ControllerMetrics metrics;
  metrics.ObserveCompile(std::chrono::milliseconds(1));
  folder.Write("metrics", metrics.Expose(Figures()));
  const std::string check =
      "promtool check metrics < " + (folder / "metrics") + " > " + (folder / "said") + " 2>&1";
  EXPECT_EQ(std::system(check.c_str()), 0) << folder.Read("said");
  EXPECT_EQ(folder.Read("said"), "");
}

}  // namespace
}  // namespace tollgate::admin
