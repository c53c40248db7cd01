#include "controller/admin/admin_server.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <thread>
#include <utility>

#include "controller/admin/admin_session.h"
#include "controller/admin/listen_address.h"

namespace tollgate::admin {
namespace {

using boost::asio::ip::tcp;
using boost::system::error_code;

// A few Prometheus servers, the kubelet, somebody with curl; more is somebody else's mistake.
constexpr size_t kMaxConnections = 64;
// Accepting fails where the process has no descriptors left; trying at once would only spin.
constexpr std::chrono::milliseconds kAcceptPause{100};

}  // namespace

struct AdminServer::State {
  explicit State(Pages all) : pages(std::move(all)) {}

  error_code Listen(const tcp::endpoint& endpoint);
  void Accept();
  void OnAccept(error_code error, tcp::socket socket);

  const Pages pages;
  size_t connections = 0;  // the server's thread alone; before the loop, which ends them
  boost::asio::io_context loop{1};
  tcp::acceptor acceptor{loop};
  boost::asio::steady_timer pause{loop};
  uint16_t port = 0;
  std::thread thread;
};

error_code AdminServer::State::Listen(const tcp::endpoint& endpoint) {
  error_code error;
  acceptor.open(endpoint.protocol(), error);
  if (error) return error;
  acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  // "[::]" is every address, also where the system's default says otherwise.
  if (endpoint.protocol() == tcp::v6()) acceptor.set_option(boost::asio::ip::v6_only(false), error);
  acceptor.bind(endpoint, error);
  if (error) return error;
  port = acceptor.local_endpoint(error).port();
  if (error) return error;
  acceptor.listen(tcp::acceptor::max_listen_connections, error);
  return error;
}

void AdminServer::State::Accept() {
  acceptor.async_accept([this](error_code error, tcp::socket socket) { OnAccept(error, std::move(socket)); });
}

void AdminServer::State::OnAccept(error_code error, tcp::socket socket) {
  if (error) {
    pause.expires_after(kAcceptPause);
    pause.async_wait([this](error_code) { Accept(); });
    return;
  }
  // One too many is closed at once, so that it knows.
  if (connections < kMaxConnections) {
    ++connections;
    std::shared_ptr<void> seat(nullptr, [this](void*) { --connections; });
    std::make_shared<AdminSession>(std::move(socket), pages, std::move(seat))->ReadRequest();
  }
  Accept();
}

AdminServer::AdminServer(std::unique_ptr<State> state) : state_(std::move(state)) {}

Result<std::unique_ptr<AdminServer>> AdminServer::Start(const std::string& address, Pages pages) {
  const auto endpoint = ParseListenAddress(address);
  if (!endpoint) {
    return Fault{"cannot listen on \"" + address +
                 "\": it is not IP:PORT or [IPV6]:PORT; write 0.0.0.0:PORT for all addresses"};
  }
  auto state = std::make_unique<State>(std::move(pages));
  if (const error_code error = state->Listen(*endpoint)) {
    return Fault{"cannot listen on " + address + ": " + error.message() +
                 "; choose another address, or port 0 for a free one"};
  }
  state->Accept();
  state->thread = std::thread([raw = state.get()] { raw->loop.run(); });
  return std::unique_ptr<AdminServer>(new AdminServer(std::move(state)));
}

AdminServer::~AdminServer() {
  state_->loop.stop();
  state_->thread.join();
}

uint16_t AdminServer::port() const { return state_->port; }

}  // namespace tollgate::admin
