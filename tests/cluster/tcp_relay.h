// A TCP relay on the way to a real server, for faults of the network: connections that fall silent, are cut,
// or are not to be had. One thread of its own; the verbs may be called from any.
#pragma once

#include <atomic>
#include <cstdint>
#include <list>
#include <mutex>
#include <string>
#include <thread>

namespace tollgate::testing {

class TcpRelay {
 public:
  // Listens on a free port of `address` and passes bytes on to `target_address`:`target_port`.
  TcpRelay(const std::string& address, const std::string& target_address, uint16_t target_port);
  ~TcpRelay();

  uint16_t port() const { return port_; }
  // How many connections were passed on so far.
  int connections() const { return connections_; }

  // The connections that are open now carry nothing any more, without an end; new ones are passed on.
  void Silence();
  // Ends the open connections, and each new one at once.
  void Cut();
  // New connections are passed on again.
  void Mend() { cut_ = false; }

 private:
  struct Pair {
    int client;
    int server;
    bool silent = false;
  };

  void Run();
  void Accept();
  // Passes what is there from one side to the other; false at the end of either.
  bool Pass(int from, int to);
  void Close(const Pair& pair);

  const std::string target_address_;
  const uint16_t target_port_;
  int listener_;
  uint16_t port_ = 0;
  std::atomic<int> connections_ = 0;
  std::atomic<bool> cut_ = false;
  std::atomic<bool> ending_ = false;

  std::mutex mutex_;
  std::list<Pair> pairs_;  // guarded by mutex_

  std::thread thread_;
};

}  // namespace tollgate::testing
