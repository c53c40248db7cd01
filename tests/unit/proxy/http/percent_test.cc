// Percent-encoded octets.
#include "proxy/http/percent.h"

#include <gtest/gtest.h>

namespace tollgate::http {
namespace {

TEST(Percent, DigitsOfBothCasesHaveAValue) {
  int digits = 0;
  for (int c = 0; c < 256; ++c) digits += HexValue(static_cast<char>(c)) >= 0 ? 1 : 0;
  EXPECT_EQ(digits, 22);
  EXPECT_EQ(HexValue('0'), 0);
  EXPECT_EQ(HexValue('9'), 9);
  EXPECT_EQ(HexValue('a'), 10);
  EXPECT_EQ(HexValue('F'), 15);
}

TEST(Percent, AnOctetIsThreeCharacters) {
  EXPECT_EQ(DecodeOctet("%00"), 0);
  EXPECT_EQ(DecodeOctet("%fFx"), 255);
  EXPECT_EQ(DecodeOctet("%2F"), '/');
  for (const char* none : {"", "%", "%2", "%2g", "%g2", "2F%", "a2F", "%%41"}) {
    EXPECT_EQ(DecodeOctet(none), -1) << none;
  }
}

}  // namespace
}  // namespace tollgate::http
