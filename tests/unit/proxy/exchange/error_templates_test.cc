// Refusals in the form that a route wants.
#include "proxy/exchange/error_templates.h"

#include <gtest/gtest.h>

namespace tollgate::exchange {
namespace {

class ErrorTemplatesTest : public testing::Test {
 protected:
  void Add(const std::string& slug, const std::string& type, const std::string& body) {
    api::ErrorTemplate& item = *route_.add_errors();
    item.set_slug(slug);
    item.set_content_type(type);
    item.set_body(body);
  }
  std::string Fill(Problem problem, const std::string& detail = "It's <\"so\">.") const {
    const ErrorTemplates templates(route_);
    ErrorTemplates::Document document{"none", {}};
    const Error error{.problem = problem, .detail = detail};
    if (!templates.Fill(error, "request-1", document)) return "none";
    return std::string(document.content_type) + "|" + document.body;
  }

  api::Route route_;
};

TEST_F(ErrorTemplatesTest, VariablesStandForWhatTheProblemSays) {
  Add("", "text/plain", "{status} {title}: {detail} ({requestId}, {type})");
  EXPECT_EQ(Fill(Problem::kRateLimited),
            "text/plain|429 The rate limit is reached: It's <\"so\">. (request-1, "
            "https://tollgate.dev/problems/rate-limited)");
}

TEST_F(ErrorTemplatesTest, OtherBracesStandForThemselves) {
  Add("", "application/json", "{\"status\": {status}, \"a\": {}, \"b\": \"{other} {{title}}{\"}");
  EXPECT_EQ(Fill(Problem::kNoCredential),
            "application/json|{\"status\": 401, \"a\": {}, \"b\": \"{other} {A credential is needed}{\"}");
}

TEST_F(ErrorTemplatesTest, ValuesCannotBreakOutOfTheirForm) {
  Add("", "Application/vnd.api+JSON; charset=utf-8", "\"{detail}\"");
  EXPECT_EQ(Fill(Problem::kNoCredential, "a\"b\\c\n"),
            "Application/vnd.api+JSON; charset=utf-8|\"a\\\"b\\\\c\\n\"");
  route_.clear_errors();
  for (const char* type : {"text/html", "application/xhtml+xml", "text/xml"}) {
    route_.clear_errors();
    Add("", type, "<p title='{detail}'>");
    EXPECT_EQ(Fill(Problem::kNoCredential),
              std::string(type) + "|<p title='It&#39;s &lt;&quot;so&quot;&gt;.'>");
  }
}

TEST_F(ErrorTemplatesTest, AProblemsOwnTemplateComesFirst) {
  Add("", "text/plain", "other");
  Add("rate-limited", "text/plain", "own");
  EXPECT_EQ(Fill(Problem::kRateLimited), "text/plain|own");
  EXPECT_EQ(Fill(Problem::kNoCredential), "text/plain|other");
}

TEST_F(ErrorTemplatesTest, AProblemWithoutOneIsLeftToOthers) {
  Add("rate-limited", "text/plain", "own");
  EXPECT_EQ(Fill(Problem::kNoCredential), "none");
}

}  // namespace
}  // namespace tollgate::exchange
