// What is known of hosts: the exact one before the longest wildcard before what is said of every host. Made
// once, then immutable; any thread may read.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace tollgate::tls {

template <class T>
class HostMap {
 public:
  // `host` in lower case; "*." stands for one or more labels; empty: every host. Of two for the same host the
  // first stays.
  void Add(std::string_view host, T value) {
    if (host.empty()) {
      if (!any_) any_ = std::move(value);
    } else if (host.starts_with("*.")) {
      wildcards_.try_emplace(std::string(host.substr(2)), std::move(value));
    } else {
      exact_.try_emplace(std::string(host), std::move(value));
    }
  }

  // nullptr: nothing is.
  const T* Find(std::string_view host) const {
    if (const auto exact = exact_.find(host); exact != exact_.end()) return &exact->second;
    for (size_t dot = host.find('.'); dot != std::string_view::npos; dot = host.find('.', dot + 1)) {
      const auto wildcard = wildcards_.find(host.substr(dot + 1));
      if (dot > 0 && wildcard != wildcards_.end()) return &wildcard->second;
    }
    return any_ ? &*any_ : nullptr;
  }

 private:
  struct TextHash : std::hash<std::string_view> {
    using is_transparent = void;
  };
  using Map = std::unordered_map<std::string, T, TextHash, std::equal_to<>>;

  Map exact_;
  Map wildcards_;  // by what follows "*."
  std::optional<T> any_;
};

}  // namespace tollgate::tls
