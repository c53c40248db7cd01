#include "proxy/cache/override.h"

#include <gtest/gtest.h>

namespace tollgate::cache {
namespace {

Override Of(std::string_view name) { return OverrideOf({name, "x", http::Classify(name)}); }

TEST(Override, KnowsEachNameInAnyCase) {
  for (const char* name : {"X-HTTP-Method-Override", "x-http-method", "X-METHOD-OVERRIDE"}) {
    EXPECT_EQ(Of(name), Override::kMethod) << name;
  }
  for (const char* name : {"X-Forwarded-Path", "X-Forwarded-Port", "X-Forwarded-Prefix", "X-Forwarded-Scheme",
                           "X-Forwarded-Server", "X-Forwarded-Ssl", "X-Host", "X-Http-Host-Override",
                           "X-Original-Host", "x-original-url", "X-REWRITE-URL"}) {
    EXPECT_EQ(Of(name), Override::kTarget) << name;
  }
}

// CGI and WSGI hand both to the application as one.
TEST(Override, KnowsANameWithUnderscoresToo) {
  for (const char* name : {"X_HTTP_Method_Override", "X-Http_Method"}) {
    EXPECT_EQ(Of(name), Override::kMethod) << name;
  }
  for (const char* name : {"X_Original_URL", "x_host", "X-Forwarded_Prefix"}) {
    EXPECT_EQ(Of(name), Override::kTarget) << name;
  }
}

TEST(Override, LeavesOtherFieldsAlone) {
  for (const char* name :
       {"X", "X-", "Accept", "Y-Host", "X-Hosts", "X-Api-Key", "X-Forwarded-For", "X-Forwarded-Host",
        "X-Forwarded-Proto", "X-Request-Id", "X-A-Name-That-Is-Longer-Than-All"}) {
    EXPECT_EQ(Of(name), Override::kNone) << name;
  }
}

}  // namespace
}  // namespace tollgate::cache
