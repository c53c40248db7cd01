// Requests that other projects collected, through everything that reads a request before a route is chosen:
// what RFC 9112 allows is read as it says, what it forbids is refused, and nothing is ever found inside
// another request.
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "proxy/http/message_reader.h"
#include "proxy/http/target.h"
#include "tests/kit/memory_stream.h"
#include "tests/kit/run_task.h"

namespace tollgate::http {
namespace {

std::string Base64(std::string_view text) {
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string bytes;
  uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    if (c == '=') break;
    bits = bits << 6 | static_cast<uint32_t>(kDigits.find(c));
    if ((count += 6) < 8) continue;
    count -= 8;
    bytes += static_cast<char>(bits >> count & 0xFF);
  }
  return bytes;
}

struct Reading {
  int requests = 0;  // complete, with their bodies
  bool refused = false;
  bool cut = false;  // the end came inside a request
};

// One request after the other, as a connection reads them.
Reading ReadAll(const std::string& raw, size_t piece) {
  kit::MemoryStream stream;
  for (size_t at = 0; at < raw.size(); at += piece) stream.Feed(std::string_view(raw).substr(at, piece));
  stream.EndWith(io::IoStatus::kEof);
  MessageReader reader(stream);
  Reading reading;
  while (true) {
    const HeadRead read = kit::RunNow(reader.ReadHead(true));
    reading.refused =
        read.status == HeadRead::Status::kMalformed || read.status == HeadRead::Status::kTooLarge;
    reading.cut = read.status == HeadRead::Status::kTruncated;
    if (read.status != HeadRead::Status::kDone) return reading;
    RequestHead head;
    Target target;
    FramingResult framing{FramingStatus::kMalformed};
    if (ParseRequestHead(read.head, head).status == HeadStatus::kDone && ParseTarget(head, target).empty()) {
      framing = RequestFraming(head);
    }
    reading.refused = framing.status != FramingStatus::kDone;
    if (reading.refused) return reading;
    reader.BeginBody(framing.framing);
    BodyPiece body{BodyPiece::Status::kData};
    while (body.status == BodyPiece::Status::kData) body = kit::RunNow(reader.ReadBody());
    reading.refused = body.status == BodyPiece::Status::kMalformed;
    reading.cut = body.status == BodyPiece::Status::kTruncated;
    if (body.status != BodyPiece::Status::kEnd) return reading;
    ++reading.requests;
    if (!KeepsAlive(head.minor_version, head.fields)) return reading;
    reader.FinishMessage();
  }
}

class FramingVectorsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::ifstream file(TOLLGATE_VECTORS "/http1-framing.json");
    if (!file)
      GTEST_SKIP() << "the vectors are not beside this clone; the project's own tables cover the rules";
    vectors_ = nlohmann::json::parse(file);
  }
  // Calls `check` with each vector of a class, read whole and byte by byte.
  template <class Check>
  void ForEach(const std::string& which, Check check) {
    int seen = 0;
    for (const nlohmann::json& vector : vectors_) {
      if (vector["class"] != which) continue;
      ++seen;
      const std::string raw = Base64(vector["raw"].get<std::string>());
      for (const size_t piece : {raw.size() + 1, size_t{1}}) {
        SCOPED_TRACE(vector["id"].get<std::string>() + "\n" + raw);
        check(vector, ReadAll(raw, piece));
      }
    }
    EXPECT_GT(seen, 0);
  }
  nlohmann::json vectors_;
};

TEST_F(FramingVectorsTest, WhatConformsIsRead) {
  ForEach("forward", [](const nlohmann::json& vector, const Reading& reading) {
    EXPECT_EQ(reading.requests, vector["requests"].get<int>());
    EXPECT_FALSE(reading.refused);
  });
}

TEST_F(FramingVectorsTest, WhatBreaksARuleIsRefused) {
  ForEach("refuse", [](const nlohmann::json& vector, const Reading& reading) {
    EXPECT_EQ(reading.requests, 0) << vector["why"];
    EXPECT_TRUE(reading.refused) << vector["why"];
  });
}

TEST_F(FramingVectorsTest, WhatMayBeEitherIsAtMostOneRequest) {
  ForEach("either", [](const nlohmann::json& vector, const Reading& reading) {
    EXPECT_LE(reading.requests, vector.value("requests", 1)) << vector["why"];
  });
}

}  // namespace
}  // namespace tollgate::http
