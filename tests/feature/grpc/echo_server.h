// A server of the Echo service by grpc++, which is not our code. Any thread may ask for what it counted.
#pragma once

#include <grpcpp/grpcpp.h>

#include <atomic>
#include <memory>

#include "tests/feature/grpc/echo.grpc.pb.h"

namespace tollgate::test {

// What a caller sent comes back; its metadata "x-in" as initial metadata "x-head" and trailing "x-out", and
// "x-in-bin" as trailing "x-out-bin".
class EchoServer final : private Echo::WithCallbackMethod_Talk<Echo::Service> {
 public:
  explicit EchoServer(
      std::shared_ptr<grpc::ServerCredentials> credentials = grpc::InsecureServerCredentials());
  ~EchoServer();

  int port() const { return port_; }
  int begun() const { return begun_; }          // calls, but for Talk
  int cancelled() const { return cancelled_; }  // calls whose caller has gone
  int written() const { return written_; }      // answers of Repeat that were taken
  // For how much longer the caller of the last unary call waited when it began.
  std::chrono::milliseconds last_time_left() const { return std::chrono::milliseconds(time_left_ms_); }
  // The last call's metadata of this name; empty: it had none.
  std::string LastMetadata(const std::string& name);

 private:
  class Talker;

  grpc::Status Unary(grpc::ServerContext* context, const Text* in, Text* out) override;
  grpc::Status Collect(grpc::ServerContext* context, grpc::ServerReader<Text>* in, Text* out) override;
  grpc::Status Repeat(grpc::ServerContext* context, const Text* in, grpc::ServerWriter<Text>* out) override;
  grpc::Status Listen(grpc::ServerContext* context, grpc::ServerReaderWriter<Text, Text>* both) override;
  grpc::ServerBidiReactor<Text, Text>* Talk(grpc::CallbackServerContext* context) override;
  void AwaitEnd(const grpc::ServerContext& context);
  void Note(const grpc::ServerContext& context);

  int port_ = 0;
  std::atomic<int> begun_ = 0;
  std::atomic<int> cancelled_ = 0;
  std::atomic<int> written_ = 0;
  std::atomic<int64_t> time_left_ms_ = 0;
  std::mutex mutex_;
  std::multimap<std::string, std::string> metadata_;  // guarded by mutex_
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace tollgate::test
