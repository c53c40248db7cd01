// What rules take from heads and put into them.
#include "proxy/exchange/rule_edits.h"

#include <gmock/gmock.h>

#include "tests/kit/snapshot_builder.h"
#include "tests/kit/test_exchange.h"

namespace tollgate::exchange {
namespace {

using ::testing::HasSubstr;

class RuleEditsTest : public testing::Test {
 protected:
  RuleEditsTest()
      : rule_(kit::AddRule(builder_.Route("m/r"), "rule", kit::Template("/v1/{symbol}/{rest...}"))) {
    builder_.Plan("m/gold");
    builder_.Consumer("m/gold", "ada").set_group("staff");
    rule_.set_operation("quotes.read");
  }
  static void Set(api::HeaderEdits* edits, const std::string& name, const std::string& value) {
    api::HeaderValue& header = *edits->add_set();
    header.set_name(name);
    header.set_value(value);
  }

  // The fields that go on, a line each; or the slug of the refusal.
  std::string Request(const std::string& lines = "", bool named = true) {
    return Run(lines, named, [](const RuleEdits& edits, Exchange& x) {
      const Outcome<Done> outcome = edits.EditRequest(x);
      if (!outcome.ok()) return std::string(RowOf(outcome.error().problem).slug);
      return kit::ToText(x.fields);
    });
  }
  std::string AnswerWith(std::initializer_list<const char*> names) {
    return Run("", true, [&](const RuleEdits& edits, Exchange& x) {
      Answer answer;
      for (const char* name : names) answer.Add(name, "theirs");
      edits.EditAnswer(x, answer);
      return kit::ToText(answer.fields);
    });
  }

  kit::SnapshotBuilder builder_;
  api::Rule& rule_;

 private:
  template <class Use>
  std::string Run(const std::string& lines, bool named, Use use) {
    const auto catalog = builder_.Build();
    const EditTable table(*catalog);
    kit::TestExchange x("GET", "/v1/AC%2FME/a/b?q", lines.empty() ? "Host: a.example\r\n" : lines);
    const snapshot::RuleEntry& rule = kit::RuleNamed(*catalog, "rule");
    x->routed = Routed{&kit::RouteNamed(*catalog, "m/r"), &rule, 0, &rule.spec->matches(0).path()};
    x->route = "m/r";
    x->rule = "rule";
    if (named) x->identity = {&catalog->plans()[0], 0, &catalog->consumers()[0].spec};
    const RuleEdits* const edits = table.Of(0);
    return edits == nullptr ? "none" : use(*edits, *x);
  }
};

TEST_F(RuleEditsTest, ARuleThatSaysNothingHasNone) { EXPECT_EQ(Request(), "none"); }

TEST_F(RuleEditsTest, NamesAreRemovedInAnyCase) {
  rule_.mutable_request_headers()->add_remove("x-debug");
  EXPECT_EQ(Request("Host: a\r\nX-DEBUG: 1\r\nX-Debugger: 2\r\nx-debug: 3\r\n"), "Host: a\nX-Debugger: 2\n");
}

TEST_F(RuleEditsTest, WhatIsSetTakesThePlaceOfAllOfItsName) {
  Set(rule_.mutable_request_headers(), "X-Caller", "gateway");
  EXPECT_EQ(Request("Host: a\r\nx-caller: 1\r\nX_Caller: 2\r\nX-Caller: 3\r\n"),
            "Host: a\nX-Caller: gateway\n");
}

TEST_F(RuleEditsTest, VariablesStandForWhatIsKnown) {
  Set(rule_.mutable_request_headers(), "X-Who", "{consumer} {plan} {group} {route} {rule} {operation}");
  Set(rule_.mutable_request_headers(), "X-What", "{host} {path} {requestId} {clientAddress}");
  Set(rule_.mutable_request_headers(), "X-Path", "{{{symbol}}} {rest}");
  EXPECT_EQ(Request(),
            "Host: a.example\nX-Who: m/ada m/gold staff m/r rule quotes.read\n"
            "X-What: a.example /v1/AC%2FME/a/b request-1 192.0.2.7\nX-Path: {AC%2FME} a/b\n");
}

TEST_F(RuleEditsTest, WhereNothingIsLeftToSayNothingIsSent) {
  Set(rule_.mutable_request_headers(), "X-Caller", "{consumer}");
  Set(rule_.mutable_request_headers(), "X-Both", "of {plan}");
  EXPECT_EQ(Request("X-Caller: admin\r\n", false), "X-Both: of\n");
}

TEST_F(RuleEditsTest, AHeadWithoutRoomIsRefused) {
  Set(rule_.mutable_request_headers(), "X-Caller", "gateway");
  std::string lines;
  for (size_t i = 1; i < http::Fields::kMax; ++i) lines += "X-Filler: 1\r\n";
  EXPECT_THAT(Request(lines), HasSubstr("X-Caller: gateway"));
  EXPECT_EQ(Request(lines + "X-Filler: 1\r\n"), "headers-too-large");
}

TEST_F(RuleEditsTest, AValueThatCannotBeReadBreaksTheRule) {
  Set(rule_.mutable_response_headers(), "X-Caller", "{consumer");
  EXPECT_EQ(Request(), "rule-broken");
}

TEST_F(RuleEditsTest, AnswersAreChangedAlike) {
  rule_.mutable_response_headers()->add_remove("server");
  Set(rule_.mutable_response_headers(), "X-Symbol", "{symbol}");
  EXPECT_EQ(AnswerWith({"Server", "x-symbol", "Link", "Link"}),
            "Link: theirs\nLink: theirs\nX-Symbol: AC%2FME\n");
}

TEST_F(RuleEditsTest, HiddenHeadsKeepWhatTheBodyNeeds) {
  rule_.set_hide_upstream_headers(true);
  Set(rule_.mutable_response_headers(), "X-Own", "1");
  EXPECT_EQ(AnswerWith({"content-type", "Content-Encoding", "ETag", "X-Powered-By", "Server", "Set-Cookie",
                        "Vary", "Contents", "grpc-encoding", "Grpc-Status-Details-Bin", "grpcish", "X-Own"}),
            "content-type: theirs\nContent-Encoding: theirs\nETag: theirs\nVary: theirs\n"
            "grpc-encoding: theirs\nGrpc-Status-Details-Bin: theirs\nX-Own: 1\n");
}

}  // namespace
}  // namespace tollgate::exchange
