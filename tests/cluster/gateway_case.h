// What the tests of a whole installation start from: a controller, two proxies, two upstreams, one route of
// plan "gold". One thread.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "tests/cluster/cluster.h"

namespace tollgate::cluster {

inline constexpr char kKey[] = "a-key-of-the-plan-gold-0123";
inline constexpr char kOtherKey[] = "a-key-of-the-plan-other-0123";
inline constexpr char kHost[] = "api.example.com";

// Manifests, each with its separator behind it.
std::string Secret(const std::string& plan, const std::string& consumer, const std::string& key);
// `from` says where its callers' keys stand.
std::string Plan(const std::string& name, const std::string& more = {},
                 const std::string& from = "{type: Header, name: X-Api-Key}");
// Of one rule, for GET below `path`, with `more` at the end of the rule.
std::string Route(const std::string& name, const std::string& host, const std::string& path,
                  const std::string& service = "quotes", const std::string& space = "market",
                  const std::string& plan = "gold", const std::string& more = {});

std::vector<std::string> WithKey(const std::string& key = kKey);

// One installation for all tests of a program: what a test needs of its own has a name of its own.
class Gateway : public testing::Test {
 protected:
  static void SetUpTestSuite() { Begin({}); }
  // `flags` are those of the proxies, beside what they need anyway.
  static void Begin(const std::vector<std::string>& flags);
  static void TearDownTestSuite();

  // Whether both proxies come to answer so.
  static bool EventuallyServes(const std::string& host, const std::string& path, int status = 200,
                               const std::string& key = kKey);

  static Installation* installation;
};

}  // namespace tollgate::cluster
