#include "proxy/store/redis/store_address.h"

#include <gmock/gmock.h>

#include "tests/kit/temp_folder.h"

namespace tollgate::store {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

StoreAddress Read(std::string_view url) {
  const Result<StoreAddress> address = StoreAddress::Parse(url);
  EXPECT_TRUE(address.ok()) << url << " " << address.error().message;
  return address.ok() ? *address : StoreAddress{};
}

std::string WhyNot(std::string_view url) {
  const Result<StoreAddress> address = StoreAddress::Parse(url);
  return address.ok() ? "accepted" : address.error().message;
}

TEST(StoreAddress, WhatIsLeftOutHasADefault) {
  const StoreAddress address = Read("redis://store.example");
  EXPECT_EQ(address.host, "store.example");
  EXPECT_EQ(address.port, 6379);
  EXPECT_EQ(address.user, "");
  EXPECT_EQ(address.password, "");
  EXPECT_EQ(address.database, 0u);
}

TEST(StoreAddress, EveryPartIsRead) {
  const StoreAddress address = Read("redis://proxy:secret@10.0.0.7:6380/3");
  EXPECT_EQ(address.host, "10.0.0.7");
  EXPECT_EQ(address.port, 6380);
  EXPECT_EQ(address.user, "proxy");
  EXPECT_EQ(address.password, "secret");
  EXPECT_EQ(address.database, 3u);
}

TEST(StoreAddress, APasswordNeedsNoUser) {
  // Its password stands in a file.
  EXPECT_EQ(Read("redis://proxy@store").user, "proxy");
  EXPECT_EQ(Read("redis://:secret@store").user, "");
  EXPECT_EQ(Read("redis://:secret@store").password, "secret");
}

TEST(StoreAddress, CredentialsArePercentDecoded) {
  const StoreAddress address = Read("redis://a%40b:%2f%3A%25%00x@store");
  EXPECT_EQ(address.user, "a@b");
  EXPECT_EQ(address.password, std::string("/:%\0x", 5));
}

TEST(StoreAddress, TheLastAtSignEndsThePassword) {
  EXPECT_EQ(Read("redis://:se@cret@store").password, "se@cret");
  EXPECT_EQ(Read("redis://:se@cret@store").host, "store");
}

TEST(StoreAddress, AnAddressOfIpv6StandsInBrackets) {
  EXPECT_EQ(Read("redis://[::1]").host, "::1");
  EXPECT_EQ(Read("redis://[::1]").port, 6379);
  EXPECT_EQ(Read("redis://[2001:db8::1]:6380/1").port, 6380);
  EXPECT_EQ(Read("redis://[2001:db8::1]:6380/1").ToString(), "redis://[2001:db8::1]:6380/1");
}

TEST(StoreAddress, ASlashWithoutDatabaseIsTheFirst) { EXPECT_EQ(Read("redis://store/").database, 0u); }

TEST(StoreAddress, ItsTextHoldsNoCredentials) {
  EXPECT_EQ(Read("redis://proxy:secret@store:1/2").ToString(), "redis://store:1/2");
}

TEST(StoreAddress, WhatIsWrongIsNamedWithItsRemedy) {
  EXPECT_THAT(WhyNot("localhost:6379"), HasSubstr("write memory, or redis://"));
  EXPECT_THAT(WhyNot("rediss://store"), HasSubstr("not an address of a store that this release reaches"));
  EXPECT_THAT(WhyNot("redis://"), HasSubstr("names no host"));
  EXPECT_THAT(WhyNot("redis://:6379"), HasSubstr("names no host"));
  EXPECT_THAT(WhyNot("redis://store:"), HasSubstr("no port between 1 and 65535"));
  EXPECT_THAT(WhyNot("redis://store:0"), HasSubstr("no port between 1 and 65535"));
  EXPECT_THAT(WhyNot("redis://store:65536"), HasSubstr("no port between 1 and 65535"));
  EXPECT_THAT(WhyNot("redis://store:63x"), HasSubstr("no port between 1 and 65535"));
  EXPECT_THAT(WhyNot("redis://[::1"), HasSubstr("a [ without ]"));
  EXPECT_THAT(WhyNot("redis://[::1]6379"), HasSubstr("no port between 1 and 65535"));
  EXPECT_THAT(WhyNot("redis://store/one"), HasSubstr("a database that is no number"));
  EXPECT_THAT(WhyNot("redis://store/-1"), HasSubstr("a database that is no number"));
}

TEST(StoreAddress, NoComplaintShowsTheUrl) {
  for (const char* url :
       {"redis://me:hunter2%@store", "redis://me:hunter2%2@store", "redis://me:hunter2%zz@store",
        "redis://:hunter2@store:0", "redis://:hunter2@", "redis://:hunter2@store/x",
        "redis://:hunt/er2@store", "rediss://:hunter2@store", ":hunter2@store"}) {
    EXPECT_THAT(WhyNot(url), Not(HasSubstr("hunt"))) << url;
    EXPECT_NE(WhyNot(url), "accepted") << url;
  }
}

TEST(PasswordFile, ItsFirstLineCounts) {
  const kit::TempFolder folder;
  folder.Write("one", "secret\nmore\n");
  folder.Write("bare", "secret");
  folder.Write("windows", "secret\r\n");
  folder.Write("spaces", " se cret \n");
  EXPECT_EQ(*ReadPasswordFile(folder / "one"), "secret");
  EXPECT_EQ(*ReadPasswordFile(folder / "bare"), "secret");
  EXPECT_EQ(*ReadPasswordFile(folder / "windows"), "secret");
  EXPECT_EQ(*ReadPasswordFile(folder / "spaces"), " se cret ");
}

TEST(PasswordFile, WhatCannotBeReadIsNamedWithTheReason) {
  const kit::TempFolder folder;
  folder.Write("empty", "");
  folder.Write("blank", "\nsecret\n");
  const auto why = [&](const std::string& name) { return ReadPasswordFile(folder / name).error().message; };
  EXPECT_THAT(why("missing"), AllOf(HasSubstr(folder / "missing"), HasSubstr("No such file")));
  EXPECT_THAT(why("empty"), AllOf(HasSubstr(folder / "empty"), HasSubstr("it is empty")));
  EXPECT_THAT(why("blank"), HasSubstr("first line is empty"));
  EXPECT_THAT(ReadPasswordFile(folder.path()).error().message, HasSubstr("Is a directory"));
}

}  // namespace
}  // namespace tollgate::store
