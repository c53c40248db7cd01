#include "proxy/cache/stored_head.h"

#include <gtest/gtest.h>

#include "proxy/http/head_writer.h"
#include "tests/unit/proxy/cache/cache_kit.h"

namespace tollgate::cache {
namespace {

std::string DateAt(int64_t seconds_from_now) {
  return http::FormatHttpDate(kNow / kSecond + seconds_from_now);
}

TEST(StoredHead, LeavesTheConnectionBehind) {
  const HeadOf head(Reply{.headers = {{"Connection", "x-hop, close"},
                                      {"X-Hop", "1"},
                                      {"Keep-Alive", "5"},
                                      {"Transfer-Encoding", "chunked"},
                                      {"Content-Length", "4"},
                                      {"Age", "7"},
                                      {"Content-Type", "text/plain"},
                                      {"Date", std::string(kNowText)}}});
  StoredResponse stored;
  StoreHead(head.head, kNow, stored);
  EXPECT_EQ(stored.lines, "Date: " + std::string(kNowText) + "\r\nContent-Type: text/plain\r\n");
}

TEST(StoredHead, PutsWhatA304RepeatsFirst) {
  const HeadOf head(Reply{.headers = {{"Content-Type", "text/plain"},
                                      {"ETag", "W/\"7\""},
                                      {"Last-Modified", DateAt(-9)},
                                      {"Content-Location", "/x"},
                                      {"Cache-Control", "max-age=5"},
                                      {"X-Other", ""},
                                      {"Expires", DateAt(5)},
                                      {"Vary", "accept"}}});
  StoredResponse stored;
  StoreHead(head.head, kNow, stored);
  std::string names;
  for (const http::Field& field : stored.not_modified()) names += std::string(field.name) + " ";
  EXPECT_EQ(names, "ETag Content-Location Cache-Control Expires Vary Date ");
  EXPECT_EQ(stored.etag, "W/\"7\"");
  EXPECT_EQ(stored.fields.size(), 9u);
  EXPECT_EQ(stored.lines.substr(stored.not_modified_bytes),
            "Content-Type: text/plain\r\nLast-Modified: " + DateAt(-9) + "\r\nX-Other: \r\n");
}

TEST(StoredHead, LastModifiedStandsInForAMissingTag) {
  const HeadOf head(Reply{.headers = {{"Last-Modified", DateAt(-9)}}});
  StoredResponse stored;
  StoreHead(head.head, kNow, stored);
  EXPECT_EQ(stored.not_modified().front().value, DateAt(-9));
}

TEST(StoredHead, DatesAnAnswerThatHasNoDate) {
  const HeadOf head(Reply{});
  StoredResponse stored;
  StoreHead(head.head, kNow, stored);
  EXPECT_EQ(stored.lines, "Date: " + std::string(kNowText) + "\r\n");
}

}  // namespace
}  // namespace tollgate::cache
