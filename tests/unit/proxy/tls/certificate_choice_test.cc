// Which of a route's certificates a caller is shown.
#include "proxy/tls/certificate_choice.h"

#include <gmock/gmock.h>

#include <list>

#include "api/base/certificate_name.h"

namespace tollgate::tls {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr int64_t kNow = 1'000;

class CertificateChoice : public ::testing::Test {
 protected:
  void Add(const std::string& name, std::initializer_list<const char*> names, int64_t expires = kNow + 1) {
    snapshot::CertificateEntry& entry = entries_.emplace_back();
    entry.name = name;
    for (const char* host : names) entry.spec.add_names(host);
    entry.spec.set_expires(expires);
    named_.push_back(&entry);
  }
  std::vector<std::string> ChosenFor(std::string_view host) const {
    std::vector<std::string> names;
    for (const auto* certificate : ChooseCertificates(host, named_, kNow)) names.push_back(certificate->name);
    return names;
  }

  std::list<snapshot::CertificateEntry> entries_;
  Certificates named_;
};

TEST_F(CertificateChoice, AllThatNameTheHost) {
  Add("other", {"b.example"});
  Add("rsa", {"a.example"});
  Add("ecdsa", {"x.example", "a.example"});
  EXPECT_THAT(ChosenFor("a.example"), ElementsAre("rsa", "ecdsa"));
}

TEST_F(CertificateChoice, TheFirstWhereNoneNamesTheHost) {
  Add("one", {"b.example"});
  Add("two", {"c.example"});
  EXPECT_THAT(ChosenFor("a.example"), ElementsAre("one"));
}

TEST_F(CertificateChoice, OneThatHasExpiredStandsBack) {
  Add("old", {"a.example"}, kNow);
  Add("strange", {"b.example"});
  EXPECT_THAT(ChosenFor("a.example"), ElementsAre("strange"));
  Add("new", {"a.example"});
  EXPECT_THAT(ChosenFor("a.example"), ElementsAre("new"));
}

TEST_F(CertificateChoice, WhereAllHaveExpiredTheyAreKnownByTheLast) {
  Add("old", {"a.example"}, kNow - 5);
  Add("older", {"a.example"}, kNow - 9);
  EXPECT_THAT(ChosenFor("a.example"), ElementsAre("old", "older"));
  EXPECT_EQ(LastExpiry(named_), kNow - 5);
}

TEST_F(CertificateChoice, NoneOfNone) {
  EXPECT_THAT(ChosenFor("a.example"), IsEmpty());
  EXPECT_EQ(LastExpiry(named_), 0);
}

TEST(CertificateName, AWildcardStandsForOneLabel) {
  EXPECT_TRUE(CertificateNameCovers("a.example", "a.example"));
  EXPECT_TRUE(CertificateNameCovers("*.example", "a.example"));
  EXPECT_TRUE(CertificateNameCovers("*.example", "*.example"));
  EXPECT_FALSE(CertificateNameCovers("*.example", "b.a.example"));
  EXPECT_FALSE(CertificateNameCovers("*.example", "example"));
  EXPECT_FALSE(CertificateNameCovers("*.example", ".example"));
  EXPECT_FALSE(CertificateNameCovers("*.b.example", "*.a.b.example"));
  EXPECT_FALSE(CertificateNameCovers("a.example", "*.example"));
  EXPECT_FALSE(CertificateNameCovers("*.example", "localhost"));
}

}  // namespace
}  // namespace tollgate::tls
