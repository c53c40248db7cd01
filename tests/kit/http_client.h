// An HTTP client by libcurl: what users have, and not our own code. One thread an object.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace tollgate::kit {

struct HttpAnswer {
  std::string version;                              // "HTTP/1.1"; as the answer says
  int status = 0;                                   // 0: no answer; `error` says why
  std::multimap<std::string, std::string> headers;  // names in lower case
  std::string body;
  std::string error;

  // The first value of a header, or "".
  std::string Header(const std::string& name) const;
};

struct HttpRequest {
  std::string method = "GET";
  std::string target = "/";
  std::vector<std::string> headers;  // "Name: value"
  std::string body;
  long timeout_ms = 10'000;
  bool own_connection = false;  // a new one, which is closed after it
};

// As which version requests are sent. HTTP/2 without TLS: without having been asked for it ("prior
// knowledge"), and on a connection of its own for each.
enum class HttpVersion { k1, k2 };

// Whom a client of HTTPS asks for, and whom it trusts.
struct TlsTarget {
  std::string host;     // in the handshake, in the URL and in Host
  int port;             // at `address`
  std::string trusted;  // PEM, one certificate or more
  std::string address = "127.0.0.1";
  HttpVersion version = HttpVersion::k1;  // that it offers; HTTP/1.1 always
  // PEM: the certificate that is shown where one is asked for; empty: none.
  std::string shown_chain = {};
  std::string shown_key = {};
};

class HttpClient {
 public:
  // On 127.0.0.1; the connection is kept between requests of HTTP/1.
  explicit HttpClient(int port, HttpVersion version = HttpVersion::k1);
  HttpClient(std::string host, int port, HttpVersion version = HttpVersion::k1);
  explicit HttpClient(const TlsTarget& target);
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  HttpAnswer Send(const HttpRequest& request);
  HttpAnswer Get(const std::string& target, const std::vector<std::string>& headers = {}) {
    HttpRequest request;
    request.target = target;
    request.headers = headers;
    return Send(request);
  }

 private:
  const std::string base_;
  const HttpVersion version_;
  const std::string connect_to_;  // empty: where the URL says
  const std::string trusted_;
  const std::string shown_chain_;
  const std::string shown_key_;
  void* curl_;
};

}  // namespace tollgate::kit
