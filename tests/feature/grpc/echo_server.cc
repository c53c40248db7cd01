#include "tests/feature/grpc/echo_server.h"

#include <thread>

#include "tests/kit/eventually.h"

namespace tollgate::test {
namespace {

std::string ValueIn(const std::multimap<grpc::string_ref, grpc::string_ref>& metadata, const char* name) {
  const auto found = metadata.find(name);
  return found == metadata.end() ? "" : std::string(found->second.data(), found->second.size());
}

grpc::Status StatusFor(const Text& in, grpc::ServerContext& context) {
  if (in.fail_with() == 0) return grpc::Status::OK;
  context.AddTrailingMetadata("x-why", "asked");
  return {static_cast<grpc::StatusCode>(in.fail_with()), "as told: 100 %", "details"};
}

}  // namespace

// One for a call: thousands may be open, and take no thread.
class EchoServer::Talker final : public grpc::ServerBidiReactor<Text, Text> {
 public:
  explicit Talker(std::atomic<int>& cancelled) : cancelled_(cancelled) { StartRead(&piece_); }
  void OnReadDone(bool came) override { came ? StartWrite(&piece_) : Finish(grpc::Status::OK); }
  void OnWriteDone(bool taken) override { taken ? StartRead(&piece_) : Finish(grpc::Status::OK); }
  void OnCancel() override { ++cancelled_; }
  void OnDone() override { delete this; }

 private:
  std::atomic<int>& cancelled_;
  Text piece_;
};

EchoServer::EchoServer(std::shared_ptr<grpc::ServerCredentials> credentials) {
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", std::move(credentials), &port_);
  builder.RegisterService(this);
  server_ = builder.BuildAndStart();
}

EchoServer::~EchoServer() { server_->Shutdown(std::chrono::system_clock::now()); }

std::string EchoServer::LastMetadata(const std::string& name) {
  const std::scoped_lock lock(mutex_);
  const auto found = metadata_.find(name);
  return found == metadata_.end() ? "" : found->second;
}

void EchoServer::Note(const grpc::ServerContext& context) {
  const std::scoped_lock lock(mutex_);
  metadata_.clear();
  for (const auto& [name, value] : context.client_metadata()) {
    metadata_.emplace(std::string(name.data(), name.size()), std::string(value.data(), value.size()));
  }
}

grpc::Status EchoServer::Unary(grpc::ServerContext* context, const Text* in, Text* out) {
  using std::chrono::milliseconds;
  Note(*context);
  const auto left = context->deadline() - std::chrono::system_clock::now();
  time_left_ms_ = std::chrono::duration_cast<milliseconds>(left).count();
  ++begun_;
  const auto& metadata = context->client_metadata();
  const std::string text = ValueIn(metadata, "x-in");
  if (!text.empty()) context->AddInitialMetadata("x-head", text);
  if (!text.empty()) context->AddTrailingMetadata("x-out", text);
  const std::string bytes = ValueIn(metadata, "x-in-bin");
  if (!bytes.empty()) context->AddTrailingMetadata("x-out-bin", bytes);
  if (in->wait()) AwaitEnd(*context);
  out->set_text(in->text());
  return StatusFor(*in, *context);
}

grpc::Status EchoServer::Collect(grpc::ServerContext*, grpc::ServerReader<Text>* in, Text* out) {
  ++begun_;
  Text piece;
  while (in->Read(&piece)) out->mutable_text()->append(piece.text());
  return grpc::Status::OK;
}

grpc::Status EchoServer::Listen(grpc::ServerContext*, grpc::ServerReaderWriter<Text, Text>* both) {
  Text in;
  if (!both->Read(&in)) return grpc::Status::OK;
  for (uint32_t i = 0; i < in.times(); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(in.pause_ms()));
    both->Write(in);
  }
  while (both->Read(&in)) {
  }
  return grpc::Status::OK;
}

grpc::Status EchoServer::Repeat(grpc::ServerContext* context, const Text* in, grpc::ServerWriter<Text>* out) {
  ++begun_;
  for (uint32_t i = 0; i < in->times(); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(in->pause_ms()));
    if (!out->Write(*in)) break;
    ++written_;
  }
  if (in->wait()) AwaitEnd(*context);
  return StatusFor(*in, *context);
}

grpc::ServerBidiReactor<Text, Text>* EchoServer::Talk(grpc::CallbackServerContext*) {
  return new Talker(cancelled_);
}

void EchoServer::AwaitEnd(const grpc::ServerContext& context) {
  if (kit::Eventually([&] { return context.IsCancelled(); })) ++cancelled_;
}

}  // namespace tollgate::test
