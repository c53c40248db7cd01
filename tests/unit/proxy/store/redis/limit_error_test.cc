#include "proxy/store/redis/limit_error.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace tollgate::store {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(LimitError, TellsTheServersTroubleFromOneRecords) {
  for (const char* error :
       {"LOADING Redis is loading the dataset in memory",
        "OOM command not allowed when used memory > 'maxmemory'.",
        "READONLY You can't write against a read only replica.",
        "NOREPLICAS Not enough good replicas to write.", "MASTERDOWN Link with MASTER is down",
        "CLUSTERDOWN Hash slot not served", "MISCONF Errors writing to the AOF file"}) {
    EXPECT_TRUE(IsServersTrouble(error)) << error;
  }
  for (const char* error : {"WRONGTYPE Operation against a key holding the wrong kind of value",
                            "ERR user_script:12: data string too short", "NOSCRIPT No matching script", ""}) {
    EXPECT_FALSE(IsServersTrouble(error)) << error;
  }
}

class SpoiltRecordsTest : public testing::Test {
 protected:
  std::string Told(SteadyTime now) {
    testing::internal::CaptureStderr();
    spoilt_.Tell("WRONGTYPE of a kind", keys_, now);
    return testing::internal::GetCapturedStderr();
  }
  SpoiltRecords spoilt_;
  std::vector<std::string> keys_ = {"k1", "k2", "k3", "k4", "k5"};
};

constexpr SteadyTime kStart{std::chrono::seconds(1000)};

TEST_F(SpoiltRecordsTest, ALineSaysWhatIsWrongAndNamesTheKeys) {
  const std::string line = Told(kStart);
  EXPECT_THAT(line, HasSubstr("WRONGTYPE of a kind; delete the key that is spoilt"));
  EXPECT_THAT(line, HasSubstr("\"keys\":\"k2 k3 k4 k5\""));
}

TEST_F(SpoiltRecordsTest, OneLineASecond) {
  EXPECT_NE(Told(kStart), "");
  EXPECT_EQ(Told(kStart + std::chrono::milliseconds(999)), "");
  EXPECT_NE(Told(kStart + std::chrono::milliseconds(1000)), "");
}

}  // namespace
}  // namespace tollgate::store
