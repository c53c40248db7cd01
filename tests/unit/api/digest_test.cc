#include "api/base/digest.h"

#include <gtest/gtest.h>

namespace tollgate {
namespace {

std::string Sha256Hex(std::string_view bytes) { return ToHex(AsBytes(Sha256(bytes))); }

// FIPS 180-4 examples, as NIST publishes them ("SHA_All.pdf").
TEST(Sha256, NistExamplesHold) {
  EXPECT_EQ(Sha256Hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(Sha256Hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(Sha256Hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(Sha256Hex("abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmno"
                      "ijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu"),
            "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1");
  EXPECT_EQ(Sha256Hex(std::string(1'000'000, 'a')),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, OneCallLeavesNothingForTheNext) {
  const Sha256Digest first = Sha256("abc");
  (void)Sha256("something else");
  EXPECT_EQ(Sha256("abc"), first);
}

TEST(Hex, EveryByteIsReadBack) {
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes += static_cast<char>(i);
  EXPECT_EQ(FromHex(ToHex(bytes)), bytes);
}

TEST(Hex, LowerCaseIsWrittenBothCasesAreRead) {
  EXPECT_EQ(ToHex("\xAB\xCD"), "abcd");
  EXPECT_EQ(FromHex("ABcd"), "\xAB\xCD");
}

TEST(Hex, WhatIsNoHexIsRefused) {
  for (const char* text : {"0", "abc", "0g", "g0", " 0", "0x", "-1", "é"})
    EXPECT_FALSE(FromHex(text)) << text;
  EXPECT_EQ(FromHex(""), "");
}

TEST(Hex, DigestHas64Digits) {
  EXPECT_EQ(Sha256FromHex(Sha256Hex("abc")), Sha256("abc"));
  EXPECT_FALSE(Sha256FromHex(std::string(62, 'a')));
  EXPECT_FALSE(Sha256FromHex(std::string(66, 'a')));
  EXPECT_FALSE(Sha256FromHex(std::string(64, 'z')));
  EXPECT_FALSE(Sha256FromHex(""));
}

TEST(ConstantTimeEqual, EveryByteCounts) {
  const std::string secret(64, 's');
  EXPECT_TRUE(ConstantTimeEqual(secret, std::string(secret)));
  for (size_t i = 0; i < secret.size(); ++i) {
    std::string other = secret;
    other[i] ^= 1;
    EXPECT_FALSE(ConstantTimeEqual(secret, other)) << i;
  }
}

TEST(ConstantTimeEqual, LengthsCount) {
  EXPECT_TRUE(ConstantTimeEqual("", ""));
  EXPECT_FALSE(ConstantTimeEqual("a", ""));
  EXPECT_FALSE(ConstantTimeEqual("ab", "a"));
}

}  // namespace
}  // namespace tollgate
