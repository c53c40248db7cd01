#include "proxy/admin/operator_port.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "api/base/log.h"
#include "proxy/net/address_flag.h"

namespace tollgate::admin {
namespace {

bool IsLoopback(const io::Address& address) {
  return address.ip() == "::1" || address.ip().starts_with("127.");
}

// As an operator's signal does it, so that there is one way into a drain.
void DrainThisProcess() { ::kill(::getpid(), SIGTERM); }

}  // namespace

void OperatorFlags::AddTo(FlagSet& set) {
  set.Add("admin-address", address,
          "Address on loopback and port of /config_dump, /clusters, /connections, /drain; off: none");
  set.Add("admin-socket", socket, "Unix socket of the same, for this process's user alone; empty: none");
}

Result<OperatorOptions> ReadOperatorFlags(const OperatorFlags& flags) {
  const auto address = net::ReadOptionalAddressFlag("admin-address", flags.address);
  if (!address) return address.error();
  if (*address && !IsLoopback(**address)) {
    return Fault{"--admin-address \"" + flags.address +
                 "\" is not on loopback: whoever reaches it reads the configuration and may end the process; "
                 "write 127.0.0.1 and a port, or give --admin-socket"};
  }
  return OperatorOptions{*address, flags.socket};
}

Result<OperatorPort> OperatorPort::Open(const OperatorOptions& options, const net::Gateway& gateway,
                                        takeover::Inheritance& inheritance, bool replaces) {
  OperatorPort port;
  if (options.address) {
    auto server = AdminServer::Open(*options.address, OperatorPages(gateway, DrainThisProcess),
                                    inheritance.Take(takeover::kAdmin, *options.address));
    if (!server) return server.error();
    port.at_address_ = *std::move(server);
    port.at_address_->RefuseBrowsers();
  }
  if (options.socket.empty()) return port;
  if (const Status<> opened = port.OpenSocket(options.socket, gateway, replaces); !opened) {
    return opened.error();
  }
  return port;
}

Status<> OperatorPort::OpenSocket(const std::string& path, const net::Gateway& gateway, bool replaces) {
  socket_ = path;
  const auto answering = takeover::ConnectTo(path, takeover::kAdminSocket);
  if (!answering) return answering.error();
  if (answering->ok() && !replaces) {
    return Fault{"the admin socket \"" + path +
                 "\" is another process's that runs; stop that one, or give another path"};
  }
  auto place = takeover::SocketPath::Prepare(path, takeover::kAdminSocket);
  if (!place) return place.error();
  path_ = std::make_unique<takeover::SocketPath>(*std::move(place));
  std::vector<io::Descriptor> socket;
  socket.emplace_back(::fcntl(path_->socket(), F_DUPFD_CLOEXEC, 0));
  auto server = AdminServer::Open({}, OperatorPages(gateway, DrainThisProcess), std::move(socket));
  if (!server) return server.error();
  at_socket_ = *std::move(server);
  return Done{};
}

void OperatorPort::Start() {
  if (at_address_ != nullptr) at_address_->Start();
  if (at_socket_ == nullptr) return;
  if (const Status<> opened = path_->Open(); !opened) return log::Error(opened.error().message);
  at_socket_->Start();
}

void OperatorPort::StopAccepting() {
  for (const auto& server : {at_address_.get(), at_socket_.get()}) {
    if (server != nullptr) server->StopAccepting();
  }
}

void OperatorPort::AppendTo(std::vector<takeover::Listener>& listeners) const {
  if (at_address_ == nullptr) return;
  listeners.push_back(takeover::Duplicate(takeover::kAdmin, 0, at_address_->socket()));
}

void OperatorPort::AppendTo(std::vector<std::pair<std::string, uint16_t>>& ports) const {
  if (at_address_ != nullptr) ports.emplace_back("admin", at_address_->local().port());
}

std::string OperatorPort::text() const {
  std::string text = at_address_ == nullptr ? "" : at_address_->local().ToString();
  if (!socket_.empty()) text += (text.empty() ? "" : " ") + socket_;
  return text.empty() ? "off" : text;
}

}  // namespace tollgate::admin
