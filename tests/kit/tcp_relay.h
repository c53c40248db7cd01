// A TCP relay on the way to a real server, for faults of the network: connections that fall silent, lose what
// goes one way, are slow, are reset in the middle of an answer, are cut, or are not to be had. One thread of
// its own; the verbs may be called from any, and are noticed within milliseconds.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

struct pollfd;

namespace tollgate::kit {

class TcpRelay {
 public:
  // Listens on a free port of `address` and passes bytes on to `target_address`:`target_port`.
  TcpRelay(const std::string& address, const std::string& target_address, uint16_t target_port);
  ~TcpRelay();
  TcpRelay(const TcpRelay&) = delete;
  TcpRelay& operator=(const TcpRelay&) = delete;

  uint16_t port() const { return port_; }
  // How many connections were passed on so far.
  int connections() const { return connections_; }

  enum class Way : uint8_t { kToServer, kToClient };

  // The connections that are open now carry nothing any more, without an end; new ones are passed on.
  void Silence();
  // What goes this way is lost, over open connections and new ones, until Mend(). TCP loses nothing in the
  // middle: whatever has lost a byte is lost for good that way.
  void Lose(Way way);
  // What is sent from now on arrives so much later, both ways.
  void Delay(std::chrono::milliseconds by) { delay_ = by; }
  // Each connection is reset at both ends as soon as so many further bytes of answers were passed on, until
  // Mend().
  void ResetAfter(size_t bytes);
  // Ends the open connections, and each new one at once.
  void Cut();
  // New connections are passed on again, whole.
  void Mend();

 private:
  using Clock = std::chrono::steady_clock;
  struct Piece {
    Clock::time_point due;
    std::string bytes;
  };
  // One way of a connection.
  struct Flow {
    int from;
    int to;
    std::deque<Piece> under_way = {};
    bool lost = false;
    bool ended = false;  // nothing more comes
  };
  struct Pair {
    Flow to_server;
    Flow to_client;
    bool silent = false;
    std::optional<size_t> reset_after = {};
  };

  void Run();
  std::vector<pollfd> Wanted();
  void Accept();
  // Each false where the connection is over.
  bool Turn(Pair& pair);
  bool Take(Flow& flow);
  bool Pass(Flow& flow, std::optional<size_t>& most) const;
  static void Reset(const Pair& pair);
  static void Close(const Pair& pair);

  const std::string target_address_;
  const uint16_t target_port_;
  int listener_;
  uint16_t port_ = 0;
  std::atomic<int> connections_ = 0;
  std::atomic<std::chrono::milliseconds> delay_{std::chrono::milliseconds(0)};
  std::atomic<bool> ending_ = false;

  std::mutex mutex_;
  std::list<Pair> pairs_;        // guarded by mutex_
  bool cut_ = false;             // guarded by mutex_, as what follows
  bool lose_to_server_ = false;  // of new connections
  bool lose_to_client_ = false;
  std::optional<size_t> reset_after_;

  std::thread thread_;
};

}  // namespace tollgate::kit
