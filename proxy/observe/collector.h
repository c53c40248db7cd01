// The collector that spans go to: its address, and a connection to it. One thread: the exporter's.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/base/clock.h"
#include "api/base/result.h"
#include "proxy/http/message_reader.h"
#include "proxy/io/address.h"
#include "proxy/io/loop.h"
#include "proxy/io/stream.h"
#include "proxy/io/task.h"
#include "proxy/io/tls_client.h"

namespace tollgate::observe {

struct CollectorAddress {
  bool secure = false;
  std::string host;  // a name or an IP address, without brackets
  uint16_t port = 0;
  std::string path;

  // "http://collector:4318": without a path, OTLP's own (/v1/traces); without a port, OTLP's own (4318), over
  // TLS 443. The sentence goes on behind the flag's name.
  static Result<CollectorAddress> Parse(const std::string& url);
  // As a request names it.
  std::string authority() const;
};

struct CollectorReply {
  int status = 0;                                        // 0: there was none
  std::string trouble;                                   // why, then
  std::optional<std::chrono::seconds> retry_after = {};  // as it wishes
  std::string body;                                      // the beginning of it

  bool accepted() const { return status >= 200 && status < 300; }
  // OTLP, "Failures": whether the same may be sent again.
  bool passing() const {
    return status == 0 || status == 429 || status == 502 || status == 503 || status == 504;
  }
};

class CollectorLink {
 public:
  // `terms` of a secure address.
  CollectorLink(io::Loop& loop, CollectorAddress address, std::shared_ptr<io::TlsClientTerms> terms)
      : loop_(loop), address_(std::move(address)), terms_(std::move(terms)) {}

  // Sends one export and waits for what comes of it. The connection is kept for the next.
  io::Task<CollectorReply> Post(std::string_view json, SteadyTime deadline);

  void Drop();

 private:
  // Why there is no connection; empty: there is one.
  io::Task<std::string> Open(SteadyTime deadline);
  io::Task<CollectorReply> Exchange(std::string_view json);
  io::Task<CollectorReply> ReadReply();

  io::Loop& loop_;
  const CollectorAddress address_;
  const std::shared_ptr<io::TlsClientTerms> terms_;
  std::unique_ptr<io::Stream> stream_;
  std::unique_ptr<http::MessageReader> reader_;  // of stream_
  std::string head_;
};

}  // namespace tollgate::observe
