// Where operators ask a gateway, and what they are told.
#include "proxy/admin/operator_port.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <nlohmann/json.hpp>

#include "tests/kit/shell.h"
#include "tests/kit/temp_folder.h"

namespace tollgate::admin {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

std::string WhyNot(const std::string& address) {
  OperatorFlags flags;
  flags.address = address;
  const auto options = ReadOperatorFlags(flags);
  return options ? "taken" : options.error().message;
}

TEST(OperatorFlags, OnlyLoopbackIsTaken) {
  for (const char* address : {"127.0.0.1:9091", "127.9.9.9:0", "[::1]:9091", "off"}) {
    EXPECT_EQ(WhyNot(address), "taken") << address;
  }
  for (const char* address : {":9091", "0.0.0.0:9091", "10.0.0.1:9091", "[::]:9091"}) {
    EXPECT_THAT(WhyNot(address), AllOf(HasSubstr("--admin-address"), HasSubstr("is not on loopback"),
                                       HasSubstr("write 127.0.0.1 and a port, or give --admin-socket")))
        << address;
  }
}

class OperatorPortTest : public ::testing::Test {
 protected:
  Result<OperatorPort> Open(bool replaces = false) {
    takeover::Inheritance nothing;
    return OperatorPort::Open({std::nullopt, path_}, *gateway_, nothing, replaces);
  }
  kit::Said Ask(const std::string& page) const {
    return kit::Shell("curl -s --unix-socket " + path_ + " http://localhost" + page);
  }

  SystemWallClock clock_;
  std::unique_ptr<net::Gateway> gateway_ = *net::Gateway::Open(
      {.http_address = *io::Address::Parse("127.0.0.1:0"), .threads = 2, .access_log = "off"}, clock_);
  kit::TempFolder folder_;
  const std::string path_ = folder_ / "admin";
};

TEST_F(OperatorPortTest, AUnixSocketIsItsUsersAlone) {
  auto port = Open();
  ASSERT_TRUE(port.ok()) << port.error().message;
  port->Start();
  struct stat status {};
  ASSERT_EQ(::stat(path_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
  EXPECT_THAT(Ask("/config_dump").out, HasSubstr("there is no configuration yet"));
}

TEST_F(OperatorPortTest, EveryCoreSaysWhatItHas) {
  gateway_->Start();
  auto port = Open();
  port->Start();
  const auto json = nlohmann::json::parse(Ask("/connections").out);
  ASSERT_EQ(json["cores"].size(), 2U);
  for (const auto& core : json["cores"]) EXPECT_EQ(core["callers"]["open"], 0);
}

TEST_F(OperatorPortTest, ACoreThatDoesNotAnswerIsSaidToBeBusy) {
  auto port = Open();  // of a gateway that was never started
  port->Start();
  const auto json = nlohmann::json::parse(Ask("/connections").out);
  for (const auto& core : json["cores"]) EXPECT_EQ(core["busy"], true);
}

TEST_F(OperatorPortTest, ASocketAtWhichAnotherProcessAnswersIsLeftToIt) {
  auto first = Open();
  first->Start();
  const auto second = Open();
  ASSERT_FALSE(second.ok());
  EXPECT_THAT(second.error().message, AllOf(HasSubstr("the admin socket \"" + path_ + "\""),
                                            HasSubstr("another process's that runs")));
  EXPECT_TRUE(Open(true).ok()) << "one that takes over from it";
}

}  // namespace
}  // namespace tollgate::admin
