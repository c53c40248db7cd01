// How cpprestsdk is to connect to the API server: TLS, keep-alive, limits. Called by transport.cc.
#pragma once

#include <memory>

#include "controller/kube/credentials.h"
#include "controller/kube/peer.h"

namespace web::http::client {
class http_client_config;
}

namespace tollgate::kube {

// The host whose certificate is expected: a name or an address.
std::string ExpectedHost(const Credentials& credentials);

// TLS is set up anew for each connection, so that rotated certificates are used without a restart.
web::http::client::http_client_config ConfigureConnections(const Credentials& credentials,
                                                           std::shared_ptr<Peer> peer);

}  // namespace tollgate::kube
