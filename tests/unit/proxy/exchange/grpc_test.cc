#include "proxy/exchange/grpc.h"

#include <gtest/gtest.h>

#include "tests/kit/heads.h"
#include "tests/kit/test_exchange.h"

namespace tollgate::exchange {
namespace {

using std::chrono::nanoseconds;

bool SpeaksGrpc(const std::string& type) {
  const kit::Request request("POST", "/", "Content-Type: " + type + "\r\n");
  return IsGrpc(request.head().fields);
}

TEST(Grpc, IsKnownByItsContentType) {
  for (const char* type :
       {"application/grpc", "application/grpc+proto", "Application/GRPC;x=y", "application/grpc ; x=y"}) {
    EXPECT_TRUE(SpeaksGrpc(type)) << type;
  }
  for (const char* type :
       {"application/json", "application/grpcish", "application/grp", "application/grpc-web", "text/html"}) {
    EXPECT_FALSE(SpeaksGrpc(type)) << type;
  }
}

TEST(Grpc, TimeoutsHaveUnits) {
  EXPECT_EQ(ParseGrpcTimeout("2H"), std::chrono::hours(2));
  EXPECT_EQ(ParseGrpcTimeout("3M"), std::chrono::minutes(3));
  EXPECT_EQ(ParseGrpcTimeout("4S"), std::chrono::seconds(4));
  EXPECT_EQ(ParseGrpcTimeout("500m"), std::chrono::milliseconds(500));
  EXPECT_EQ(ParseGrpcTimeout("6u"), std::chrono::microseconds(6));
  EXPECT_EQ(ParseGrpcTimeout("99999999n"), nanoseconds(99'999'999));
  EXPECT_EQ(ParseGrpcTimeout("0S"), nanoseconds(0));
  EXPECT_EQ(ParseGrpcTimeout("99999999H"), std::chrono::hours(24 * 365)) << "as long as anybody waits";
}

TEST(Grpc, OtherTimeoutsAreNone) {
  for (const char* text : {"", "5", "S", "5s", "-5S", "+5S", "5 S", " 5S", "123456789S", "1.5S", "5SS"}) {
    EXPECT_EQ(ParseGrpcTimeout(text), std::nullopt) << text;
  }
}

TEST(Grpc, ADeadlineIsCountedFromTheRequestsBegin) {
  kit::TestExchange x("POST", "/a", "Host: a\r\ngrpc-timeout: 5S\r\n");
  x->started = SteadyNow();
  ASSERT_TRUE(ReadGrpcDeadline(*x).ok());
  EXPECT_EQ(x->grpc.deadline, SteadyTime::max()) << "it is no call";
  x->grpc.is_call = true;
  ASSERT_TRUE(ReadGrpcDeadline(*x).ok());
  EXPECT_EQ(x->grpc.deadline, x->started + std::chrono::seconds(5));
}

TEST(Grpc, ADeadlineIsSaidOnceAndSoThatItCanBeRead) {
  for (const char* lines : {"grpc-timeout: 5s\r\n", "grpc-timeout: 5S\r\nGrpc-Timeout: 6S\r\n"}) {
    kit::TestExchange x("POST", "/a", lines);
    x->grpc.is_call = true;
    const Outcome<Done> read = ReadGrpcDeadline(*x);
    ASSERT_FALSE(read.ok()) << lines;
    EXPECT_EQ(RowOf(read.error().problem).grpc_status, 3) << "INVALID_ARGUMENT";
    EXPECT_EQ(read.error().reason, "grpc-timeout-malformed");
  }
}

TEST(Grpc, MessagesArePercentEncoded) {
  EXPECT_EQ(GrpcMessage("100 % of it\n\xc3\xa4"), "100 %25 of it%0A%C3%A4");
}

TEST(Grpc, StatusesAreReadFromTrailersAndHeads) {
  http::Trailers trailers;
  EXPECT_EQ(GrpcStatusIn(trailers), -1);
  ASSERT_TRUE(trailers.Add("Grpc-Status", "14"));
  EXPECT_EQ(GrpcStatusIn(trailers), 14);
  const kit::Request head("GET", "/", "grpc-status: 5\r\n");
  EXPECT_EQ(GrpcStatusIn(head.head().fields), 5);
  const kit::Request wrong("GET", "/", "grpc-status: x\r\n");
  EXPECT_EQ(GrpcStatusIn(wrong.head().fields), -1);
}

}  // namespace
}  // namespace tollgate::exchange
