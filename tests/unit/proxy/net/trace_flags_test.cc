// Where spans go, as it is said and as it is refused.
#include "proxy/net/trace_flags.h"

#include <gmock/gmock.h>

#include "tests/kit/temp_folder.h"

namespace tollgate::net {
namespace {

using ::testing::HasSubstr;

TraceFlags Flags(const std::string& endpoint, const std::string& ca_file = "",
                 const std::string& ratio = "0.1") {
  TraceFlags flags;
  flags.endpoint = endpoint;
  flags.ca_file = ca_file;
  flags.ratio = ratio;
  return flags;
}

std::string Refusal(const TraceFlags& flags) {
  const auto read = ReadTraceFlags(flags, "test");
  return read.ok() ? "" : read.error().message;
}

TEST(TraceFlags, WithoutAnEndpointThereAreNone) {
  const auto read = ReadTraceFlags({}, "test");
  ASSERT_TRUE(read.ok());
  EXPECT_FALSE(*read);
}

TEST(TraceFlags, AreReadAsTheyAreWritten) {
  const kit::TempFolder folder;
  folder.Write("ca.crt", "PEM");
  const auto read = ReadTraceFlags(Flags("https://collector", folder / "ca.crt", "1"), "proxy-1");
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_EQ((*read)->collector.authority(), "collector:443");
  EXPECT_EQ((*read)->authorities, "PEM");
  EXPECT_EQ((*read)->ratio, 1);
  EXPECT_EQ((*read)->instance, "proxy-1");
}

TEST(TraceFlags, WhatIsNoRatioIsRefused) {
  for (const char* ratio : {"", "-0.1", "1.1", "10%", "1e-1", "nan", " 1", "0.1 "}) {
    EXPECT_THAT(Refusal(Flags("http://collector", "", ratio)), HasSubstr("--trace-ratio")) << ratio;
  }
  EXPECT_EQ(Refusal(Flags("http://collector", "", "0")), "");
}

TEST(TraceFlags, EachIsRefusedByItsName) {
  EXPECT_THAT(Refusal(Flags("collector:4318")), HasSubstr("--trace-endpoint \"collector:4318\""));
  EXPECT_THAT(Refusal(Flags("", "/ca.crt")), HasSubstr("--trace-ca is given, but no --trace-endpoint"));
  EXPECT_THAT(Refusal(Flags("http://collector", "/ca.crt")), HasSubstr("is no https address"));
  EXPECT_THAT(Refusal(Flags("https://collector", "/not/there")),
              HasSubstr("--trace-ca \"/not/there\" cannot be read"));
}

}  // namespace
}  // namespace tollgate::net
