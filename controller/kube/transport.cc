#include "controller/kube/transport.h"

#include <cpprest/http_client.h>
#include <pplx/threadpool.h>

#include <mutex>
#include <utility>

#include "controller/kube/connection_config.h"
#include "controller/kube/pipe_buffer.h"

namespace tollgate::kube {
namespace {

using web::http::http_request;
using web::http::http_response;

// cpprestsdk's default of 40 threads is for servers; ours only pass pieces on.
constexpr size_t kLibraryThreads = 2;

void StartLibrary() {
  static std::once_flag once;
  std::call_once(once, [] { crossplat::threadpool::initialize_with_threads(kLibraryThreads); });
}

// What cpprestsdk says, and what that means to somebody who does not know it. Its error numbers are no help:
// it makes "connection refused" into "no route to host" and drops what kind of number it is.
struct Meaning {
  const char* said;
  const char* means;
};
constexpr Meaning kMeanings[] = {
    {"Failed to connect",
     "no connection can be made; check that it runs and that the network lets us through"},
    {"Error resolving", "its name does not resolve to an address"},
    {"Failed to resolve", "its name does not resolve to an address"},
    {"handshake", "the connection ended in the TLS handshake"},
    {"Failed to write", "the connection broke while the request was sent"},
    {"Failed to read", "the connection broke before the answer was complete"},
    {"chunk header", "the connection broke before the answer was complete"},
};

// The end of a sentence that says why there is no answer.
Fault Reason(const std::exception& e) {
  std::string reason = e.what();
  for (const auto& [said, means] : kMeanings) {
    if (reason.find(said) != std::string::npos) return Fault{means};
  }
  while (reason.ends_with('.')) reason.pop_back();
  return Fault{reason};
}

// The bearer token as it is now. A line break would end the header that carries it.
Result<std::string> ReadToken(const TextSource& source) {
  auto token = source.Read();
  if (!token) return token;
  token->erase(token->find_last_not_of(" \t\r\n") + 1);
  if (token->empty() || token->find_first_of("\r\n") != std::string::npos) {
    return Fault{"Cannot use " + source.label() + ": a token of one line is expected."};
  }
  return token;
}

http_request Compose(const Request& request, const Credentials& credentials, const std::string& token) {
  http_request composed(request.method);
  composed.set_request_uri(web::uri(request.target));
  composed.headers().add("Accept", "application/json");
  composed.headers().add("User-Agent", "tollgate-controller");
  if (!token.empty()) composed.headers().add("Authorization", "Bearer " + token);
  // cpprestsdk compares the certificate with this header where it is set.
  if (!credentials.server_name.empty()) composed.headers().add("Host", credentials.server_name);
  if (!request.body.empty()) composed.set_body(request.body, request.content_type);
  return composed;
}

// Both steps look at what was thrown: a task that nobody asks for its exception ends the process.
void PassOn(pplx::task<http_response> head, const std::shared_ptr<BodyPipe>& pipe) {
  head.then([pipe](http_response response) {
        pipe->PutStatus(response.status_code());
        return response.content_ready();
      })
      .then([pipe](pplx::task<http_response> end) {
        try {
          end.get();
          pipe->PutEnd(std::nullopt);
        } catch (const std::exception& e) {
          pipe->PutEnd(Reason(e));
        }
      });
}

}  // namespace

struct Transport::Connections {
  web::http::client::http_client client;
};

Exchange::Exchange(std::shared_ptr<Peer> peer, std::shared_ptr<BodyPipe> pipe, std::function<void()> cancel)
    : peer_(std::move(peer)), pipe_(std::move(pipe)), cancel_(std::move(cancel)) {}

Exchange::~Exchange() {
  // A finished one has given its connection back for the next.
  if (!complete_) cancel_();
  pipe_->Close();
}

Result<int> Exchange::AwaitStatus(SteadyTime deadline, std::stop_token stop) {
  auto status = pipe_->AwaitStatus(deadline, std::move(stop));
  if (!status) return peer_->Unanswered(status.error().message);
  return status;
}

Result<std::string_view> Exchange::AwaitPiece(SteadyTime deadline, std::stop_token stop) {
  auto piece = pipe_->AwaitPiece(deadline, std::move(stop));
  if (!piece) return peer_->Unanswered(piece.error().message);
  complete_ = piece->empty();
  return piece;
}

Transport::Transport(Credentials credentials, std::shared_ptr<Peer> peer,
                     std::unique_ptr<Connections> connections)
    : credentials_(std::move(credentials)), peer_(std::move(peer)), connections_(std::move(connections)) {}

Transport::~Transport() = default;

Result<std::unique_ptr<Transport>> Transport::Open(Credentials credentials) {
  StartLibrary();
  try {
    auto peer = std::make_shared<Peer>(credentials);
    const web::uri server(credentials.server);
    // cpprestsdk gives the resolver the brackets as well, and it finds nothing.
    if (server.host().starts_with('[')) {
      return Fault{"Cannot use " + credentials.source + ": its server " + credentials.server +
                   " is an IPv6 address; give a name that resolves to it, perhaps with tls-server-name."};
    }
    auto connections =
        std::unique_ptr<Connections>(new Connections{{server, ConfigureConnections(credentials, peer)}});
    return std::unique_ptr<Transport>(
        new Transport(std::move(credentials), std::move(peer), std::move(connections)));
  } catch (const std::exception& e) {
    return Fault{"Cannot use " + credentials.source + ": its server is no address (" + Reason(e).message +
                 ")."};
  }
}

Result<std::unique_ptr<Exchange>> Transport::Send(const Request& request) {
  std::string token;
  if (credentials_.token) {
    auto read = ReadToken(*credentials_.token);
    if (!read) return read.error();
    token = std::move(*read);
  }
  const auto pipe = std::make_shared<BodyPipe>();
  pplx::cancellation_token_source cancellation;
  try {
    auto composed = Compose(request, credentials_, token);
    composed.set_response_stream(MakePipeBuffer(pipe).create_ostream());
    PassOn(connections_->client.request(composed, cancellation.get_token()), pipe);
  } catch (const std::exception& e) {
    return peer_->Unanswered(Reason(e).message);
  }
  return std::make_unique<Exchange>(peer_, pipe, [cancellation] { cancellation.cancel(); });
}

}  // namespace tollgate::kube
