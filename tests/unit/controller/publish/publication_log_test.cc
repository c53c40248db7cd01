// What an operator reads of each configuration, and what is said but once.
#include "controller/publish/publication_log.h"

#include <gmock/gmock.h>

namespace tollgate::publish {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class PublicationLogTest : public ::testing::Test {
 protected:
  std::string Published(const std::string& version, const Status<>& published = Done{}) {
    api::Snapshot snapshot;
    snapshot.set_version(version);
    snapshot.add_resources();
    ::testing::internal::CaptureStderr();
    log_.NotePublished(snapshot, published);
    return ::testing::internal::GetCapturedStderr();
  }

  std::string Stray(const std::vector<std::pair<std::string, std::string>>& secrets) {
    std::vector<compile::ObjectVerdict> verdicts;
    for (const auto& [name, message] : secrets) {
      compile::ObjectVerdict& verdict = verdicts.emplace_back();
      verdict.kind = "Secret";
      verdict.name = {"market", name};
      verdict.conditions = {{"ResolvedRefs", false, "RefNotFound", message}};
    }
    ::testing::internal::CaptureStderr();
    log_.NoteStraySecrets(verdicts);
    return ::testing::internal::GetCapturedStderr();
  }

  PublicationLog log_;
};

TEST_F(PublicationLogTest, EachVersionIsToldOnce) {
  EXPECT_THAT(Published("\x01"), AllOf(HasSubstr("published"), HasSubstr("\"snapshot\":\"01\""),
                                       HasSubstr("\"resources\":\"1\"")));
  EXPECT_EQ(Published("\x01"), "");
  EXPECT_THAT(Published("\x02"), HasSubstr("\"02\""));
  EXPECT_THAT(Published("\x01"), HasSubstr("\"01\""));
}

TEST_F(PublicationLogTest, WhatCouldNotBePublishedIsNoSuccess) {
  const Fault fault{"ROUTE \"a/b\" is too large"};
  EXPECT_THAT(Published("\x01", fault),
              AllOf(HasSubstr("cannot be published, the one before serves on: ROUTE"),
                    Not(HasSubstr("\"published\""))));
  EXPECT_EQ(Published("\x01", fault), "");
  EXPECT_THAT(Published("\x01"), HasSubstr("\"published\""));
}

TEST_F(PublicationLogTest, StraySecretIsToldOnceAndWhenItHasAPlan) {
  EXPECT_EQ(Stray({}), "");
  EXPECT_THAT(Stray({{"keys", "names ApiPlan market/fre"}}),
              AllOf(HasSubstr("names ApiPlan market/fre"), HasSubstr("\"market/keys\""), HasSubstr("warn")));
  EXPECT_EQ(Stray({{"keys", "names ApiPlan market/fre"}}), "");
  const std::string both = Stray({{"keys", "names no plan"}, {"more", "names no plan"}});
  EXPECT_THAT(both, AllOf(HasSubstr("market/keys"), HasSubstr("market/more")));
  EXPECT_THAT(Stray({{"keys", "names no plan"}}),
              AllOf(HasSubstr("the Secret's plan is there now"), HasSubstr("\"market/more\"")));
}

}  // namespace
}  // namespace tollgate::publish
