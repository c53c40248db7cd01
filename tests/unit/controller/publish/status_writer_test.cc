#include "controller/publish/status_writer.h"

#include <gtest/gtest.h>

#include "tests/kit/eventually.h"
#include "tests/unit/controller/publish/status_server.h"
#include "tests/unit/controller/publish/verdicts.h"

namespace tollgate::publish {
namespace {

using kit::Eventually;
using std::chrono::milliseconds;

StatusWriterOptions Quick() {
  StatusWriterOptions options{.installation = "shop"};
  options.patience.settle = milliseconds(1);
  options.patience.first_retry = milliseconds(1);
  options.writes_per_second = 10'000;
  options.first_pause = milliseconds(1);
  return options;
}

class StatusWriterTest : public testing::Test {
 protected:
  StatusServer server_;
  SystemWallClock clock_;

  static StatusInput Served(Verdicts verdicts) {
    return Compiled(std::move(verdicts), kFirst, {Serving("p1", kFirst)});
  }
  void Put(const Verdicts& verdicts) {
    for (const compile::ObjectVerdict& verdict : verdicts) server_.Put(KeyOf(verdict));
  }
  bool WritesReach(size_t count) {
    return Eventually([&] { return server_.writes() == count; });
  }
};

TEST_F(StatusWriterTest, WritesWhatObjectsDoNotHave) {
  const Verdicts verdicts = {Plan("gold"), Route("quotes")};
  Put(verdicts);
  StatusWriter writer(server_, clock_, Quick());
  writer.Update(Served(verdicts));
  ASSERT_TRUE(WritesReach(2));
  EXPECT_EQ(server_.Written()[1].second.Find("Programmed")->status, "True");
  EXPECT_EQ(writer.Counts().at({"GatewayRoute", "Programmed"}), 1u);
}

TEST_F(StatusWriterTest, CountsFollowWhatIsSaidAfterAWait) {
  Put({Plan("gold")});
  StatusWriterOptions options = Quick();
  options.patience.quiet = milliseconds(20);
  StatusWriter writer(server_, clock_, options);
  StatusInput input = Compiled({Plan("gold")}, kFirst, {Reaching("p1")});
  writer.Update(input);
  ASSERT_TRUE(WritesReach(1));
  EXPECT_EQ(writer.Counts().at({"ApiPlan", "Enforced"}), 1u);
  input.proxies = {CutOff("p1")};
  writer.Update(input);
  ASSERT_TRUE(WritesReach(2));
  EXPECT_TRUE(Eventually([&] { return writer.Counts().at({"ApiPlan", "Enforced"}) == 0u; }));
}

TEST_F(StatusWriterTest, WriterThatStartsAnewWritesNothingThatIsThere) {
  Put({Route("a"), Route("b"), Route("z")});
  {
    StatusWriter writer(server_, clock_, Quick());
    writer.Update(Served({Route("a"), Route("b")}));
    ASSERT_TRUE(WritesReach(2));
  }
  StatusWriter writer(server_, clock_, Quick());
  writer.Update(Served({Route("a"), Route("b"), Route("z")}));  // z is last: the others were judged before
  ASSERT_TRUE(Eventually([&] { return server_.writes() > 2; }));
  EXPECT_EQ(server_.Written()[2].first, "z");
}

TEST_F(StatusWriterTest, NewestInputIsWrittenAndThoseItOvertookAreNot) {
  Put({Route("quotes")});
  StatusWriter writer(server_, clock_, Quick());
  server_.Hold(true);
  for (const size_t rules : {1, 2, 3}) {
    compile::ObjectVerdict verdict = Route("quotes");
    verdict.rule_count = rules;
    writer.Update(Served({verdict}));
    ASSERT_TRUE(Eventually([&] { return server_.calls_waiting() == 1; }));
  }
  server_.Hold(false);
  ASSERT_TRUE(WritesReach(1));
  EXPECT_EQ(server_.Written()[0].second.rule_count, 3u);
}

TEST_F(StatusWriterTest, ConflictIsTriedAgainAfterALook) {
  Put({Route("quotes")});
  server_.FailWrites({409, 409});
  StatusWriter writer(server_, clock_, Quick());
  writer.Update(Served({Route("quotes")}));
  ASSERT_TRUE(WritesReach(1));
  EXPECT_EQ(server_.reads(), 3);
}

TEST_F(StatusWriterTest, ServerInTroubleLosesNothing) {
  const Verdicts verdicts = {Route("a"), Route("b"), Route("c")};
  Put(verdicts);
  server_.FailWrites({500, 0, 503, 429, 401});
  StatusWriter writer(server_, clock_, Quick());
  writer.Update(Served(verdicts));
  EXPECT_TRUE(WritesReach(3));
}

TEST_F(StatusWriterTest, ObjectThatIsRefusedHoldsNobodyUp) {
  const Verdicts verdicts = {Route("a"), Route("b")};
  Put(verdicts);
  server_.FailWrites({403, 422});
  StatusWriter writer(server_, clock_, Quick());
  writer.Update(Served(verdicts));
  EXPECT_TRUE(WritesReach(2));
}

TEST_F(StatusWriterTest, ObjectThatIsGoneIsDropped) {
  Put({Route("b")});
  StatusWriter writer(server_, clock_, Quick());
  writer.Update(Served({Route("a"), Route("b")}));
  ASSERT_TRUE(WritesReach(1));
  EXPECT_EQ(server_.reads(), 2);
  EXPECT_EQ(server_.Written()[0].first, "b");
}

TEST_F(StatusWriterTest, EndsSoonThoughTheServerHangs) {
  Put({Route("quotes")});
  server_.Hold(true);
  auto writer = std::make_unique<StatusWriter>(server_, clock_, Quick());
  writer->Update(Served({Route("quotes")}));
  ASSERT_TRUE(Eventually([&] { return server_.calls_waiting() == 1; }));
  const SteadyTime began = SteadyNow();
  writer.reset();
  EXPECT_LT(SteadyNow() - began, std::chrono::seconds(30));
}

TEST_F(StatusWriterTest, WritesNoFasterThanItMay) {
  Verdicts verdicts;
  for (int i = 0; i < 11; ++i) verdicts.push_back(Route("r" + std::to_string(i)));
  Put(verdicts);
  StatusWriterOptions options = Quick();
  options.writes_per_second = 100;
  StatusWriter writer(server_, clock_, options);
  const SteadyTime began = SteadyNow();
  writer.Update(Served(verdicts));
  ASSERT_TRUE(WritesReach(11));
  EXPECT_GE(SteadyNow() - began, milliseconds(100));
}

}  // namespace
}  // namespace tollgate::publish
