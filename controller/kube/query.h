// A path with a query, percent-encoded: selectors carry '=', ',' and '!'. One thread.
#pragma once

#include <string>
#include <string_view>

namespace tollgate::kube {

class Query {
 public:
  explicit Query(std::string_view path) : target_(path) {}

  // Adds a parameter; one whose value is empty is left out, as the API treats both the same.
  Query& Add(std::string_view name, std::string_view value);

  const std::string& target() const { return target_; }

 private:
  std::string target_;
  char separator_ = '?';
};

}  // namespace tollgate::kube
