// A chunk's size line is read back as the size that was written.
#include "proxy/http/chunk_head.h"

#include <gtest/gtest.h>

#include <limits>

#include "proxy/http/body_decoder.h"

namespace tollgate::http {
namespace {

TEST(ChunkHead, IsTheSizeInHexadecimal) {
  EXPECT_EQ(ChunkHead(1).text(), "1\r\n");
  EXPECT_EQ(ChunkHead(65536).text(), "10000\r\n");
  EXPECT_EQ(ChunkHead(std::numeric_limits<size_t>::max()).text(), "ffffffffffffffff\r\n");
}

TEST(ChunkHead, WhatIsWrittenInChunksIsReadBack) {
  std::string body;
  for (const char* piece : {"a", "0123456789abcdef"}) {
    body.append(ChunkHead(std::string_view(piece).size()).text()).append(piece).append(kChunkEnd);
  }
  for (const std::string& whole :
       {body + std::string(kLastChunk),
        body.substr(0, body.size() - kChunkEnd.size()) + std::string(kChunkEndAndLast)}) {
    BodyDecoder decoder({Framing::Kind::kChunked, 0});
    std::string read;
    for (std::string_view rest = whole; !rest.empty() && !decoder.done();) {
      const BodyDecoder::Step step = decoder.Decode(rest);
      ASSERT_NE(step.status, BodyDecoder::Status::kMalformed);
      read += step.payload;
      rest.remove_prefix(step.consumed);
    }
    EXPECT_TRUE(decoder.done());
    EXPECT_EQ(read, "a0123456789abcdef");
  }
}

}  // namespace
}  // namespace tollgate::http
