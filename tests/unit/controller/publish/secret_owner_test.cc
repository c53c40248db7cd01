// The owner of the push's Secrets, by the token of the controller's pod.
#include "controller/publish/secret_owner.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "controller/publish/secret_record.h"

namespace tollgate::publish {
namespace {

// {"alg":"none"} .
// {"kubernetes.io":{"namespace":"system","serviceaccount":{"name":"ab>>>~~~?>?>?","uid":"u-1"}}} in
// base64url without padding; the name makes for both letters that differ from base64.
constexpr char kToken[] =
    "eyJhbGciOiJub25lIn0."
    "eyJrdWJlcm5ldGVzLmlvIjp7Im5hbWVzcGFjZSI6InN5c3RlbSIsInNlcnZpY2VhY2NvdW50Ijp7Im5hbWUiOiJhYj4-Pn5-fj8-"
    "Pz4_IiwidWlkIjoidS0xIn19fQ."
    "c2lnbmF0dXJl";

TEST(SecretOwner, IsTheAccountThatTheTokenNames) {
  const auto owner = OwnerByToken(kToken, "system");
  ASSERT_TRUE(owner);
  EXPECT_EQ(owner->name, "ab>>>~~~?>?>?");
  EXPECT_EQ(owner->uid, "u-1");
}

TEST(SecretOwner, IsNobodyWhereTheTokenIsNotAPods) {
  for (const char* token : {"", "opaque", "a.b", "a.!!.c", "eyJhbGciOiJub25lIn0.e30.c", "a.W10.c"}) {
    EXPECT_FALSE(OwnerByToken(token, "")) << token;
  }
}

// Kubernetes looks for an owner in the namespace of what it owns, and takes what it does not find for gone.
TEST(SecretOwner, IsNobodyWhereTheTokenIsOfAnotherNamespace) { EXPECT_FALSE(OwnerByToken(kToken, "market")); }

TEST(SecretOwner, StandsInTheSecretThatTheControllerMakes) {
  const std::string owned =
      SecretDocument("tollgate-push-ca", {"tollgate", SecretOwner{"controller", "u-1"}}, {}, {{"a", "b"}});
  const auto owners = nlohmann::json::parse(owned)["metadata"]["ownerReferences"];
  ASSERT_EQ(owners.size(), 1u);
  EXPECT_EQ(owners[0]["kind"], "ServiceAccount");
  EXPECT_EQ(owners[0]["apiVersion"], "v1");
  EXPECT_EQ(owners[0]["name"], "controller");
  EXPECT_EQ(owners[0]["uid"], "u-1");
  const std::string alone = SecretDocument("tollgate-push-ca", {"tollgate", {}}, {}, {{"a", "b"}});
  EXPECT_FALSE(nlohmann::json::parse(alone)["metadata"].contains("ownerReferences"));
}

}  // namespace
}  // namespace tollgate::publish
