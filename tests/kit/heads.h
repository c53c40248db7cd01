// Heads out of text, kept together with the text that they slice. One thread.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "proxy/http/head.h"

namespace tollgate::kit {

// A request's head, as the parser makes it of well-formed text.
class Request {
 public:
  // `lines` are field lines, each with its CRLF.
  Request(std::string_view method, std::string_view target, std::string_view lines = {},
          int minor_version = 1);
  Request(const Request&) = delete;
  Request& operator=(const Request&) = delete;

  const http::RequestHead& head() const { return head_; }
  const http::Fields& fields() const { return head_.fields; }

 private:
  const std::string text_;
  http::RequestHead head_;
};

// A response's head.
class Response {
 public:
  explicit Response(int status, std::string_view lines = {}, int minor_version = 1);
  Response(const Response&) = delete;
  Response& operator=(const Response&) = delete;

  const http::ResponseHead& head() const { return head_; }

 private:
  const std::string text_;
  http::ResponseHead head_;
};

// Fields as text, a line each.
std::string ToText(const http::Fields& fields);

}  // namespace tollgate::kit
