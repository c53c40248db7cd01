// Bodies as they come out, read again by other programs.
#include "proxy/compress/encoder.h"

#include <gtest/gtest.h>

#include "tests/kit/shell.h"
#include "tests/kit/temp_folder.h"

namespace tollgate::compress {
namespace {

constexpr api::Coding kCodings[] = {api::BROTLI, api::GZIP, api::ZSTD};

// What a program of the format's own makes of it.
std::string Decode(api::Coding coding, const std::string& bytes) {
  const kit::TempFolder folder;
  folder.Write("encoded", bytes);
  const std::string path = folder.path() + "/encoded";
  switch (coding) {
    case api::GZIP: return kit::Shell("gzip -dc 2>/dev/null < " + path).out;
    case api::ZSTD: return kit::Shell("zstd -dc 2>/dev/null < " + path).out;
    default: return kit::Shell("brotli -dc < " + path).out;
  }
}

std::string Text(size_t bytes) {
  std::string text;
  for (unsigned i = 0; text.size() < bytes; ++i) text += "line " + std::to_string(i * 2654435761U) + "\n";
  return text.substr(0, bytes);
}

// Whether more is known to come or not.
TEST(Encoder, ABodyInPiecesIsTheSameAgain) {
  const std::string text = Text(700'000);
  for (const api::Coding coding : kCodings) {
    for (const Encoder::Behind between : {Encoder::Behind::kMore, Encoder::Behind::kPause}) {
      const std::unique_ptr<Encoder> encoder = Encoder::Make(coding);
      std::string all;
      for (size_t at = 0; at < text.size(); at += 33'333) {
        encoder->Encode(std::string_view(text).substr(at, 33'333), between, all);
      }
      encoder->Encode({}, Encoder::Behind::kEnd, all);
      EXPECT_EQ(Decode(coding, all), text) << NameOf(coding);
      EXPECT_LT(all.size(), text.size() * 2 / 3) << NameOf(coding);
    }
  }
}

TEST(Encoder, BeforeAPauseComesOutWhatWentIn) {
  for (const api::Coding coding : kCodings) {
    const std::unique_ptr<Encoder> encoder = Encoder::Make(coding);
    std::string out;
    encoder->Encode("event one\n", Encoder::Behind::kPause, out);
    // The body breaks off: what has come can be read all the same. (The program of Brotli reads nothing
    // then.)
    if (coding != api::BROTLI) {
      EXPECT_EQ(Decode(coding, out), "event one\n") << NameOf(coding);
    }
    // Nothing is left behind.
    const size_t size = out.size();
    encoder->Encode({}, Encoder::Behind::kPause, out);
    EXPECT_EQ(out.size(), size) << NameOf(coding);
    encoder->Encode({}, Encoder::Behind::kEnd, out);
    EXPECT_EQ(Decode(coding, out), "event one\n") << NameOf(coding);
  }
}

TEST(Encoder, NothingBecomesAnEmptyBody) {
  for (const api::Coding coding : kCodings) {
    std::string out;
    Encoder::Make(coding)->Encode({}, Encoder::Behind::kEnd, out);
    EXPECT_FALSE(out.empty()) << NameOf(coding);
    EXPECT_EQ(Decode(coding, out), "") << NameOf(coding);
  }
}

TEST(Encoder, WhatIsNoCodingHasNone) {
  EXPECT_EQ(Encoder::Make(api::CODING_UNSPECIFIED), nullptr);
  EXPECT_EQ(NameOf(api::CODING_UNSPECIFIED), "");
}

}  // namespace
}  // namespace tollgate::compress
