#include "proxy/resolve/name_record.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace tollgate::resolve {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using Outcome = Lookup::Outcome;
using Standing = NameRecord::Standing;

class NameRecordTest : public testing::Test {
 protected:
  bool Note(const Lookup& lookup) { return record_.Note(lookup, rules_, now_); }
  bool NoteFound(std::vector<std::string> addresses, seconds ttl = seconds(60)) {
    return Note({.outcome = Outcome::kFound, .addresses = std::move(addresses), .ttl = ttl});
  }
  bool NoteFailed() { return Note({.outcome = Outcome::kFailed, .reason = "timeout"}); }
  bool NoteNone() { return Note({.outcome = Outcome::kNone, .reason = "no such name"}); }
  milliseconds Wait() const { return std::chrono::duration_cast<milliseconds>(record_.next() - now_); }

  AddressRules rules_;
  const SteadyTime now_ = SteadyTime(std::chrono::hours(1));
  NameRecord record_{[] { return 1.0; }};  // the whole of each step
};

TEST_F(NameRecordTest, NothingIsKnownAtFirst) {
  EXPECT_EQ(record_.standing(), Standing::kPending);
  EXPECT_THAT(record_.addresses(), IsEmpty());
}

TEST_F(NameRecordTest, TheOrderOfRecordsIsNoChange) {
  EXPECT_TRUE(NoteFound({"10.0.0.2", "10.0.0.1", "10.0.0.2"}));
  EXPECT_THAT(record_.addresses(), ElementsAre("10.0.0.1", "10.0.0.2"));
  EXPECT_FALSE(NoteFound({"10.0.0.1", "10.0.0.2"}));
  EXPECT_TRUE(NoteFound({"10.0.0.1"}));
  EXPECT_EQ(record_.standing(), Standing::kFresh);
}

TEST_F(NameRecordTest, OfVeryManyAddressesTheFirstAreKept) {
  std::vector<std::string> addresses;
  for (int i = 0; i < 300; ++i)
    addresses.push_back("10.0." + std::to_string(i / 256) + "." + std::to_string(i % 256));
  NoteFound(addresses);
  EXPECT_EQ(record_.addresses().size(), NameRecord::kMostAddresses);
  std::reverse(addresses.begin(), addresses.end());
  EXPECT_FALSE(NoteFound(addresses)) << "in whatever order they come";
}

TEST_F(NameRecordTest, ItIsLookedUpAgainBeforeItExpires) {
  NoteFound({"10.0.0.1"}, seconds(100));
  EXPECT_EQ(Wait(), seconds(80));
}

TEST_F(NameRecordTest, ATtlOfNothingIsAskedForOnceASecond) {
  NoteFound({"10.0.0.1"}, seconds(0));
  EXPECT_EQ(Wait(), seconds(1));
}

TEST_F(NameRecordTest, ATtlOfADayIsAskedForAfterMinutes) {
  NoteFound({"10.0.0.1"}, seconds(86'400));
  EXPECT_EQ(Wait(), seconds(240));
}

TEST_F(NameRecordTest, WhatIsKnownServesOnWhereItCannotBeLearntAnew) {
  NoteFound({"10.0.0.1"});
  EXPECT_FALSE(NoteFailed());
  EXPECT_EQ(record_.standing(), Standing::kStale);
  EXPECT_THAT(record_.addresses(), ElementsAre("10.0.0.1"));
  NoteFound({"10.0.0.1"});
  EXPECT_EQ(record_.standing(), Standing::kFresh);
}

TEST_F(NameRecordTest, FailuresAreAskedForLessAndLess) {
  std::vector<milliseconds> waits;
  for (int i = 0; i < 7; ++i) {
    NoteFailed();
    waits.push_back(Wait());
  }
  EXPECT_THAT(waits, ElementsAre(seconds(1), seconds(2), seconds(4), seconds(8), seconds(16), seconds(30),
                                 seconds(30)));
  EXPECT_EQ(record_.standing(), Standing::kUnknown);
  NoteFound({"10.0.0.1"});
  NoteFailed();
  EXPECT_EQ(Wait(), seconds(1));
}

TEST_F(NameRecordTest, ANameThatIsNoMoreHasNoAddresses) {
  NoteFound({"10.0.0.1"});
  EXPECT_TRUE(NoteNone());
  EXPECT_EQ(record_.standing(), Standing::kUnknown);
  EXPECT_THAT(record_.addresses(), IsEmpty());
  EXPECT_EQ(record_.reason(), "no such name");
}

TEST_F(NameRecordTest, AddressesThatMayNotBeAreLeftOut) {
  rules_.outside_alone = true;
  NoteFound({"1.1.1.1", "127.0.0.1"});
  EXPECT_THAT(record_.addresses(), ElementsAre("1.1.1.1"));
  EXPECT_EQ(record_.standing(), Standing::kFresh);
  EXPECT_TRUE(NoteFound({"127.0.0.1"}));
  EXPECT_EQ(record_.standing(), Standing::kUnknown);
  EXPECT_THAT(record_.reason(), HasSubstr("--external-cidrs"));
}

}  // namespace
}  // namespace tollgate::resolve
