#include "proxy/http/http2_request.h"

#include <charconv>

#include "proxy/http/message_reader.h"
#include "proxy/http/web_socket.h"

namespace tollgate::http {

Http2Request::Place Http2Request::Keep(std::string_view text) {
  const Place place{static_cast<uint32_t>(text_.size()), static_cast<uint32_t>(text.size())};
  text_ += text;
  return place;
}

bool Http2Request::AddPseudo(std::string_view name, std::string_view value) {
  if (name == ":method") {
    method_ = Keep(value);
  } else if (name == ":path") {
    path_ = Keep(value);
  } else if (name == ":authority") {
    authority_ = Keep(value);
  } else if (name == ":protocol") {
    protocol_ = Keep(value);
  }
  return name.starts_with(':');  // :scheme is what the connection says
}

void Http2Request::Add(std::string_view name, std::string_view value) {
  // The same bound as that of an HTTP/1 head, for what the two have in common.
  const bool fits = text_.size() + cookie_.size() + name.size() + value.size() <= kMaxHeadBytes &&
                    fields_.size() < Fields::kMax - 2;  // Host and Cookie come on top
  if (!fits) fault_ = Fault::kTooLarge;
  if (fault_ != Fault::kNone || AddPseudo(name, value)) return;
  if (name == "cookie") {
    // Section 8.2.3: split for the sake of compression, one field for everybody else.
    if (!cookie_.empty()) cookie_ += "; ";
    cookie_ += value;
    return;
  }
  const Place kept = Keep(name);
  fields_.push_back({kept, Keep(value)});
}

void Http2Request::AddField(std::string_view name, std::string_view value) {
  if (!head_.fields.Add({name, value, Classify(name)})) fault_ = Fault::kTooLarge;
}

// Section 8.3.1: :authority takes the place of Host, and they may not differ.
void Http2Request::AddAuthority() {
  if (authority_.size == 0) return;
  for (const Field& field : head_.fields) {
    if (field.known != KnownHeader::kHost) continue;
    if (field.value != At(authority_)) fault_ = Fault::kTwoAuthorities;
    return;
  }
  AddField("host", At(authority_));
}

// RFC 8441, section 5: it has neither an upgrade's fields nor its proofs, which the gateway makes for an
// upstream that speaks HTTP/1.1.
void Http2Request::OpenWebSocket() {
  head_.method = "GET";
  head_.target = At(path_);
  AddField("connection", "upgrade");
  AddField("upgrade", kWebSocket);
}

void Http2Request::JudgeFraming() {
  framing_ = {};
  if (ended_ || web_socket()) return;
  framing_.kind = Framing::Kind::kChunked;  // as long as it turns out to be
  const std::string_view length = head_.fields.Value(KnownHeader::kContentLength);
  if (length.empty()) return;
  framing_.kind = Framing::Kind::kLength;
  std::from_chars(length.data(), length.data() + length.size(), framing_.length);
}

void Http2Request::Finish(bool ended) {
  ended_ = ended;
  head_.major_version = 2;
  head_.method = At(method_);
  head_.target = head_.method == "CONNECT" ? At(authority_) : At(path_);
  for (const FieldPlace& field : fields_) {
    if (web_socket() && At(field.name) == "sec-websocket-key") continue;
    AddField(At(field.name), At(field.value));
  }
  if (web_socket()) OpenWebSocket();
  if (protocol_.size > 0 && !web_socket()) fault_ = Fault::kOtherProtocol;
  if (!cookie_.empty()) AddField("cookie", cookie_);
  AddAuthority();
  JudgeFraming();
}

void Http2Request::FinishMalformed() {
  Finish(true);
  fault_ = Fault::kMalformed;
}

}  // namespace tollgate::http
