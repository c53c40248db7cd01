// Commands of a program, each with flags of its own.
#include "tests/unit/api/flags_fixture.h"

namespace tollgate {
namespace {

using ::testing::ElementsAre;

class CommandsTest : public FlagsFixture {
 protected:
  CommandsTest() {
    FlagSet& run = flags_.AddCommand("run", "Serve a folder", [this] {
      command_ = "run";
      return int{kExitDone};
    });
    run.AddOperands("folder", folders_, "Folders of manifests");
    run.Add("port", port_, "Port");
    flags_.AddCommand("check", "Check a folder", [this] {
      command_ = "check";
      return int{kExitFailed};
    });
  }
  std::string command_;
  std::vector<std::string> folders_;
  unsigned port_ = 1;
};

TEST_F(CommandsTest, OnlyTheGivenCommandRuns) {
  EXPECT_EQ(Run({"run", "a", "b", "--port=2"}), kExitDone) << err_;
  EXPECT_EQ(command_, "run");
  EXPECT_THAT(folders_, ElementsAre("a", "b"));
  EXPECT_EQ(port_, 2U);
}

TEST_F(CommandsTest, CommandsResultIsTheExitCode) { EXPECT_EQ(Run({"check"}), kExitFailed) << err_; }

TEST_F(CommandsTest, CommandReadsItsOwnFile) {
  EXPECT_EQ(Run({"run", "a", "--config", ConfigFile("port: 3\n")}), kExitDone) << err_;
  EXPECT_EQ(port_, 3U);
}

TEST_F(CommandsTest, CommandsEnvironmentWinsOverItsFile) {
  SetEnvironment("TOLLGATE_PORT", "4");
  EXPECT_EQ(Run({"run", "a", "--config", ConfigFile("port: 3\n")}), kExitDone) << err_;
  EXPECT_EQ(port_, 4U);
}

TEST_F(CommandsTest, UnknownKeyInACommandsFileIsWrongUse) {
  ExpectWrongUse({"run", "a", "--config", ConfigFile("nonesuch: 3\n")}, "nonesuch");
}

TEST_F(CommandsTest, UnknownCommandIsWrongUse) { ExpectWrongUse({"nonesuch"}, "nonesuch"); }

TEST_F(CommandsTest, UnknownFlagOfACommandIsWrongUse) {
  ExpectWrongUse({"run", "a", "--nonesuch"}, "nonesuch");
}

TEST_F(CommandsTest, MissingOperandIsWrongUse) { ExpectWrongUse({"run"}, "folder"); }

TEST_F(CommandsTest, MissingCommandIsWrongUse) { ExpectWrongUse({}, "subcommand"); }

}  // namespace
}  // namespace tollgate
