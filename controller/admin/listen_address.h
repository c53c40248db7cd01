// "HOST:PORT" as a flag gives it, as an endpoint to listen on. For admin_server.cc; any thread.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <optional>
#include <string>

namespace tollgate::admin {

// HOST an IP address, a v6 one in brackets, or empty for all addresses. Nothing for any other text.
std::optional<boost::asio::ip::tcp::endpoint> ParseListenAddress(const std::string& text);

}  // namespace tollgate::admin
