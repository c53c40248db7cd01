#include "proxy/snapshot/controller_link.h"

#include <grpc/grpc.h>
#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <array>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "api/base/clock.h"
#include "api/snapshot.grpc.pb.h"

namespace tollgate::snapshot {
namespace {

// How long a controller may take to accept and to shake hands before the next try.
constexpr int kConnectMilliseconds = 5'000;

constexpr size_t kPlaces = 3;

size_t PlaceOf(const api::ProxyMessage& message) {
  if (message.has_hello()) return 0;
  return message.has_acknowledgement() ? 1 : 2;
}

grpc::ChannelArguments Arguments(const ControllerAddress& address, const api::PushKeepAlive& keep_alive) {
  grpc::ChannelArguments arguments;
  // We dial addresses; the certificate bears the name that they were found under.
  const bool is_ipv6 = address.host.find(':') != std::string::npos;
  arguments.SetString(GRPC_ARG_DEFAULT_AUTHORITY, is_ipv6 ? "[" + address.host + "]" : address.host);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, static_cast<int>(keep_alive.interval.count()));
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, static_cast<int>(keep_alive.timeout.count()));
  arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, kConnectMilliseconds);
  arguments.SetMaxReceiveMessageSize(static_cast<int>(api::kPushMessageBytes));
  // One link, one connection, one try; the rest is its owner's.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  arguments.SetInt(GRPC_ARG_SERVICE_CONFIG_DISABLE_RESOLUTION, 1);
  // Whatever http_proxy is set for, it is not for the way to the controller.
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  return arguments;
}

std::shared_ptr<grpc::Channel> Dial(const ControllerAddress& address, const TlsIdentity& identity,
                                    const api::PushKeepAlive& keep_alive) {
  grpc::SslCredentialsOptions options;
  options.pem_root_certs = identity.authorities;
  options.pem_private_key = identity.key;
  options.pem_cert_chain = identity.certificate;
  const std::string scheme = address.ip.find(':') == std::string::npos ? "ipv4:" : "ipv6:";
  return grpc::CreateCustomChannel(scheme + address.ToString(), grpc::SslCredentials(options),
                                   Arguments(address, keep_alive));
}

// gRPC calls the reactions on its own threads. A hold keeps the stream from ending between a message and the
// ReadOn that follows it from another thread; it is given up once, when nothing is to be started any more.
class GrpcLink final : public ControllerLink,
                       public std::enable_shared_from_this<GrpcLink>,
                       private grpc::ClientBidiReactor<api::ProxyMessage, api::ControllerMessage> {
 public:
  GrpcLink(const ControllerAddress& address, std::shared_ptr<grpc::Channel> channel, LinkEvents events)
      : name_(address.ToString()),
        channel_(std::move(channel)),
        stub_(api::ConfigPush::NewStub(channel_)),
        events_(std::move(events)) {}

  void Start() {
    self_ = shared_from_this();
    stub_->async()->Subscribe(&context_, this);
    StartRead(&in_);
    AddHold();
    StartCall();
  }

  void ReadOn() override {
    const std::scoped_lock lock(mutex_);
    if (held_) StartRead(&in_);
  }

  void Send(const api::ProxyMessage& message) override {
    const std::scoped_lock lock(mutex_);
    waiting_[PlaceOf(message)] = message;
    WriteNext();
  }

  void Cut() override {
    context_.TryCancel();
    LetGo();
  }

 private:
  void OnReadInitialMetadataDone(bool ok) override {
    if (ok) events_.on_open();
  }

  void OnReadDone(bool ok) override {
    if (ok) {
      events_.on_message(std::exchange(in_, {}));
    } else {
      LetGo();
    }
  }

  void OnWriteDone(bool ok) override {
    {
      const std::scoped_lock lock(mutex_);
      writing_ = false;
      if (ok) return WriteNext();
    }
    LetGo();
  }

  void OnDone(const grpc::Status& status) override {
    // Another thread may free this object before the call returns.
    const auto on_end = events_.on_end;
    on_end(Describe(status), std::move(self_));
  }

  // Under the lock. A hello goes first: what it says is older than what else waits.
  void WriteNext() {
    const auto next =
        std::find_if(waiting_.begin(), waiting_.end(), [](const auto& place) { return place.has_value(); });
    if (!held_ || writing_ || next == waiting_.end()) return;
    out_ = *std::exchange(*next, std::nullopt);
    writing_ = true;
    StartWrite(&out_);
  }

  void LetGo() {
    {
      const std::scoped_lock lock(mutex_);
      if (!std::exchange(held_, false)) return;
    }
    RemoveHold();
  }

  std::string Describe(const grpc::Status& status) const {
    if (status.ok()) return "the controller at " + name_ + " has ended the stream";
    const std::string sentence =
        "the controller at " + name_ + " cannot be followed: " + status.error_message();
    // A controller that turns a proxy away says why; one that does not know its certificate just hangs up.
    if (status.error_code() != grpc::StatusCode::UNAVAILABLE) return sentence;
    return sentence +
           "; check that it listens there and that --tls-cert, --tls-key and --tls-ca are of its "
           "installation";
  }

  const std::string name_;
  const std::shared_ptr<grpc::Channel> channel_;
  const std::unique_ptr<api::ConfigPush::Stub> stub_;
  const LinkEvents events_;
  grpc::ClientContext context_;
  std::shared_ptr<GrpcLink> self_;  // gRPC's share, until OnDone
  api::ControllerMessage in_;

  std::mutex mutex_;
  bool held_ = true;  // guarded by mutex_, as all below
  bool writing_ = false;
  std::array<std::optional<api::ProxyMessage>, kPlaces> waiting_;  // by PlaceOf, in the order of sending
  api::ProxyMessage out_;
};

}  // namespace

std::shared_ptr<ControllerLink> ControllerLink::Open(const ControllerAddress& address,
                                                     const TlsIdentity& identity,
                                                     const api::PushKeepAlive& keep_alive,
                                                     LinkEvents events) {
  api::RouteGrpcLog();
  auto link = std::make_shared<GrpcLink>(address, Dial(address, identity, keep_alive), std::move(events));
  link->Start();
  return link;
}

bool ControllerLink::AwaitEnd(std::chrono::milliseconds limit) {
  const SteadyTime end = SteadyNow() + limit;
  while (grpc_is_initialized() != 0) {
    if (SteadyNow() >= end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

}  // namespace tollgate::snapshot
