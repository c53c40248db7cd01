#include "controller/kube/json_slice.h"

namespace tollgate::kube {
namespace {

// Reads forward over JSON text. Each Skip… returns false where the text is not what it should be.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : text_(text) {}

  bool Take(char wanted) {
    SkipSpace();
    if (at_ >= text_.size() || text_[at_] != wanted) return false;
    ++at_;
    return true;
  }

  // The text of the value that follows.
  std::optional<std::string_view> Value() {
    SkipSpace();
    const size_t begin = at_;
    if (!SkipValue()) return std::nullopt;
    return text_.substr(begin, at_ - begin);
  }

 private:
  void SkipSpace() {
    at_ = text_.find_first_not_of(" \t\r\n", at_);
    if (at_ == std::string_view::npos) at_ = text_.size();
  }

  bool SkipValue() {
    if (at_ >= text_.size()) return false;
    switch (text_[at_]) {
      case '"': return SkipString();
      case '{':
      case '[': return SkipNested();
      default: return SkipScalar();
    }
  }

  // At an opening quote.
  bool SkipString() {
    ++at_;
    while ((at_ = text_.find_first_of("\"\\", at_)) != std::string_view::npos) {
      if (text_[at_] == '"') {
        ++at_;
        return true;
      }
      at_ += 2;
    }
    at_ = text_.size();
    return false;
  }

  // At an opening bracket. Counts instead of recursing: the depth of users' objects is theirs to choose.
  bool SkipNested() {
    size_t depth = 0;
    while ((at_ = text_.find_first_of("\"{}[]", at_)) != std::string_view::npos) {
      const char c = text_[at_];
      if (c == '"') {
        if (!SkipString()) return false;
        continue;
      }
      ++at_;
      if (c == '{' || c == '[') {
        ++depth;
      } else if (--depth == 0) {
        return true;
      }
    }
    at_ = text_.size();
    return false;
  }

  bool SkipScalar() {
    const size_t begin = at_;
    at_ = text_.find_first_of(",]} \t\r\n", at_);
    if (at_ == std::string_view::npos) at_ = text_.size();
    return at_ > begin;
  }

  const std::string_view text_;
  size_t at_ = 0;
};

}  // namespace

std::optional<std::string_view> JsonMember(std::string_view object, std::string_view key) {
  Cursor cursor(object);
  if (!cursor.Take('{')) return std::nullopt;
  do {
    const auto name = cursor.Value();
    if (!name || !cursor.Take(':')) return std::nullopt;
    const auto value = cursor.Value();
    if (!value) return std::nullopt;
    if (PlainJsonString(*name) == key) return value;
  } while (cursor.Take(','));
  return std::nullopt;
}

bool ForEachJsonElement(std::string_view array, const std::function<void(std::string_view)>& on_element) {
  Cursor cursor(array);
  if (!cursor.Take('[')) return false;
  if (cursor.Take(']')) return true;
  do {
    const auto element = cursor.Value();
    if (!element) return false;
    on_element(*element);
  } while (cursor.Take(','));
  return cursor.Take(']');
}

std::optional<std::string_view> PlainJsonString(std::string_view text) {
  if (text.size() < 2 || text.front() != '"' || text.back() != '"') return std::nullopt;
  const std::string_view inside = text.substr(1, text.size() - 2);
  if (inside.find_first_of("\"\\") != std::string_view::npos) return std::nullopt;
  return inside;
}

}  // namespace tollgate::kube
