// Takes a list field's value apart at its commas (RFC 9110, section 5.6.1), leaving quoted strings whole and
// empty items out. Pure; one thread.
#pragma once

#include <string_view>

#include "proxy/http/characters.h"

namespace tollgate::cache {

class ListReader {
 public:
  explicit ListReader(std::string_view list) : rest_(list) {}

  // False at the end; else item() is the next one, without the white space around it.
  bool Next() {
    while (!rest_.empty()) {
      const size_t end = EndOfItem();
      item_ = http::TrimBlanks(rest_.substr(0, end));
      rest_.remove_prefix(end < rest_.size() ? end + 1 : end);
      if (!item_.empty()) return true;
    }
    return false;
  }
  std::string_view item() const { return item_; }

 private:
  // A quoted string that does not end takes the rest with it: nothing in it is mistaken for an item.
  size_t EndOfItem() const {
    bool quoted = false;
    for (size_t i = 0; i < rest_.size(); ++i) {
      if (rest_[i] == '"') quoted = !quoted;
      if (quoted && rest_[i] == '\\') ++i;
      if (!quoted && i < rest_.size() && rest_[i] == ',') return i;
    }
    return rest_.size();
  }

  std::string_view rest_;
  std::string_view item_;
};

}  // namespace tollgate::cache
