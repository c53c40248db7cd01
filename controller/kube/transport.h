// HTTP to the API server over cpprestsdk, whose types and exceptions end in the .cc files of this folder.
// Each answer is read by the thread that asked. Any thread may ask; an Exchange belongs to one.
#pragma once

#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>

#include "api/base/clock.h"
#include "api/base/result.h"
#include "controller/kube/body_pipe.h"
#include "controller/kube/credentials.h"
#include "controller/kube/peer.h"

namespace tollgate::kube {

struct Request {
  std::string method;
  std::string target;  // path and query, percent-encoded
  std::string content_type;
  std::string body;
};

// A request on its way and its answer. Faults are whole sentences. Destruction gives it up: a connection
// whose answer was not read to its end is closed.
class Exchange {
 public:
  Exchange(std::shared_ptr<Peer> peer, std::shared_ptr<BodyPipe> pipe, std::function<void()> cancel);
  ~Exchange();
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  Result<int> AwaitStatus(SteadyTime deadline, std::stop_token stop);
  // The next piece of the body, valid until the next call; empty at its end.
  Result<std::string_view> AwaitPiece(SteadyTime deadline, std::stop_token stop);

 private:
  const std::shared_ptr<Peer> peer_;
  const std::shared_ptr<BodyPipe> pipe_;
  const std::function<void()> cancel_;
  bool complete_ = false;
};

class Transport {
 public:
  // Connects nowhere yet. Fails where the address of the server is none.
  static Result<std::unique_ptr<Transport>> Open(Credentials credentials);
  ~Transport();

  // Sends a request and returns at once. Fails where the token cannot be read.
  Result<std::unique_ptr<Exchange>> Send(const Request& request);

 private:
  struct Connections;  // cpprestsdk's client

  Transport(Credentials credentials, std::shared_ptr<Peer> peer, std::unique_ptr<Connections> connections);

  const Credentials credentials_;
  const std::shared_ptr<Peer> peer_;
  const std::unique_ptr<Connections> connections_;
};

}  // namespace tollgate::kube
