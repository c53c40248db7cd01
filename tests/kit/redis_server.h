// A real redis-server of a test's own, on a loopback port that was free: started, frozen, killed and started
// again under the test's hands. Nothing is on disk unless a flag asks for it. One thread.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tests/kit/process.h"
#include "tests/kit/temp_folder.h"

namespace tollgate::kit {

class RedisServer {
 public:
  // Starts one and waits until it serves; throws where it does not. `flags` are redis-server's own and win
  // over those given here: {"--maxmemory-policy", "noeviction"}, {"--requirepass", "…"}, {"--appendonly",
  // "yes"}. With a password, Ask() gives it.
  explicit RedisServer(std::vector<std::string> flags = {});
  ~RedisServer();
  RedisServer(const RedisServer&) = delete;
  RedisServer& operator=(const RedisServer&) = delete;

  int port() const { return port_; }
  // "redis://127.0.0.1:PORT/0", without a password.
  std::string url() const { return "redis://127.0.0.1:" + std::to_string(port_) + "/0"; }
  const Process& process() const { return *process_; }
  // What it keeps on disk, appendonlydir and dump.rdb included; outlives Kill().
  const TempFolder& folder() const { return folder_; }
  std::string Log() const { return folder_.Read("redis.log"); }

  // Stops it in the middle of what it does (SIGSTOP): the kernel still accepts connections and bytes.
  void Freeze() const;
  // And lets it go on: it does first what came while it was frozen.
  void Thaw() const;
  // kill -9; connections are refused from here on.
  void Kill();
  // Starts it again after Kill(), on the same port and folder, and waits until it serves. `StartUnawaited`
  // does not wait: to meet it while it loads.
  void Start();
  void StartUnawaited();

  // Sends one command by redis-cli and returns what it prints, a line for each element, without the last line
  // end; an error reply's text as it is. Not while it is frozen.
  std::string Ask(const std::vector<std::string>& command) const;
  // The keys that a glob matches, sorted.
  std::vector<std::string> Keys(const std::string& pattern = "*") const;

 private:
  bool TryStart();

  const TempFolder folder_;
  const std::vector<std::string> flags_;
  int port_ = 0;
  std::unique_ptr<Process> process_;
};

}  // namespace tollgate::kit
