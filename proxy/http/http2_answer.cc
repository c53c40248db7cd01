#include "proxy/http/http2_answer.h"

#include <charconv>

#include "proxy/http/message_reader.h"

namespace tollgate::http {

void Http2Answer::Add(std::string_view name, std::string_view value) {
  if (name == ":status") {
    std::from_chars(value.data(), value.data() + value.size(), head_.status);
    return;
  }
  // The same bounds as those of a head of HTTP/1.
  const bool fits =
      text_.size() + name.size() + value.size() <= kMaxHeadBytes && fields_.size() < Fields::kMax;
  if (!fits) too_large_ = true;
  if (too_large_ || name.starts_with(':')) return;
  const auto at = static_cast<uint32_t>(text_.size());
  text_.append(name).append(value);
  const auto middle = static_cast<uint32_t>(at + name.size());
  fields_.push_back({at, middle, static_cast<uint32_t>(text_.size())});
}

void Http2Answer::Finish(bool ended) {
  const std::string_view text = text_;
  for (const Place& field : fields_) {
    const std::string_view name = text.substr(field.name, field.value - field.name);
    (void)head_.fields.Add({name, text.substr(field.value, field.end - field.value), Classify(name)});
  }
  framing_ = {};
  if (ended) return;
  framing_.kind = Framing::Kind::kChunked;  // as long as it turns out to be
  const std::string_view length = head_.fields.Value(KnownHeader::kContentLength);
  if (length.empty()) return;
  framing_.kind = Framing::Kind::kLength;
  std::from_chars(length.data(), length.data() + length.size(), framing_.length);
}

}  // namespace tollgate::http
