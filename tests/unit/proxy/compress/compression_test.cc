// Which answers are compressed, and what that makes of their heads.
#include "proxy/compress/compression.h"

#include <gtest/gtest.h>

#include "tests/kit/snapshot_builder.h"
#include "tests/kit/test_exchange.h"

namespace tollgate::compress {
namespace {

class CompressionTest : public testing::Test {
 protected:
  CompressionTest() {
    api::Rule& rule = kit::AddRule(builder_.Route("m/r"), "rule");
    rule.add_compress(api::GZIP);
    kit::AddRule(builder_.Route("m/plain"), "plain");
    answer_.status = 200;
    answer_.framing = {http::Framing::Kind::kLength, kLeastBytes};
    answer_.has_declared_length = true;
    answer_.declared_length = kLeastBytes;
  }

  void Add(std::string_view name, std::string_view value) {
    (void)answer_.fields.Add({name, value, http::Classify(name)});
  }
  // The head that comes of it, a line each.
  std::string Begin(const std::string& method = "GET", const std::string& accepts = "gzip",
                    const std::string& rule_name = "rule", const std::string& lines = "") {
    const auto catalog = builder_.Build();
    kit::TestExchange x(method, "/", "Host: a\r\nAccept-Encoding: " + accepts + "\r\n" + lines);
    const snapshot::RuleEntry& rule = kit::RuleNamed(*catalog, rule_name);
    x->routed = exchange::Routed{&catalog->routes()[rule.route], &rule, 0, nullptr};
    exchange::Answer answer = answer_;
    compressing_ = static_cast<bool>(compress::Begin(*x, open_, answer));
    framing_ = answer.framing.kind;
    declared_ = answer.has_declared_length;
    return kit::ToText(answer.fields);
  }

  kit::SnapshotBuilder builder_;
  exchange::Answer answer_;
  size_t open_ = 0;
  bool compressing_ = false;
  bool declared_ = false;
  http::Framing::Kind framing_ = http::Framing::Kind::kNone;
};

TEST_F(CompressionTest, TheHeadSaysWhatTheBodyIs) {
  Add("Content-Type", "application/json; charset=utf-8");
  Add("ETag", "\"one\"");
  Add("Accept-Ranges", "bytes");
  EXPECT_EQ(Begin(),
            "Content-Type: application/json; charset=utf-8\nVary: Accept-Encoding\nETag: W/\"one\"\n"
            "Content-Encoding: gzip\n");
  EXPECT_TRUE(compressing_);
  EXPECT_EQ(framing_, http::Framing::Kind::kChunked);
  EXPECT_FALSE(declared_);
  EXPECT_EQ(open_, 0U);
}

TEST_F(CompressionTest, WhoDoesNotWantItGetsTheBodyAsItIs) {
  Add("Content-Type", "text/html");
  Add("ETag", "W/\"one\"");
  EXPECT_EQ(Begin("GET", "br"), "Content-Type: text/html\nETag: W/\"one\"\nVary: Accept-Encoding\n");
  EXPECT_FALSE(compressing_);
  EXPECT_EQ(framing_, http::Framing::Kind::kLength);
}

TEST_F(CompressionTest, ARuleThatDoesNotAskForItChangesNothing) {
  Add("Content-Type", "text/html");
  EXPECT_EQ(Begin("GET", "gzip", "plain"), "Content-Type: text/html\n");
  EXPECT_FALSE(compressing_);
}

TEST_F(CompressionTest, HeadIsToldWhatGetWouldBe) {
  Add("Content-Type", "text/html");
  answer_.framing = {};
  EXPECT_EQ(Begin("HEAD"), "Content-Type: text/html\nVary: Accept-Encoding\nContent-Encoding: gzip\n");
  EXPECT_FALSE(compressing_);
  EXPECT_FALSE(declared_);
}

TEST_F(CompressionTest, OnlyTextsAreCompressed) {
  for (const char* type :
       {"text/event-stream", "TEXT/Event-Stream; charset=utf-8", "image/png", "application/grpc",
        "application/grpc-web+json", "application/octet-stream", "video/mp4", "text", "+json/x", ""}) {
    answer_.fields.Clear();
    Add("Content-Type", type);
    EXPECT_EQ(Begin(), std::string("Content-Type: ") + type + "\n");
  }
  for (const char* type :
       {"text/plain", "image/svg+xml", "application/problem+json", "Application/JSON ; charset=utf-8"}) {
    answer_.fields.Clear();
    Add("Content-Type", type);
    (void)Begin();
    EXPECT_TRUE(compressing_) << type;
  }
  answer_.fields.Clear();
  EXPECT_EQ(Begin(), "");
}

TEST_F(CompressionTest, WhatIsShortGoesAsItIs) {
  Add("Content-Type", "text/plain");
  answer_.framing.length = kLeastBytes - 1;
  EXPECT_EQ(Begin(), "Content-Type: text/plain\nVary: Accept-Encoding\n");
  EXPECT_FALSE(compressing_);
  // To whoever takes it so.
  (void)Begin("GET", "gzip, identity;q=0");
  EXPECT_TRUE(compressing_);
  answer_.framing = {http::Framing::Kind::kChunked, 0};
  (void)Begin();
  EXPECT_TRUE(compressing_);
  answer_.framing = {};
  answer_.declared_length = kLeastBytes - 1;
  EXPECT_EQ(Begin("HEAD"), "Content-Type: text/plain\nVary: Accept-Encoding\n");
}

TEST_F(CompressionTest, NeverTwiceNorWhereItIsForbidden) {
  const std::pair<const char*, const char*> kFields[] = {{"content-encoding", "br"},
                                                         {"Cache-Control", "max-age=1, No-Transform"},
                                                         {"Content-Range", "bytes 0-9/10"}};
  for (const auto& [name, value] : kFields) {
    answer_.fields.Clear();
    Add("Content-Type", "text/plain");
    Add(name, value);
    EXPECT_EQ(Begin(), std::string("Content-Type: text/plain\n") + name + ": " + value + "\n");
    EXPECT_FALSE(compressing_) << name;
  }
  answer_.fields.Clear();
  Add("Content-Type", "text/plain");
  EXPECT_EQ(Begin("GET", "gzip", "rule", "Cache-Control: no-transform\r\n"),
            "Content-Type: text/plain\nVary: Accept-Encoding\n");
  EXPECT_FALSE(compressing_);
}

TEST_F(CompressionTest, VaryIsSaidOnce) {
  for (const char* vary : {"Origin, accept-encoding", "*"}) {
    answer_.fields.Clear();
    Add("Content-Type", "text/plain");
    Add("Vary", vary);
    EXPECT_EQ(Begin("GET", "br"), std::string("Content-Type: text/plain\nVary: ") + vary + "\n");
  }
}

TEST_F(CompressionTest, WhatCountsTheBodyAsItWasIsLeftOut) {
  Add("Content-Type", "text/plain");
  for (const char* name : {"Content-MD5", "Content-Digest", "Repr-Digest", "digest"}) Add(name, "x");
  EXPECT_EQ(Begin(), "Content-Type: text/plain\nVary: Accept-Encoding\nContent-Encoding: gzip\n");
}

TEST_F(CompressionTest, AnswersWithoutAWholeBodyAreLeft) {
  Add("Content-Type", "text/plain");
  for (const int status : {204, 205, 206}) {
    answer_.status = status;
    EXPECT_EQ(Begin(), "Content-Type: text/plain\n") << status;
  }
}

// The caller has the one that it names.
TEST_F(CompressionTest, NotModifiedNamesTheTagOfWhatTheCallerHas) {
  answer_.status = 304;
  answer_.framing = {};
  Add("ETag", "\"one\"");
  EXPECT_EQ(Begin("GET", "gzip", "rule", "If-None-Match: \"zero\", W/\"one\"\r\n"),
            "ETag: W/\"one\"\nVary: Accept-Encoding\n");
  EXPECT_EQ(Begin("GET", "gzip", "rule", "If-None-Match: \"one\"\r\n"),
            "ETag: \"one\"\nVary: Accept-Encoding\n");
  EXPECT_EQ(Begin("GET", "gzip", "plain", "If-None-Match: W/\"one\"\r\n"), "ETag: \"one\"\n");
}

TEST_F(CompressionTest, SoManyAtOnceAndNoMore) {
  Add("Content-Type", "text/plain");
  open_ = kMostAtOnce;
  EXPECT_EQ(Begin(), "Content-Type: text/plain\nVary: Accept-Encoding\n");
  EXPECT_FALSE(compressing_);
  EXPECT_EQ(open_, kMostAtOnce);
}

}  // namespace
}  // namespace tollgate::compress
