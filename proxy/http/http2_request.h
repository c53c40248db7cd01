// A request's head as HTTP/2 brings it (RFC 9113, section 8.3), made into the form that the stages know: the
// pseudo fields become method, target and Host, the pieces of Cookie one field, and an extended CONNECT for a
// WebSocket the upgrade that it stands for. One thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/http/framing.h"
#include "proxy/http/head.h"

namespace tollgate::http {

class Http2Request {
 public:
  enum class Fault {
    kNone,
    kTooLarge,        // 431: more bytes than an HTTP/1 head may have, or more fields
    kTwoAuthorities,  // 400: Host and :authority differ
    kOtherProtocol,   // 501: an extended CONNECT, not for a WebSocket
    kMalformed        // section 8.1.1: reset, whatever is answered
  };

  Http2Request() { text_.reserve(1024); }
  Http2Request(const Http2Request&) = delete;  // the head slices the text
  Http2Request& operator=(const Http2Request&) = delete;

  // One field, as it came; the grammar of both has been checked.
  void Add(std::string_view name, std::string_view value);
  // All fields have come; `ended`: no body follows. Fills what is below.
  void Finish(bool ended);
  // In place of it: what came is no request. Fills what can be told of it.
  void FinishMalformed();

  const RequestHead& head() const { return head_; }
  const Framing& framing() const { return framing_; }
  Fault fault() const { return fault_; }
  // No body follows the head.
  bool ended() const { return ended_; }

 private:
  // Where a text stands: slices are made when nothing moves any more.
  struct Place {
    uint32_t at = 0;
    uint32_t size = 0;
  };
  struct FieldPlace {
    Place name;
    Place value;
  };

  bool web_socket() const {
    return At(method_) == "CONNECT" && EqualsIgnoringCase(At(protocol_), "websocket");
  }
  bool AddPseudo(std::string_view name, std::string_view value);
  Place Keep(std::string_view text);
  std::string_view At(Place place) const { return std::string_view(text_).substr(place.at, place.size); }
  void AddField(std::string_view name, std::string_view value);
  void AddAuthority();
  void OpenWebSocket();
  void JudgeFraming();

  std::string text_;
  std::vector<FieldPlace> fields_;
  Place method_;
  Place path_;
  Place authority_;
  Place protocol_;  // of an extended CONNECT (RFC 8441)
  bool ended_ = false;
  std::string cookie_;
  RequestHead head_;
  Framing framing_;
  Fault fault_ = Fault::kNone;
};

}  // namespace tollgate::http
