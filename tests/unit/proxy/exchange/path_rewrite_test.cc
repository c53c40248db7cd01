#include "proxy/exchange/path_rewrite.h"

#include <gtest/gtest.h>

#include "tests/kit/snapshot_builder.h"

namespace tollgate::exchange {
namespace {

using kit::Exact;
using kit::Prefix;
using kit::Template;

// The path that an upstream sees of a request that fits `match`.
std::string Rewrite(const api::PathMatch& match, const std::string& rewrite, std::string_view path) {
  kit::SnapshotBuilder builder;
  builder.Upstream("a/u:80");
  api::Rule& rule = kit::AddRule(builder.Route("a/route"), "rule", match);
  kit::AddTarget(rule, "a/u:80", 1, rewrite);
  const auto catalog = builder.Build();
  const PathRewrites rewrites(*catalog);
  const api::Rule& built = *kit::RuleNamed(*catalog, "rule").spec;
  Arena arena;
  const api::PathMatch* const fitted = built.matches(0).has_path() ? &built.matches(0).path() : nullptr;
  return std::string(rewrites.Apply(built.targets(0).rewrite_path(), fitted, path, arena));
}

TEST(PathRewrites, WithoutARewriteThePathStays) {
  EXPECT_EQ(Rewrite(Prefix("/a"), "", "/a/b%2Fc//"), "/a/b%2Fc//");
  EXPECT_EQ(Rewrite(Template("/a/{x}"), "", "/a/b"), "/a/b");
  EXPECT_EQ(Rewrite({}, "", "/a"), "/a");
}

TEST(PathRewrites, PrefixIsReplaced) {
  EXPECT_EQ(Rewrite(Prefix("/a"), "/x/y", "/a"), "/x/y");
  EXPECT_EQ(Rewrite(Prefix("/a"), "/x/y", "/a/"), "/x/y/");
  EXPECT_EQ(Rewrite(Prefix("/a"), "/x/y", "/a/b//c"), "/x/y/b//c");
  EXPECT_EQ(Rewrite(Prefix("/a/"), "/x", "/a/b"), "/x/b");
  EXPECT_EQ(Rewrite(Prefix("/a/"), "/x", "/a"), "/x");
}

TEST(PathRewrites, PrefixMayBecomeTheRoot) {
  EXPECT_EQ(Rewrite(Prefix("/a"), "/", "/a"), "/");
  EXPECT_EQ(Rewrite(Prefix("/a"), "/", "/a/"), "/");
  EXPECT_EQ(Rewrite(Prefix("/a"), "/", "/a/b"), "/b");
  EXPECT_EQ(Rewrite(Prefix("/a"), "/x/", "/a/b"), "/x/b");
}

TEST(PathRewrites, RootMayBecomeAPrefix) {
  EXPECT_EQ(Rewrite(Prefix("/"), "/x", "/"), "/x/");
  EXPECT_EQ(Rewrite(Prefix("/"), "/x", "/a/b"), "/x/a/b");
  EXPECT_EQ(Rewrite(Prefix("/"), "/x/", "/a"), "/x/a");
}

TEST(PathRewrites, WholePathOfOtherMatchesIsReplaced) {
  EXPECT_EQ(Rewrite(Exact("/a"), "/x/y", "/a"), "/x/y");
  EXPECT_EQ(Rewrite({}, "/x/y", "/any/thing"), "/x/y");
  EXPECT_EQ(Rewrite(Template("/a/{b}"), "/x", "/a/b"), "/x");
}

TEST(PathRewrites, VariablesAreFilledIn) {
  EXPECT_EQ(Rewrite(Template("/v1/{a}/{b}"), "/in/{b}/of/{a}", "/v1/x/y%2Fz"), "/in/y%2Fz/of/x");
  EXPECT_EQ(Rewrite(Template("/v1/{rest...}"), "/in/{rest}", "/v1/x//y/"), "/in/x//y/");
  EXPECT_EQ(Rewrite(Template("/v1/{rest...}"), "/in/{rest...}", "/v1/"), "/in/");
}

TEST(PathRewrites, EachTargetHasItsOwn) {
  kit::SnapshotBuilder builder;
  builder.Upstream("a/u:80");
  api::Rule& rule = kit::AddRule(builder.Route("a/route"), "rule", Template("/v1/{a}"));
  kit::AddTarget(rule, "a/u:80", 1, "/one/{a}");
  kit::AddTarget(rule, "a/u:80", 1, "/two/{a}");
  *rule.add_matches()->mutable_path() = Template("/v2/x/{a}");
  const auto catalog = builder.Build();
  const PathRewrites rewrites(*catalog);
  const api::Rule& built = *kit::RuleNamed(*catalog, "rule").spec;
  Arena arena;
  EXPECT_EQ(rewrites.Apply(built.targets(0).rewrite_path(), &built.matches(0).path(), "/v1/q", arena),
            "/one/q");
  EXPECT_EQ(rewrites.Apply(built.targets(1).rewrite_path(), &built.matches(1).path(), "/v2/x/q", arena),
            "/two/q");
}

}  // namespace
}  // namespace tollgate::exchange
