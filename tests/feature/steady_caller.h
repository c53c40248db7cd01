// Who sends one request after the other, of which none may fail, while the gateway ends or is replaced.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <thread>

#include "tests/kit/raw_client.h"

namespace tollgate {

// Sends one request after the other until it is told to end. Keeps its connection for as long as the answers
// let it, and never sends a request twice. A thread of its own.
class SteadyCaller {
 public:
  static constexpr const char* kRequest = "GET / HTTP/1.1\r\nHost: a.example\r\n\r\n";
  static constexpr const char* kEnd = "\r\n\r\nok";  // of its answer

  SteadyCaller(int port, bool keeps_alive)
      : thread_([this, port, keeps_alive] { Call(port, keeps_alive); }) {}
  ~SteadyCaller() { Stop(); }
  void Stop() {
    stop_ = true;
    if (thread_.joinable()) thread_.join();
  }
  // `told` counts the answers that ended their connection although a next request was to follow.
  std::atomic<int> answered{0}, told{0}, failed{0};

 private:
  void Call(int port, bool keeps_alive) {
    std::unique_ptr<kit::RawClient> connection;
    while (!stop_) {
      if (!connection) connection = std::make_unique<kit::RawClient>(port);
      connection->Send(kRequest);
      const std::string answer = connection->ReadUntil(kEnd);
      const bool whole = answer.starts_with("HTTP/1.1 200") && answer.ends_with(kEnd);
      (whole ? answered : failed) += 1;
      const bool closes = answer.find("Connection: close") != std::string::npos;
      if (closes) ++told;
      if (closes || !whole || !keeps_alive) connection.reset();
    }
  }
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

}  // namespace tollgate
