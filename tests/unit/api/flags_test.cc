// Flags as a program's user meets them: what wins over what, and what wrong use looks like.
#include "tests/unit/api/flags_fixture.h"

namespace tollgate {
namespace {

using std::chrono::milliseconds;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

class FlagsTest : public FlagsFixture {};

TEST_F(FlagsTest, DefaultsStandWhereNobodySaysOtherwise) {
  EXPECT_EQ(Run({}), kExitDone);
  EXPECT_TRUE(ran_);
  EXPECT_EQ(address_, "127.0.0.1:8080");
  EXPECT_EQ(threads_, 2U);
  EXPECT_EQ(drain_, milliseconds(30'000));
}

TEST_F(FlagsTest, EveryTypeIsRead) {
  EXPECT_EQ(Run({"--http-address", ":1", "--hosts", "a,b", "--hosts=c", "--threads=7", "--verbose",
                 "--drain-timeout=1m30s"}),
            kExitDone);
  EXPECT_EQ(address_, ":1");
  EXPECT_THAT(hosts_, ElementsAre("a", "b", "c"));
  EXPECT_EQ(threads_, 7U);
  EXPECT_TRUE(verbose_);
  EXPECT_EQ(drain_, milliseconds(90'000));
}

TEST_F(FlagsTest, SwitchesCanBeTurnedOff) {
  verbose_ = true;
  EXPECT_EQ(Run({"--no-verbose"}), kExitDone);
  EXPECT_FALSE(verbose_);
}

TEST_F(FlagsTest, GivenTwiceTheLastOneCounts) {
  EXPECT_EQ(Run({"--http-address=:1", "--threads=1", "--drain-timeout=1s", "--verbose", "--http-address=:2",
                 "--threads=2", "--drain-timeout=2s", "--no-verbose"}),
            kExitDone)
      << err_;
  EXPECT_EQ(address_, ":2");
  EXPECT_EQ(threads_, 2U);
  EXPECT_EQ(drain_, milliseconds(2'000));
  EXPECT_FALSE(verbose_);
}

TEST_F(FlagsTest, FileWinsOverDefault) {
  const std::string file =
      ConfigFile("http-address: ':2'\nhosts: [d, e]\nthreads: 5\nverbose: true\ndrain-timeout: 250ms\n");
  EXPECT_EQ(Run({"--config", file}), kExitDone) << err_;
  EXPECT_EQ(address_, ":2");
  EXPECT_THAT(hosts_, ElementsAre("d", "e"));
  EXPECT_EQ(threads_, 5U);
  EXPECT_TRUE(verbose_);
  EXPECT_EQ(drain_, milliseconds(250));
}

TEST_F(FlagsTest, FileTurnsSwitchesOff) {
  verbose_ = true;
  EXPECT_EQ(Run({"--config", ConfigFile("verbose: false\n")}), kExitDone) << err_;
  EXPECT_FALSE(verbose_);
}

TEST_F(FlagsTest, EnvironmentWinsOverDefault) {
  SetEnvironment("TOLLGATE_HTTP_ADDRESS", ":3");
  SetEnvironment("TOLLGATE_HOSTS", "f,g");
  SetEnvironment("TOLLGATE_THREADS", "6");
  SetEnvironment("TOLLGATE_VERBOSE", "true");
  SetEnvironment("TOLLGATE_DRAIN_TIMEOUT", "1h");
  EXPECT_EQ(Run({}), kExitDone) << err_;
  EXPECT_EQ(address_, ":3");
  EXPECT_THAT(hosts_, ElementsAre("f", "g"));
  EXPECT_EQ(threads_, 6U);
  EXPECT_TRUE(verbose_);
  EXPECT_EQ(drain_, milliseconds(3'600'000));
}

TEST_F(FlagsTest, EnvironmentTurnsSwitchesOff) {
  verbose_ = true;
  SetEnvironment("TOLLGATE_VERBOSE", "false");
  EXPECT_EQ(Run({}), kExitDone) << err_;
  EXPECT_FALSE(verbose_);
}

TEST_F(FlagsTest, EnvironmentWinsOverFile) {
  SetEnvironment("TOLLGATE_HTTP_ADDRESS", ":3");
  SetEnvironment("TOLLGATE_HOSTS", "f");
  SetEnvironment("TOLLGATE_VERBOSE", "false");
  SetEnvironment("TOLLGATE_DRAIN_TIMEOUT", "1h");
  EXPECT_EQ(Run({"--config", ConfigFile("http-address: ':2'\nhosts: [d, e]\nthreads: 5\nverbose: true\n"
                                        "drain-timeout: 250ms\n")}),
            kExitDone)
      << err_;
  EXPECT_EQ(address_, ":3");
  EXPECT_THAT(hosts_, ElementsAre("f"));
  EXPECT_EQ(threads_, 5U);
  EXPECT_FALSE(verbose_);
  EXPECT_EQ(drain_, milliseconds(3'600'000));
}

TEST_F(FlagsTest, CommandLineWinsOverEnvironmentAndFile) {
  SetEnvironment("TOLLGATE_HTTP_ADDRESS", ":3");
  SetEnvironment("TOLLGATE_HOSTS", "f");
  EXPECT_EQ(Run({"--http-address=:4", "--hosts=h", "--no-verbose", "--config",
                 ConfigFile("http-address: ':2'\nhosts: [d]\nverbose: true\n")}),
            kExitDone);
  EXPECT_EQ(address_, ":4");
  EXPECT_THAT(hosts_, ElementsAre("h"));
  EXPECT_FALSE(verbose_);
}

TEST_F(FlagsTest, UnknownFlagIsWrongUse) { ExpectWrongUse({"--nonesuch=1"}, "nonesuch"); }

TEST_F(FlagsTest, UnknownFlagIsNamedWithoutItsValue) {
  const std::string store = "redis://u:hunter2@h/0";
  for (const std::vector<std::string>& arguments : std::vector<std::vector<std::string>>{
           {"--limit-store=" + store}, {"--limit-store", store}, {"-l" + store}, {store}}) {
    ExpectWrongUse(arguments, "is no command or flag here");
    EXPECT_THAT(err_, Not(HasSubstr("hunter2")));
  }
  ExpectWrongUse({"--limit-store=" + store}, "\"--limit-store\"");
}

TEST_F(FlagsTest, SurplusArgumentIsWrongUse) { ExpectWrongUse({"nonesuch"}, "nonesuch"); }

TEST_F(FlagsTest, UnknownKeyInTheFileIsWrongUse) {
  ExpectWrongUse({"--config", ConfigFile("threads: 2\nnonesuch: 1\n")}, "nonesuch");
}

TEST_F(FlagsTest, WhatIsNoCountIsWrongUse) {
  for (const char* count : {"many", "-1", "99999999999", "1.5", "4x", " 4"}) {
    ExpectWrongUse({std::string("--threads=") + count},
                   std::string("--threads: \"") + count + "\" is no whole number: write one such as 4");
  }
}

TEST_F(FlagsTest, DurationWithoutUnitIsWrongUse) {
  ExpectWrongUse({"--drain-timeout=30"}, "drain-timeout");
  EXPECT_THAT(err_, HasSubstr("\"30\" is not a duration"));
}

TEST_F(FlagsTest, FlagWithoutItsValueIsWrongUse) { ExpectWrongUse({"--http-address"}, "http-address"); }

TEST_F(FlagsTest, IllTypedSwitchIsWrongUse) {
  ExpectWrongUse({"--verbose=perhaps"}, "--verbose = perhaps is neither true nor false");
}

TEST_F(FlagsTest, IllTypedEnvironmentIsWrongUse) {
  SetEnvironment("TOLLGATE_THREADS", "many");
  ExpectWrongUse({}, "threads");
}

TEST_F(FlagsTest, IllTypedKeyInTheFileIsWrongUse) {
  ExpectWrongUse({"--config", ConfigFile("threads: many\n")}, "threads");
}

TEST_F(FlagsTest, NestedKeyInTheFileIsWrongUse) {
  ExpectWrongUse({"--config", ConfigFile("threads: {most: 3}\n")}, "threads");
}

TEST_F(FlagsTest, IllTypedKeysAreNamed) {
  for (const char* yaml :
       {"threads: -1\n", "threads:\n", "http-address: [a]\n", "hosts: {a: b}\n", "hosts: [[a]]\n",
        "verbose: 7\n", "drain-timeout: 30\n", "drain-timeout: [30s]\n"}) {
    const std::string key(yaml, std::string_view(yaml).find(':'));
    ExpectWrongUse({"--config", ConfigFile(yaml)}, "the key \"" + key + "\"");
  }
}

TEST_F(FlagsTest, FileThatIsNoMappingIsWrongUse) {
  ExpectWrongUse({"--config", ConfigFile("- threads\n")}, "no YAML mapping");
}

TEST_F(FlagsTest, FileThatIsNoYamlIsWrongUse) {
  ExpectWrongUse({"--config", ConfigFile("threads: [\n")}, "cannot be read");
}

TEST_F(FlagsTest, MissingFileIsWrongUse) {
  ExpectWrongUse({"--config", ::testing::TempDir() + "no-such-file.yaml"}, "no-such-file.yaml");
}

TEST_F(FlagsTest, HelpNamesFlagsAndDefaults) {
  EXPECT_EQ(Run({"--help"}), kExitDone);
  EXPECT_FALSE(ran_);
  EXPECT_THAT(out_, AllOf(HasSubstr("--http-address"), HasSubstr("127.0.0.1:8080"), HasSubstr("30s"),
                          HasSubstr("TOLLGATE_DRAIN_TIMEOUT"), HasSubstr("Go on (default: true)")));
}

TEST_F(FlagsTest, ResultOfTheRunIsTheExitCode) {
  char program[] = "tollgate-test";
  char* argv[] = {program, nullptr};
  EXPECT_EQ(flags_.Run(1, argv, [] { return int{kExitRefusedInput}; }), kExitRefusedInput);
}

TEST(Fail, IsOneLineWhateverTheMessage) {
  ::testing::internal::CaptureStderr();
  EXPECT_EQ(Fail("program", "first\nsecond", kExitRefusedInput), kExitRefusedInput);
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "program: first second\n");
}

}  // namespace
}  // namespace tollgate
