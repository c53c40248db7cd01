// What the controller asks the Kubernetes API server: JSON text by path, in and out. TLS is always verified;
// errors never contain a credential or a body. Any thread; each call waits for its answer on the caller's.
#pragma once

#include <chrono>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>

#include "api/base/result.h"
#include "controller/kube/credentials.h"

namespace tollgate::kube {

class Transport;
struct Request;

// What the API server said, whatever it was: a refusal is an answer too.
struct Answer {
  int status = 0;  // HTTP
  std::string body;

  bool ok() const { return status >= 200 && status < 300; }
  // The API server's own explanation of a refusal (the `message` of its Status object), for a sentence.
  std::string Explanation() const;
};

// The objects of one kind, in one namespace or all, perhaps only those that match.
struct Collection {
  std::string path;  // "/api/v1/namespaces/market/secrets"
  std::string label_selector;
  std::string field_selector;  // "type=tollgate.dev/api-keys"
};

// A part of a list: at most `limit` objects (0: all), from where `continue_token` says.
struct Page {
  int limit = 500;
  std::string continue_token;
};

// Takes the lines of an answer as they come, on the thread that called ApiClient::Follow.
class LineSink {
 public:
  virtual ~LineSink() = default;
  // The answer began, with status 200.
  virtual void OnOpen() = 0;
  // False: enough.
  virtual bool OnLine(std::string_view line) = 0;
};

class ApiClient {
 public:
  // Connects nowhere yet.
  static Result<std::unique_ptr<ApiClient>> Open(Credentials credentials);
  ~ApiClient();

  // Each call fails (one sentence that names the server) where no answer came within a minute, the connection
  // broke, the certificate is not trusted, or `stop` was requested. Paths are percent-encoded already.
  Result<Answer> Get(const std::string& path, std::stop_token stop = {}) const;
  Result<Answer> List(const Collection& collection, const Page& page, std::stop_token stop = {}) const;
  Result<Answer> Create(const std::string& path, std::string object, std::stop_token stop = {}) const;
  // Server-side apply as field manager "tollgate-controller", taking over fields that others set. For an
  // object or, with a path that ends in /status, its status.
  Result<Answer> Apply(const std::string& path, std::string object, std::stop_token stop = {}) const;
  // A JSON merge patch (RFC 7386). A metadata.resourceVersion in it makes the API server answer 409 where the
  // object has changed since.
  Result<Answer> MergePatch(const std::string& path, std::string patch, std::stop_token stop = {}) const;
  Result<Answer> Delete(const std::string& path, std::stop_token stop = {}) const;

  // Reads an answer that goes on and on, in flat memory: what the sink does not take holds the connection
  // up. Returns status 200 with no body when the answer ended or the sink had enough, another status with the
  // body where the API server refused; fails as above, and where nothing came for longer than
  // `silence_limit`. A line that the end cut off is dropped.
  Result<Answer> Follow(const std::string& path, std::chrono::milliseconds silence_limit, LineSink& sink,
                        std::stop_token stop) const;

 private:
  explicit ApiClient(std::unique_ptr<Transport> transport);

  Result<Answer> Send(const Request& request, std::stop_token stop) const;

  const std::unique_ptr<Transport> transport_;
};

}  // namespace tollgate::kube
