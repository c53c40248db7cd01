#include "controller/resource/consumer_secret.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/base/clock.h"
#include "tests/unit/controller/resource/manifests.h"

namespace tollgate::resource {
namespace {

using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::Pair;

// SHA-256 of "password", and a key that is long enough to be given plainly.
constexpr char kDigest[] = "sha256:5e884898da28047151d0e56f8dc6292773603d0d6aabbdd62a11ef721d1542d8";
constexpr char kPlainKey[] = "correct-horse-battery-staple";

ConsumerSecret SecretWithLine(const std::string& line) { return SecretWith("  acme: \"" + line + "\"\n"); }

ConsumerEntry EntryOf(const std::string& attributes) {
  const ConsumerSecret secret = SecretWithLine(std::string(kDigest) + attributes);
  EXPECT_THAT(secret.mistakes, IsEmpty());
  return secret.entries.empty() ? ConsumerEntry{} : secret.entries[0];
}

TEST(ConsumerSecret, AnEntryIsAConsumerByItsName) {
  const ConsumerSecret secret = SecretWithLine(kDigest);
  EXPECT_EQ(secret.plan, "gold");
  ASSERT_EQ(secret.entries.size(), 1U);
  EXPECT_EQ(secret.entries[0].entry, "acme");
  EXPECT_EQ(secret.entries[0].id, "acme");
  ASSERT_EQ(secret.entries[0].keys.size(), 1U);
  EXPECT_EQ(secret.entries[0].keys[0].digest, Sha256("password"));
  EXPECT_EQ(secret.entries[0].keys[0].expires_us, 0);
  EXPECT_FALSE(secret.has_plain_keys);
}

TEST(ConsumerSecret, APlainKeyIsDigestedAndReported) {
  const ConsumerSecret secret = SecretWithLine(std::string("plain:") + kPlainKey);
  EXPECT_TRUE(secret.has_plain_keys);
  EXPECT_EQ(secret.entries.at(0).keys.at(0).digest, Sha256(kPlainKey));
}

TEST(ConsumerSecret, AttributesAreBounded) {
  std::string attributes;
  for (int i = 0; i < 32; ++i) attributes += " attr.a" + std::to_string(i) + "=1";
  EXPECT_EQ(EntryOf(attributes).attributes.size(), 32U);
  const ConsumerSecret secret = SecretWithLine(kDigest + attributes + " attr.more=1");
  EXPECT_THAT(secret.mistakes,
              ElementsAre(Field(&Mistake::message,
                                HasSubstr("it has more than 32 attributes attr.<name>=; take some out"))));
  EXPECT_THAT(secret.entries.at(0).keys, IsEmpty());
}

TEST(ConsumerSecret, APlainKeyHasTwentyCharacters) {
  EXPECT_THAT(SecretWithLine("plain:" + std::string(20, 'k')).mistakes, IsEmpty());
  EXPECT_THAT(SecretWithLine("plain:" + std::string(19, 'k')).mistakes, Not(IsEmpty()));
}

TEST(ConsumerSecret, AttributesAreRead) {
  const ConsumerEntry entry = EntryOf(
      " expires=2030-01-31T00:00:00Z suspended group=partners limit.burst=100 limit.day=5 credits=0 "
      "id=https://id.example.com%7Cacme%20ltd attr.tier=a=b attr.city=Bern");
  EXPECT_EQ(entry.keys.at(0).expires_us, *ParseRfc3339("2030-01-31T00:00:00Z"));
  EXPECT_TRUE(entry.suspended);
  EXPECT_EQ(entry.group, "partners");
  EXPECT_THAT(entry.limits, ElementsAre(Pair("burst", 100U), Pair("day", 5U)));
  EXPECT_EQ(entry.credits, 0U);
  EXPECT_EQ(entry.id, "https://id.example.com|acme ltd");
  EXPECT_THAT(entry.attributes, ElementsAre(Pair("city", "Bern"), Pair("tier", "a=b")));
}

TEST(ConsumerSecret, AKeyThatExpiredBefore1970IsNotOneThatNeverExpires) {
  EXPECT_GT(EntryOf(" expires=1960-01-01T00:00:00Z").keys.at(0).expires_us, 0);
}

TEST(ConsumerSecret, TwoLinesAreTwoKeysAndTheFirstOnesAttributesCount) {
  const ConsumerSecret secret =
      SecretWith(std::string("  acme: |\n    ") + kDigest +
                 " group=first expires=2030-01-01T00:00:00Z\n    plain:" + kPlainKey +
                 " group=second expires=2031-01-01T00:00:00Z\n");
  EXPECT_THAT(secret.mistakes, IsEmpty());
  const ConsumerEntry& entry = secret.entries.at(0);
  EXPECT_EQ(entry.group, "first");
  EXPECT_THAT(entry.keys, ElementsAre(Field(&KeyLine::expires_us, *ParseRfc3339("2030-01-01T00:00:00Z")),
                                      Field(&KeyLine::expires_us, *ParseRfc3339("2031-01-01T00:00:00Z"))));
}

TEST(ConsumerSecret, LineEndsOfWindowsAndEmptyLinesAreNoPartOfAKey) {
  const ConsumerSecret secret = SecretWithLine(std::string("plain:") + kPlainKey + "\\r\\n\\r\\n\\n");
  EXPECT_THAT(secret.mistakes, IsEmpty());
  EXPECT_EQ(secret.entries.at(0).keys.at(0).digest, Sha256(kPlainKey));
}

TEST(ConsumerSecret, ALineThatIsNoDigestIsRefusedByEntryName) {
  const ConsumerSecret secret =
      SecretWith(std::string("  acme: |\n    ") + kDigest + "\n    my-secret-key\n");
  ASSERT_EQ(secret.mistakes.size(), 1U);
  EXPECT_EQ(secret.mistakes[0].field, "acme");
  EXPECT_THAT(secret.mistakes[0].message, HasSubstr("line 2 is refused"));
  EXPECT_EQ(secret.entries.at(0).keys.size(), 1U);
  EXPECT_FALSE(secret.entries.at(0).suspended);
}

TEST(ConsumerSecret, ARefusedFirstLineSuspendsTheConsumerWhoseTermsItHeld) {
  const ConsumerSecret secret =
      SecretWith(std::string("  acme: |\n    sha256:12 suspended\n    ") + kDigest + "\n");
  ASSERT_EQ(secret.entries.size(), 1U);
  EXPECT_TRUE(secret.entries[0].suspended);
  EXPECT_THAT(secret.mistakes, ElementsAre(Field(&Mistake::message, HasSubstr("suspended until"))));
}

TEST(ConsumerSecret, NoRefusalQuotesWhatStandsInTheSecret) {
  const std::vector<std::string> lines{"hunter2hunter2hunter2",
                                       "plain:hunter2",
                                       "sha256:hunter2",
                                       "plain:hunter2hunter2hunter2 hunter2",
                                       "plain:hunter2hunter2hunter2 expires=hunter2",
                                       "plain:hunter2hunter2hunter2 limit.hunter2=hunter2",
                                       "plain:hunter2hunter2hunter2 attr.hunter2=",
                                       "plain:hunter2hunter2hunter2 id=%hunter2",
                                       "plain:hunter2hunter2hunter2 hunter2=hunter2"};
  for (const std::string& line : lines) {
    const ConsumerSecret secret = SecretWithLine(line);
    ASSERT_EQ(secret.mistakes.size(), 1U) << line;
    EXPECT_THAT(secret.mistakes[0].message, Not(HasSubstr("hunter2")));
  }
}

TEST(ConsumerSecret, AnIdThatCouldSplitAHeaderIsRefused) {
  for (const char* id : {"a%0D%0AX-Admin:%20yes", "a%00", "%20a", "a%20", "%C3%BC", "%7F", ""}) {
    const ConsumerSecret secret = SecretWithLine(std::string(kDigest) + " id=" + id);
    EXPECT_EQ(secret.mistakes.size(), 1U) << id;
    EXPECT_TRUE(secret.entries.at(0).keys.empty()) << id;
  }
}

TEST(ConsumerSecret, EntriesAreSortedAndStringDataWinsOverData) {
  const ConsumerSecret secret = ParseOne<ConsumerSecret>(
      std::string("apiVersion: v1\nkind: Secret\ntype: tollgate.dev/api-keys\n"
                  "metadata: {name: callers, labels: {tollgate.dev/plan: gold}}\n"
                  // "plain:correct-horse-battery-staple"
                  "data:\n  b: cGxhaW46Y29ycmVjdC1ob3JzZS1iYXR0ZXJ5LXN0YXBsZQ==\n"
                  "  a: cGxhaW46Y29ycmVjdC1ob3JzZS1iYXR0ZXJ5LXN0YXBsZQ==\nstringData:\n  b: ") +
      kDigest + "\n");
  EXPECT_THAT(secret.mistakes, IsEmpty());
  ASSERT_THAT(secret.entries,
              ElementsAre(Field(&ConsumerEntry::entry, "a"), Field(&ConsumerEntry::entry, "b")));
  EXPECT_EQ(secret.entries[0].keys.at(0).digest, Sha256(kPlainKey));
  EXPECT_EQ(secret.entries[1].keys.at(0).digest, Sha256("password"));
}

TEST(ConsumerSecret, ASecretThatTheApiserverWouldRefuseAdmitsNobody) {
  const ConsumerSecret secret = ParseOne<ConsumerSecret>(
      std::string("apiVersion: v1\nkind: Secret\ntype: tollgate.dev/api-keys\n"
                  "metadata: {name: Callers, labels: {tollgate.dev/plan: gold}}\nstringData: {a: \"") +
      kDigest + "\"}\n");
  EXPECT_FALSE(secret.mistakes.empty());
  EXPECT_TRUE(secret.entries.empty());
}

TEST(ConsumerSecret, ALineThatIsCutAnywhereIsAKeyOrAMistake) {
  const std::string line =
      std::string(kDigest) + " id=a%20b expires=2030-01-31T00:00:00.5+01:00 attr.a=b limit.x=1";
  for (size_t length = 0; length <= line.size(); ++length) {
    const ConsumerSecret secret = SecretWithLine(line.substr(0, length));
    ASSERT_EQ(secret.entries.size(), 1U);
    EXPECT_EQ(secret.entries[0].keys.size() + secret.mistakes.size(), 1U) << line.substr(0, length);
  }
}

}  // namespace
}  // namespace tollgate::resource
