// A server whose connections send and receive exactly the bytes they are told to. One thread.
#pragma once

#include <memory>

#include "tests/kit/raw_client.h"

namespace tollgate::kit {

class RawServer {
 public:
  RawServer();  // on 127.0.0.1
  ~RawServer();
  RawServer(const RawServer&) = delete;
  RawServer& operator=(const RawServer&) = delete;

  int port() const { return port_; }
  // The next connection; one that is not connected where none comes in time.
  std::unique_ptr<RawClient> Accept();

 private:
  const int fd_;
  int port_ = 0;
};

}  // namespace tollgate::kit
