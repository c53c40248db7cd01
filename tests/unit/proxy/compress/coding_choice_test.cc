// Which coding a caller gets.
#include "proxy/compress/coding_choice.h"

#include <gtest/gtest.h>

#include "proxy/compress/encoder.h"
#include "tests/kit/heads.h"

namespace tollgate::compress {
namespace {

// As Content-Encoding names it; of a rule that prefers Brotli, then gzip.
std::string Choose(const std::string& lines) {
  const kit::Request request("GET", "/", "Host: a\r\n" + lines);
  google::protobuf::RepeatedField<int> offered;
  offered.Add(api::BROTLI);
  offered.Add(api::GZIP);
  return std::string(NameOf(ChooseCoding(offered, request.head().fields).coding));
}

std::string Accepting(const std::string& value) { return Choose("Accept-Encoding: " + value + "\r\n"); }

TEST(CodingChoice, TheRulesPreferenceDecidesAmongEquals) {
  EXPECT_EQ(Accepting("gzip, br"), "br");
  EXPECT_EQ(Accepting("gzip, deflate"), "gzip");
  EXPECT_EQ(Accepting("GZip"), "gzip");
  EXPECT_EQ(Accepting("x-gzip"), "gzip");
  EXPECT_EQ(Accepting("*"), "br");
}

TEST(CodingChoice, TheCallersWeightsComeFirst) {
  EXPECT_EQ(Accepting("br;q=0.5, gzip;q=0.501"), "gzip");
  EXPECT_EQ(Accepting("br ; Q=1.000 , gzip;q=0.9"), "br");
  EXPECT_EQ(Accepting("br;q=0, *;q=0.1"), "gzip");
  EXPECT_EQ(Accepting("*;q=0.5, br;q=0.2"), "gzip");
}

TEST(CodingChoice, WhatIsNotWantedIsNotSent) {
  EXPECT_EQ(Choose(""), "");
  EXPECT_EQ(Accepting(""), "");
  EXPECT_EQ(Accepting("identity"), "");
  EXPECT_EQ(Accepting("zstd, deflate"), "");
  EXPECT_EQ(Accepting("br;q=0, gzip;q=0.000"), "");
  EXPECT_EQ(Accepting("br;q=0.5, identity;q=0.6"), "");
  EXPECT_EQ(Accepting("*;q=0"), "");
}

TEST(CodingChoice, AWeightThatIsNoneCountsAsRefusal) {
  for (const char* weight : {"q=2", "q=0.1234", "q=-1", "q=", "q", "x=1", "q=1.1", "q=a", "q=01"}) {
    EXPECT_EQ(Accepting(std::string("gzip;") + weight), "") << weight;
  }
}

TEST(CodingChoice, WhoDoesNotTakeThePlainBodySaysSo) {
  const auto refuses = [](const std::string& value) {
    const kit::Request request("GET", "/", "Host: a\r\nAccept-Encoding: " + value + "\r\n");
    return ChooseCoding({}, request.head().fields).refuses_plain;
  };
  EXPECT_TRUE(refuses("gzip, identity;q=0"));
  EXPECT_TRUE(refuses("gzip, *;q=0"));
  EXPECT_FALSE(refuses("gzip, *;q=0, identity;q=0.1"));
  EXPECT_FALSE(refuses("gzip"));
  EXPECT_FALSE(refuses(""));
}

TEST(CodingChoice, AsMuchLikedAsThePlainBodyIsEnough) {
  EXPECT_EQ(Accepting("gzip;q=0.5, identity;q=0.5"), "gzip");
  EXPECT_EQ(Accepting("gzip, identity;q=0"), "gzip");
  EXPECT_EQ(Accepting("*;q=0, gzip"), "gzip");
}

TEST(CodingChoice, SeveralFieldsAreOneList) {
  EXPECT_EQ(Choose("Accept-Encoding: br;q=0\r\nAccept-Encoding: , gzip\r\n"), "gzip");
}

}  // namespace
}  // namespace tollgate::compress
