#include "controller/publish/push_endpoint.h"

#include <grpcpp/grpcpp.h>

#include <map>
#include <mutex>
#include <utility>
#include <vector>

#include "api/base/log.h"
#include "api/snapshot.grpc.pb.h"
#include "controller/publish/conversation.h"

namespace tollgate::publish {
namespace {

constexpr char kStops[] = "the controller stops, or has changed its certificates";

class Stream;

// The streams of an endpoint, and what they share.
class StreamSet {
 public:
  StreamSet(std::string installation, const PushLedger& ledger)
      : installation_(std::move(installation)), ledger_(ledger) {}

  std::shared_ptr<Stream> Add(std::shared_ptr<StreamSet> self, grpc::CallbackServerContext& context);
  void Remove(ProxyBook::StreamId id);
  void Offer(std::shared_ptr<const SnapshotFrames> snapshot);
  void EndAll();

  const std::string& installation() const { return installation_; }
  const PushLedger& ledger() const { return ledger_; }
  std::shared_ptr<const SnapshotFrames> newest() const {
    const std::scoped_lock lock(mutex_);
    return newest_;
  }

 private:
  std::vector<std::shared_ptr<Stream>> Live() const;

  const std::string installation_;
  const PushLedger ledger_;
  mutable std::mutex mutex_;                                     // taken after a stream's, never before
  std::map<ProxyBook::StreamId, std::shared_ptr<Stream>> live_;  // guarded by mutex_
  std::shared_ptr<const SnapshotFrames> newest_;                 // guarded by mutex_
  bool ending_ = false;                                          // guarded by mutex_
};

// The bytes are the snapshot's own, kept for as long as gRPC needs them: a hundred proxies share one copy.
grpc::ByteBuffer ToBuffer(const Conversation::Line& line) {
  auto* owner = new std::shared_ptr<const SnapshotFrames>(line.owner);
  const auto release = [](void* kept) { delete static_cast<std::shared_ptr<const SnapshotFrames>*>(kept); };
  const grpc::Slice slice(const_cast<char*>(line.message->data()), line.message->size(), release, owner);
  return {&slice, 1};
}

grpc::Status ToStatus(const Complaint& complaint) {
  const bool misuse = complaint.kind == Complaint::Kind::kMisuse;
  return {misuse ? grpc::StatusCode::INVALID_ARGUMENT : grpc::StatusCode::FAILED_PRECONDITION,
          complaint.sentence};
}

// One proxy's stream. gRPC calls the reactions on its own threads, several at once; starting an operation
// under the lock is safe, since gRPC never calls a reaction from within.
class Stream final : public grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer> {
 public:
  Stream(std::shared_ptr<StreamSet> set, ProxyBook::StreamId id, grpc::CallbackServerContext& context)
      : set_(std::move(set)),
        id_(id),
        context_(context),
        conversation_(set_->ledger().book, id, set_->installation()) {
    StartRead(&in_);
  }

  // There may be a newer snapshot: asks the set for it, so that two offers cannot overtake each other.
  void Offer() {
    {
      const std::scoped_lock lock(mutex_);
      std::shared_ptr<const SnapshotFrames> newest = set_->newest();
      if (finished_ || newest == nullptr) return;
      // The answer begins when there is something to say: until then the proxy looks elsewhere.
      if (!std::exchange(answered_, true)) StartSendInitialMetadata();
      conversation_.Offer(std::move(newest));
      WriteNext();
    }
    ReportChange();
  }

  void End() {
    const std::scoped_lock lock(mutex_);
    // A proxy that does not read would never see a status behind what it has not read.
    if (writing_) {
      context_.TryCancel();
    } else {
      FinishOnce({grpc::StatusCode::ABORTED, kStops});
    }
  }

 private:
  void OnReadDone(bool ok) override {
    {
      const std::scoped_lock lock(mutex_);
      if (!ok) return FinishOnce(grpc::Status::OK);
      if (finished_) return;
      Hear();
    }
    ReportChange();
  }

  void OnWriteDone(bool ok) override {
    const std::scoped_lock lock(mutex_);
    writing_ = false;
    out_.Clear();
    if (!ok) return FinishOnce({grpc::StatusCode::CANCELLED, "the proxy is gone"});
    WriteNext();
  }

  void OnCancel() override {
    const std::scoped_lock lock(mutex_);
    FinishOnce({grpc::StatusCode::CANCELLED, "the stream was cut"});
  }

  void OnDone() override {
    if (set_->ledger().book.Leave(id_, SteadyNow())) set_->ledger().bell.Ring();
    const std::shared_ptr<StreamSet> set = set_;  // survives this, which the next line may end
    set->Remove(id_);
  }

  // The rest: under the lock.
  void Hear() {
    api::ProxyMessage message;
    if (!grpc::SerializationTraits<api::ProxyMessage>::Deserialize(&in_, &message).ok()) {
      return FinishOnce({grpc::StatusCode::INVALID_ARGUMENT, "the message is no ProxyMessage"});
    }
    if (const std::optional<Complaint> complaint = conversation_.Hear(message)) {
      log::Warning("a proxy is turned away: " + complaint->sentence, {{"peer", context_.peer()}});
      return FinishOnce(ToStatus(*complaint));
    }
    StartRead(&in_);
    WriteNext();
  }

  void WriteNext() {
    if (finished_ || writing_) return;
    const std::optional<Conversation::Line> line = conversation_.Next();
    if (!line) return;
    set_->ledger().sent_bytes.fetch_add(line->message->size(), std::memory_order_relaxed);
    out_ = ToBuffer(*line);
    writing_ = true;
    StartWrite(&out_);
  }

  void FinishOnce(const grpc::Status& status) {
    if (!std::exchange(finished_, true)) Finish(status);
  }

  void ReportChange() {
    bool changed = false;
    {
      const std::scoped_lock lock(mutex_);
      changed = conversation_.TakeChanged();
    }
    if (changed) set_->ledger().bell.Ring();
  }

  const std::shared_ptr<StreamSet> set_;
  const ProxyBook::StreamId id_;
  grpc::CallbackServerContext& context_;

  std::mutex mutex_;
  Conversation conversation_;  // guarded by mutex_, as all below
  grpc::ByteBuffer in_;
  grpc::ByteBuffer out_;
  bool answered_ = false;
  bool writing_ = false;
  bool finished_ = false;
};

std::shared_ptr<Stream> StreamSet::Add(std::shared_ptr<StreamSet> self,
                                       grpc::CallbackServerContext& context) {
  const ProxyBook::StreamId id = ledger_.streams.fetch_add(1) + 1;
  const auto stream = std::make_shared<Stream>(std::move(self), id, context);
  bool ending = false;
  {
    const std::scoped_lock lock(mutex_);
    live_.emplace(id, stream);
    ending = ending_;
  }
  stream->Offer();
  if (ending) stream->End();
  return stream;
}

void StreamSet::Remove(ProxyBook::StreamId id) {
  std::shared_ptr<Stream> removed;  // freed after the lock
  const std::scoped_lock lock(mutex_);
  const auto found = live_.find(id);
  if (found == live_.end()) return;
  removed = std::move(found->second);
  live_.erase(found);
}

std::vector<std::shared_ptr<Stream>> StreamSet::Live() const {
  std::vector<std::shared_ptr<Stream>> streams;
  const std::scoped_lock lock(mutex_);
  for (const auto& [id, stream] : live_) streams.push_back(stream);
  return streams;
}

void StreamSet::Offer(std::shared_ptr<const SnapshotFrames> snapshot) {
  {
    const std::scoped_lock lock(mutex_);
    newest_ = std::move(snapshot);
  }
  for (const std::shared_ptr<Stream>& stream : Live()) stream->Offer();
}

void StreamSet::EndAll() {
  {
    const std::scoped_lock lock(mutex_);
    ending_ = true;
  }
  for (const std::shared_ptr<Stream>& stream : Live()) stream->End();
}

// The raw form of the method: messages go out as the bytes that were serialized once.
class PushService final : public api::ConfigPush::WithRawCallbackMethod_Subscribe<api::ConfigPush::Service> {
 public:
  explicit PushService(std::shared_ptr<StreamSet> streams) : streams_(std::move(streams)) {}

 private:
  grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* Subscribe(
      grpc::CallbackServerContext* context) override {
    return streams_->Add(streams_, *context).get();  // the set owns it until it is done
  }

  const std::shared_ptr<StreamSet> streams_;
};

std::shared_ptr<grpc::ServerCredentials> ToCredentials(const TlsIdentity& identity) {
  grpc::SslServerCredentialsOptions options(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  options.pem_root_certs = identity.authorities;
  options.pem_key_cert_pairs.push_back({identity.key, identity.certificate});
  return grpc::SslServerCredentials(options);
}

void KeepAlive(grpc::ServerBuilder& builder, const api::PushKeepAlive& keep_alive) {
  const int interval = static_cast<int>(keep_alive.interval.count());
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, interval);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, static_cast<int>(keep_alive.timeout.count()));
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  // The proxies ping as often as this end does; without this they would be sent away for it.
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, interval / 2);
  builder.AddChannelArgument(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS, 10'000);
}

}  // namespace

struct PushEndpoint::State {
  State(const EndpointOptions& options, const PushLedger& ledger)
      : streams(std::make_shared<StreamSet>(options.installation, ledger)), service(streams) {}

  const std::shared_ptr<StreamSet> streams;
  PushService service;
  std::unique_ptr<grpc::Server> server;
  int port = 0;
};

Result<std::unique_ptr<PushEndpoint>> PushEndpoint::Open(const EndpointOptions& options,
                                                         const PushLedger& ledger) {
  api::RouteGrpcLog();
  auto state = std::make_unique<State>(options, ledger);
  grpc::ServerBuilder builder;
  builder.AddListeningPort(options.address, ToCredentials(options.identity), &state->port);
  builder.SetMaxReceiveMessageSize(static_cast<int>(api::kProxyMessageBytes));
  KeepAlive(builder, options.keep_alive);
  builder.RegisterService(&state->service);
  state->server = builder.BuildAndStart();
  if (state->server == nullptr || state->port == 0) {
    return Fault{"cannot listen on " + options.address +
                 " for the push; choose another --push-address (HOST:PORT; port 0 picks a free one)"};
  }
  return std::unique_ptr<PushEndpoint>(new PushEndpoint(std::move(state)));
}

PushEndpoint::PushEndpoint(std::unique_ptr<State> state) : state_(std::move(state)) {}

PushEndpoint::~PushEndpoint() {
  state_->streams->EndAll();
  state_->server->Shutdown(std::chrono::system_clock::now() + std::chrono::seconds(1));
}

uint16_t PushEndpoint::port() const { return static_cast<uint16_t>(state_->port); }

void PushEndpoint::Offer(std::shared_ptr<const SnapshotFrames> snapshot) {
  state_->streams->Offer(std::move(snapshot));
}

}  // namespace tollgate::publish
