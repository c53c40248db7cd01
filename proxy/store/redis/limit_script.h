// The program that decides requests inside Redis: the parts in script/, put together once. Immutable; any
// thread.
#pragma once

#include <string>
#include <string_view>

namespace tollgate::store {

class LimitScript {
 public:
  // Decides by the server's own clock.
  LimitScript();
  // Decides by another: `prelude` defines `now` and `margin_ms` as script/prelude.lua does. For tests, which
  // cannot set a server's clock.
  explicit LimitScript(std::string_view prelude);

  const std::string& text() const { return text_; }
  // What EVALSHA calls it: SHA-1 of the text, in hexadecimal.
  const std::string& sha() const { return sha_; }

 private:
  const std::string text_;
  const std::string sha_;
};

}  // namespace tollgate::store
