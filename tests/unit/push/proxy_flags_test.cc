// What tollgate-proxy says of flags that cannot be meant, seen from outside.
#include <gmock/gmock.h>

#include <algorithm>

#include "tests/kit/process.h"

namespace tollgate {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

// Which flag, and what is wrong with it or what to write instead.
struct WrongFlag {
  const char* flag;
  const char* name;
  const char* remedy;
};

constexpr WrongFlag kWrongFlags[] = {
    {"--threads=many", "--threads", "\"many\" is no whole number"},
    {"--threads=-1", "--threads", "\"-1\" is no whole number"},
    {"--threads=0", "--threads", "must be 1 to 1024"},
    {"--drain-grace=5", "--drain-grace", "\"5\" is not a duration"},
    {"--drain-timeout=soon", "--drain-timeout", "\"soon\" is not a duration"},
    {"--store-deadline=fast", "--store-deadline", "\"fast\" is not a duration"},
    {"--http-address=localhost:80", "--http-address", "write an IP address and a port"},
    {"--https-address=8443", "--https-address", "write an IP address and a port"},
    {"--metrics-address=9090", "--metrics-address", "write an IP address and a port"},
    {"--installation=Edge", "--installation", "is no name; write lower case letters, digits and hyphens"},
    {"--installation=a.b", "--installation", "is no name"},
    {"--controller=nowhere", "--controller", "nowhere"},
    {"--dns-servers=localhost", "--dns-servers", "is no list of addresses; write such as 10.96.0.10"},
    {"--external-cidrs=10.0.0.0/8,10", "--external-cidrs",
     "\"10\" is no network; write such as 10.20.0.0/16"},
    {"--limits-store=localhost", "--limits-store", "is not an address of a store"},
    {"--tls-key=", "--tls-key", "--help lists what there is"},
    {"--no-such-flag=1", "--no-such-flag", "--help lists what there is"},
    {"--state-dir", "--state-dir", "--help lists what there is"},
    {"--config=/nowhere/at/all", "--config", "cannot read \"/nowhere/at/all\""},
    {"operand", "operand", "--help lists what there is"},
};

TEST(ProxyFlags, WhatCannotBeMeantIsWrongUseAndNamedWithTheRemedy) {
  for (const WrongFlag& wrong : kWrongFlags) {
    kit::Process process({kit::ProgramPath("tollgate-proxy"), "--http-address=127.0.0.1:0",
                          "--metrics-address=127.0.0.1:0", "--controller=controller:9443", "--tls-cert=cert",
                          "--tls-key=key", "--tls-ca=ca", wrong.flag});
    EXPECT_EQ(process.Wait(), 2) << wrong.flag << ": " << process.Stderr();
    const std::string said = process.Stderr();
    EXPECT_THAT(said, AllOf(StartsWith("tollgate-proxy: "), HasSubstr(wrong.name), HasSubstr(wrong.remedy)));
    EXPECT_EQ(std::count(said.begin(), said.end(), '\n'), 1) << said;
  }
}

}  // namespace
}  // namespace tollgate
