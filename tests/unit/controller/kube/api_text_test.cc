// What is written to and read from the API server as text: queries, pages of lists, events of watches.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "controller/kube/client.h"
#include "controller/kube/list_page.h"
#include "controller/kube/query.h"
#include "controller/kube/watch_event.h"

namespace tollgate::kube {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(Query, EncodesWhatSelectorsAreMadeOf) {
  Query query("/api/v1/secrets");
  query.Add("fieldSelector", "type=tollgate.dev/api-keys").Add("labelSelector", "a in (b,c),!d");
  EXPECT_EQ(query.target(),
            "/api/v1/secrets?fieldSelector=type%3Dtollgate.dev%2Fapi-keys"
            "&labelSelector=a%20in%20%28b%2Cc%29%2C%21d");
}

TEST(Query, LeavesOutWhatIsEmpty) {
  EXPECT_EQ(Query("/api").Add("continue", "").target(), "/api");
  EXPECT_EQ(Query("/api").Add("a", "").Add("b", "1").target(), "/api?b=1");
}

TEST(ListPage, YieldsObjectsAndWhereToGoOn) {
  std::vector<std::string> objects;
  const auto page = ReadListPage(
      R"({"kind":"ConfigMapList","apiVersion":"v1","metadata":{"resourceVersion":"17","continue":"abc","remainingItemCount":2},
          "items":[{"metadata":{"name":"a"}},{"metadata":{"name":"b"}}]})",
      objects);
  ASSERT_TRUE(page);
  EXPECT_EQ(page->resource_version, "17");
  EXPECT_EQ(page->continue_token, "abc");
  EXPECT_THAT(objects, ElementsAre(R"({"metadata":{"name":"a"}})", R"({"metadata":{"name":"b"}})"));
}

TEST(ListPage, EndsWithoutAContinueTokenAndMayBeEmpty) {
  for (const char* items : {"[]", "null"}) {
    std::vector<std::string> objects;
    const auto page =
        ReadListPage(R"({"metadata":{"resourceVersion":"17"},"items":)" + std::string(items) + "}", objects);
    ASSERT_TRUE(page) << items;
    EXPECT_EQ(page->continue_token, "");
    EXPECT_THAT(objects, IsEmpty());
  }
}

TEST(ListPage, RefusesWhatIsNoWholeList) {
  for (const char* body :
       {"", "<html>", "{}", R"({"metadata":{},"items":[]})", R"({"items":[]})",
        R"({"metadata":{"resourceVersion":"1"}})", R"({"metadata":{"resourceVersion":"1"},"items":{}})"}) {
    std::vector<std::string> objects;
    EXPECT_FALSE(ReadListPage(body, objects)) << body;
  }
}

TEST(WatchEvent, IsReadWithItsObjectAndVersion) {
  const auto event = ReadWatchEvent(
      R"({"type":"MODIFIED","object":{"kind":"Service","metadata":{"name":"a","resourceVersion":"42"}}})");
  ASSERT_TRUE(event);
  EXPECT_EQ(event->type, WatchEvent::Type::kModified);
  EXPECT_EQ(event->object, R"({"kind":"Service","metadata":{"name":"a","resourceVersion":"42"}})");
  EXPECT_EQ(event->resource_version, "42");
}

TEST(WatchEvent, OfEveryTypeIsKnown) {
  using Type = WatchEvent::Type;
  const std::pair<std::string, Type> types[] = {{"ADDED", Type::kAdded},
                                                {"MODIFIED", Type::kModified},
                                                {"DELETED", Type::kDeleted},
                                                {"BOOKMARK", Type::kBookmark},
                                                {"ERROR", Type::kError}};
  for (const auto& [name, type] : types) {
    const auto event =
        ReadWatchEvent(R"({"type":")" + name + R"(","object":{"metadata":{"resourceVersion":"1"}}})");
    ASSERT_TRUE(event) << name;
    EXPECT_EQ(event->type, type);
  }
}

TEST(WatchEvent, OfAnErrorHasAStatusAndNoVersion) {
  const auto event =
      ReadWatchEvent(R"({"type":"ERROR","object":{"kind":"Status","metadata":{},"code":410}})");
  ASSERT_TRUE(event);
  EXPECT_EQ(event->resource_version, "");
}

TEST(WatchEvent, IsRefusedWhereTheWatchCouldNotGoOnFromIt) {
  for (const char* line : {"", "{}", R"({"type":"ADDED"})", R"({"type":"NEW","object":{}})",
                           R"({"type":"ADDED","object":{"metadata":{}}})",
                           R"({"type":"BOOKMARK","object":{"metadata":{"resourceVersion":""}}})"}) {
    EXPECT_FALSE(ReadWatchEvent(line)) << line;
  }
}

TEST(Answer, ExplainsARefusalInTheApiServersWords) {
  EXPECT_EQ((Answer{403, R"({"kind":"Status","message":"secrets is forbidden"})"}).Explanation(),
            "secrets is forbidden");
  EXPECT_EQ((Answer{502, "<html>Bad Gateway</html>"}).Explanation(), "no reason given");
}

}  // namespace
}  // namespace tollgate::kube
