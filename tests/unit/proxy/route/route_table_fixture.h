// Routes written by hand, and the question which rule serves a request.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>

#include "proxy/route/route_table.h"
#include "tests/kit/heads.h"
#include "tests/kit/snapshot_builder.h"

namespace tollgate::route {

class RouteTableFixture : public ::testing::Test {
 protected:
  // A route whose objects were created in the order of their calls.
  api::Route& Route(const std::string& name, std::initializer_list<const char*> hosts = {}) {
    api::Route& route = builder_.Route(name);
    route.set_created(++created_);
    for (const char* host : hosts) route.add_hosts(host);
    return route;
  }

  // The name of the rule that serves a request, or how it is refused.
  std::string Find(std::string_view method, std::string_view path, std::string_view host = "a.example",
                   const std::string& lines = "") {
    if (!table_) Load();
    const kit::Request request(method, path, "Host: " + std::string(host) + "\r\n" + lines);
    http::Target target;
    EXPECT_EQ(http::ParseTarget(request.head(), target), "");
    exchange::Arena arena;
    const auto routed = table_->Find(request.head(), target, arena);
    if (routed.ok()) {
      const snapshot::RuleEntry& rule = catalog_->rules()[routed->rule_index];
      EXPECT_EQ(&rule, routed->rule);
      EXPECT_EQ(&catalog_->routes()[rule.route], routed->route);
      path_type_ = routed->path == nullptr ? api::PathMatch::TYPE_UNSPECIFIED : routed->path->type();
      return rule.spec->name();
    }
    const exchange::Error& error = routed.error();
    std::string refusal(exchange::RowOf(error.problem).slug);
    if (error.problem == exchange::Problem::kMethodNotAllowed) refusal += ": " + error.allow;
    reason_ = error.reason;
    blamed_ = std::string(error.route) + " " + std::string(error.rule);
    return refusal;
  }
  std::string Get(std::string_view path, std::string_view host = "a.example") {
    return Find("GET", path, host);
  }

  // `lines` are field lines, each with its CRLF.
  std::string GetWith(const std::string& lines, std::string_view path = "/") {
    return Find("GET", path, "a.example", lines);
  }

  void Load() {
    catalog_ = builder_.Build();
    table_.emplace(*catalog_);
  }

  kit::SnapshotBuilder builder_;
  std::shared_ptr<const snapshot::Catalog> catalog_;
  std::optional<RouteTable> table_;
  int64_t created_ = 0;
  api::PathMatch::Type path_type_{};
  std::string reason_;
  std::string blamed_;  // route and rule of a refusal
};

}  // namespace tollgate::route
