#include "proxy/http/trailers.h"

#include <gtest/gtest.h>

namespace tollgate::http {
namespace {

std::string Read(const std::string& section) {
  Trailers trailers;
  return ParseTrailers(section, trailers) ? LastChunkWith(trailers) : "refused";
}

TEST(Trailers, ComeBackAsTheyCame) {
  EXPECT_EQ(Read("grpc-status: 0\r\nX-Checksum:\tab \r\n\r\n"),
            "0\r\ngrpc-status: 0\r\nX-Checksum: ab\r\n\r\n");
}

// RFC 9110, section 6.5.1.
TEST(Trailers, WhatSaysHowAMessageIsFramedRoutedOrAuthenticatedStaysBehind) {
  for (const char* name : {"Content-Length",   "transfer-encoding",
                           "Content_Length",   "Host",
                           "Authorization",    "Cookie",
                           "Set-Cookie",       "WWW-Authenticate",
                           "Cache-Control",    "Content-Type",
                           "Content-Encoding", "Content-Range",
                           "Connection",       "TE",
                           "Trailer",          "Upgrade",
                           "Expect",           "Range",
                           "If-Match",         "Vary",
                           "Location",         "Date",
                           "Retry-After",      "Via",
                           "Forwarded",        "X-Forwarded-For",
                           "X-Request-Id",     "X-Tollgate-Plan",
                           "x_tollgate_plan",  "RateLimit",
                           "RateLimit-Policy", "Max-Forwards",
                           "www_authenticate", ":status"}) {
    EXPECT_FALSE(MayBeTrailer(name)) << name;
  }
  for (const char* name : {"grpc-status", "grpc-message", "ETag", "Digest", "Server-Timing", "x-a_b"}) {
    EXPECT_TRUE(MayBeTrailer(name)) << name;
  }
  Trailers trailers;
  EXPECT_TRUE(trailers.Add("Content-Length", "5"));
  EXPECT_TRUE(trailers.empty());
}

TEST(Trailers, AreBounded) {
  Trailers many;
  for (size_t i = 0; i < Trailers::kMaxFields; ++i) EXPECT_TRUE(many.Add("a", "b"));
  EXPECT_FALSE(many.Add("a", "b"));
  Trailers large;
  EXPECT_TRUE(large.Add("a", std::string(Trailers::kMaxBytes - 1, 'b')));
  EXPECT_FALSE(large.Add("a", ""));
  // Those that stay behind count, too.
  Trailers unwanted;
  EXPECT_FALSE(unwanted.Add("Cookie", std::string(Trailers::kMaxBytes, 'b')));
}

}  // namespace
}  // namespace tollgate::http
