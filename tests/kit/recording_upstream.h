// An upstream that writes down every byte of every connection and answers each request that is complete by
// its own, independent reading of RFC 9112, so that a test sees what really arrived. Any thread may ask.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace tollgate::kit {

class RecordingUpstream {
 public:
  struct Request {
    std::string head;
    std::string body;  // decoded
  };

  // Answers every complete request with `answer`, a whole HTTP response.
  explicit RecordingUpstream(std::string answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
  ~RecordingUpstream();

  int port() const { return port_; }
  // The requests that arrived complete, and how many were begun in all.
  std::vector<Request> Complete() const;
  size_t begun() const { return begun_; }
  // Connections so far, and those that are open.
  size_t accepted() const { return accepted_; }
  size_t open() const;
  void Forget();
  void SetAnswer(std::string answer);
  // What becomes of the connection behind an answer. A reset is what a process leaves behind that dies.
  enum class Then : uint8_t { kKeep, kClose, kReset };
  // Answers one further request with these bytes, whole or not, before `SetAnswer` counts again.
  void AnswerNext(std::string bytes, Then then = Then::kKeep);
  // Ends every connection.
  void CloseConnections();
  // Stop accepting and close the listener, so that connections are refused.
  void StopListening();

 private:
  void AcceptConnections();
  void ServeConnection(int fd);
  bool TakeRequest(std::string& input, bool& begun);
  // False where the connection is over.
  bool Answer(int fd);

  int listener_ = -1;
  int port_ = 0;
  mutable std::mutex mutex_;
  std::string answer_;                             // guarded by mutex_
  std::deque<std::pair<std::string, Then>> next_;  // guarded by mutex_
  std::vector<Request> complete_;                  // guarded by mutex_
  std::vector<int> open_;                          // guarded by mutex_
  std::atomic<size_t> begun_{0};
  std::atomic<size_t> accepted_{0};
  std::vector<std::thread> connections_;  // the accepting thread's
  std::thread acceptor_;
};

}  // namespace tollgate::kit
